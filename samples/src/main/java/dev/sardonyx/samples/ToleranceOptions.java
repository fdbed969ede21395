package dev.sardonyx.samples;

import dev.sardonyx.runtime.Tolerance;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options of all commands that compare numbers. */
final class ToleranceOptions {
  @Option(
      names = "--rtol",
      paramLabel = "R",
      defaultValue = "1e-3",
      description = "Relative tolerance of the verification (default: ${DEFAULT-VALUE}).")
  private double rtol;

  @Option(
      names = "--atol",
      paramLabel = "A",
      defaultValue = "1e-5",
      description = "Absolute tolerance of the verification (default: ${DEFAULT-VALUE}).")
  private double atol;

  /** The tolerance, if the values are valid. */
  Tolerance tolerance(CommandSpec spec) {
    require(spec, "--rtol", rtol);
    require(spec, "--atol", atol);
    return new Tolerance(rtol, atol);
  }

  private static void require(CommandSpec spec, String option, double value) {
    Requirement.on(
        spec,
        value >= 0 && value < Double.POSITIVE_INFINITY,
        option,
        value,
        value > 0 ? "finite" : "0 or more");
  }
}
