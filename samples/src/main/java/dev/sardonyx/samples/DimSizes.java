package dev.sardonyx.samples;

import dev.sardonyx.ir.Model;
import dev.sardonyx.runtime.input.MadeUpInputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The values of options such as {@code --dim}, which give symbols sizes. */
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
    require(command, "--dim", sizes, known);
  }

  /** The same for another option. */
  static void require(
      CommandSpec command, String option, Map<String, Long> sizes, Set<String> known) {
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
                command.commandLine(),
                "Invalid value for option '%s': %s".formatted(option, wrong));
          }
        });
  }

  /** Reads the types of a model's inputs, at least. */
  @FunctionalInterface
  interface TypesReader {
    Model read(Path file) throws IOException;

    /** Reads ONNX files without what lies beside them. */
    static TypesReader onnx(CommandSpec command) {
      return file -> ModelArgument.read(command, file, !StandardStreams.isReadOnce(file));
    }
  }

  /**
   * Checks the symbols that are named by options. Of several files all are known before work on the
   * first begins, for one need not have what another has; unless a file cannot be read, which is
   * reported when its turn comes.
   *
   * @param named the symbols that are named
   * @param requirement throws if a symbol that is named is not among those of the inputs
   * @return checks a model that was read, if it is that of the only file
   */
  static Consumer<Model> check(
      List<Path> files,
      Collection<String> named,
      TypesReader reader,
      Consumer<Set<String>> requirement) {
    if (files.size() == 1) {
      return model -> requirement.accept(MadeUpInputs.symbols(model));
    }
    if (!named.isEmpty()) {
      known(files, reader).ifPresent(requirement);
    }
    return model -> {};
  }

  private static Optional<Set<String>> known(List<Path> files, TypesReader reader) {
    Set<String> known = new TreeSet<>();
    try {
      for (Path file : files) {
        known.addAll(MadeUpInputs.symbols(reader.read(file)));
      }
    } catch (IOException
        | RuntimeException
        | OutOfMemoryError
        | StackOverflowError
        | LinkageError e) {
      return Optional.empty();
    }
    return Optional.of(known);
  }

  /** Those of the sizes whose symbols the inputs of a model have. */
  static Map<String, Long> of(Model model, Map<String, Long> sizes) {
    Map<String, Long> its = new LinkedHashMap<>(sizes);
    its.keySet().retainAll(MadeUpInputs.symbols(model));
    return its;
  }
}
