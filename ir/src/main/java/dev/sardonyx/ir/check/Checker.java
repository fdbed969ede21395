package dev.sardonyx.ir.check;

import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.Problem;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds everything that is wrong with a model. One checker serves building, reading and exporting.
 * Its work is linear in the size of the graph.
 */
public final class Checker {
  private Checker() {}

  /** All problems of a model; an empty report for a valid one. */
  public static Report check(Model model) {
    return check(model, Limits.standard());
  }

  /** The same within limits; one problem for a model that nests deeper. */
  public static Report check(Model model, Limits limits) {
    Nesting nesting = Nesting.of(model);
    try {
      nesting.requireDepth(limits);
    } catch (LimitExceededException e) {
      return new Report(List.of(e.problem(model.graph().name())));
    }
    return nesting.run(() -> checked(model, limits));
  }

  private static Report checked(Model model, Limits limits) {
    List<Problem> problems = new ArrayList<>();
    ModelRules.check(model, problems);
    FunctionRules.check(model, problems);
    List<Problem> types = CheckWalk.through(model, limits, problems);
    // Types that follow from a broken structure would only repeat what is wrong with it.
    problems.addAll(Consequences.mark(types, problems));
    return new Report(problems);
  }

  /**
   * Checks a model and gives it back.
   *
   * @throws InvalidModelException if it has errors, naming all of them
   */
  public static Model require(Model model) {
    Report report = check(model);
    if (!report.isValid()) {
      throw new InvalidModelException(report);
    }
    return model;
  }
}
