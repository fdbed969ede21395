package dev.sardonyx.samples;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.runtime.input.InputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The options of commands that run a model on inputs from files, or on made-up ones. */
final class GivenInputs {
  @Option(
      names = "--input",
      paramLabel = "NAME=FILE",
      description = {
        "A value for an input, from .npy, .npz (FILE#ARRAY for one of several), .pb, .json,",
        "a picture (.png, .jpg, ...), or strings, one a line (.txt). Others are made up."
      })
  private Map<String, String> given = new LinkedHashMap<>();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Decides the inputs that are made up (default: ${DEFAULT-VALUE}).")
  private long seed;

  /** Decides the inputs that are made up. */
  long seed() {
    return seed;
  }

  /** The files that are read. */
  List<Path> files() {
    return given.values().stream().map(text -> inputFile(text).file()).toList();
  }

  /**
   * Reads what is given.
   *
   * @throws IllegalArgumentException if the model has no input of a name
   */
  Map<String, Datum> read(Model model) throws IOException {
    Map<String, Datum> read = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : given.entrySet()) {
      Input input =
          model.graph().inputs().stream()
              .filter(i -> i.name().equals(entry.getKey()))
              .findFirst()
              .orElseThrow(() -> noInput(entry.getKey(), model));
      read.put(entry.getKey(), inputFile(entry.getValue()).read(input));
    }
    return read;
  }

  private static InputFile inputFile(String text) {
    int hash = text.lastIndexOf('#');
    return hash > 0 && Files.notExists(Path.of(text))
        ? new InputFile(Path.of(text.substring(0, hash)), text.substring(hash + 1))
        : InputFile.of(Path.of(text));
  }

  private static IllegalArgumentException noInput(String name, Model model) {
    return new IllegalArgumentException(
        "--input: the model has no input '%s'; it takes %s"
            .formatted(
                name,
                model.graph().inputs().stream()
                    .map(input -> input.name() + " " + input.type())
                    .collect(Collectors.joining(", "))));
  }
}
