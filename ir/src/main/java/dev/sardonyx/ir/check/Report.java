package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** All that the checker found, root causes first. */
public record Report(List<Problem> problems) {
  public Report {
    problems =
        java.util.stream.Stream.concat(
                problems.stream().filter(p -> !p.consequence()),
                problems.stream().filter(Problem::consequence))
            .toList();
  }

  /** Whether there is no error; warnings do not make a model invalid. */
  public boolean isValid() {
    return errors().isEmpty();
  }

  public List<Problem> errors() {
    return problems.stream().filter(p -> p.severity() == Problem.Severity.ERROR).toList();
  }

  public List<Problem> warnings() {
    return problems.stream().filter(p -> p.severity() == Problem.Severity.WARNING).toList();
  }

  /** The problems that do not follow from others. */
  public List<Problem> rootCauses() {
    return problems.stream().filter(p -> !p.consequence()).toList();
  }

  public List<Problem> consequences() {
    return problems.stream().filter(Problem::consequence).toList();
  }

  /** A line a problem. */
  @Override
  public String toString() {
    return problems.stream()
        .map(p -> p.consequence() ? "  (follows) " + p : p.toString())
        .collect(Collectors.joining("\n"));
  }
}
