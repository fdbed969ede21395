package dev.sardonyx.samples;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What the value of an option has to be. */
final class Requirement {
  private Requirement() {}

  /**
   * @throws ParameterException naming the option and its value unless the condition holds
   */
  static void on(
      CommandSpec spec, boolean condition, String option, @Nullable Object value, String wanted) {
    if (!condition) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '%s': '%s' is not %s".formatted(option, value, wanted));
    }
  }
}
