package dev.sardonyx.export.mutants;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.ProblemCode;

/**
 * A valid model with one fault put in.
 *
 * @param fault what was done to it
 * @param code the problem the checker must find
 * @param node the label of the node it must name, empty for a fault at no node
 */
record Mutant(String fault, Model model, ProblemCode code, String node) {}
