package dev.sardonyx.samples;

import dev.sardonyx.runtime.Tolerance;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

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
    boolean relative = rtol >= 0 && rtol < Double.POSITIVE_INFINITY;
    if (!relative || !(atol >= 0 && atol < Double.POSITIVE_INFINITY)) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '%s': '%s' is not %s"
              .formatted(
                  relative ? "--atol" : "--rtol",
                  relative ? atol : rtol,
                  (relative ? atol : rtol) > 0 ? "finite" : "0 or more"));
    }
    return new Tolerance(rtol, atol);
  }
}
