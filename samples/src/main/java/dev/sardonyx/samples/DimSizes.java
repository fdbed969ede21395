package dev.sardonyx.samples;

import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The values of the option {@code --dim}. */
final class DimSizes {
  private DimSizes() {}

  /**
   * Makes sure that sizes are valid and belong to existing symbols: a misspelt name would otherwise
   * be ignored silently.
   *
   * @param known the symbols in the shapes of inputs
   * @throws ParameterException naming the invalid size
   */
  static void require(CommandSpec command, Map<String, Long> sizes, Set<String> known) {
    sizes.forEach(
        (name, size) -> {
          String wrong = null;
          if (size < 0) {
            wrong = "'%s=%d' is not 0 or more".formatted(name, size);
          } else if (!known.contains(name)) {
            String there = (known.size() == 1 ? "is " : "are ") + String.join(", ", known);
            wrong =
                "no input has a symbol '%s' in its shape; there %s"
                    .formatted(name, known.isEmpty() ? "are none" : there);
          }
          if (wrong != null) {
            throw new ParameterException(
                command.commandLine(), "Invalid value for option '--dim': " + wrong);
          }
        });
  }
}
