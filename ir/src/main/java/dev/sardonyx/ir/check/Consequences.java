package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Problem;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Tells type problems that only follow from a problem of structure at the same node. */
final class Consequences {
  private Consequences() {}

  static List<Problem> mark(List<Problem> typeProblems, List<Problem> structural) {
    Set<List<String>> broken = new HashSet<>();
    structural.stream()
        .filter(p -> p.severity() == Problem.Severity.ERROR && !p.node().isEmpty())
        .forEach(p -> broken.add(List.of(p.graph(), p.node())));
    return typeProblems.stream()
        .map(p -> broken.contains(List.of(p.graph(), p.node())) ? p.asConsequence() : p)
        .toList();
  }
}
