package dev.sardonyx.export.mutants;

import dev.sardonyx.ir.Model;
import java.util.Optional;

/** Puts one kind of fault into a model, where the model has the right place for it. */
@FunctionalInterface
interface Mutation {
  Optional<Mutant> apply(Model model);
}
