package dev.sardonyx.samples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** An option of commands that can write what they found into a file as well. */
sealed interface ResultFile permits JsonOption, ReportOption, ViewOption {
  /** The name of the option. */
  String name();

  /** The file asked for; null for none. */
  @Nullable Path file();

  default boolean isGiven() {
    return file() != null;
  }

  /** The file asked for, if any. */
  default List<Path> files() {
    Path file = file();
    return file == null ? List.of() : List.of(file);
  }

  /**
   * Makes sure that the files asked for can be written later, and that this harms no other.
   *
   * @param others files that the command reads or writes beside these
   * @throws ParameterException if one is one of the others, or two are the same
   * @throws IOException naming the file if it cannot be written
   */
  static void requireWritable(CommandSpec command, Collection<Path> others, ResultFile... options)
      throws IOException {
    List<Path> used = new ArrayList<>(others);
    for (ResultFile option : options) {
      for (Path file : option.files()) {
        OutputFiles.requireWritable(command, option.name(), file, used);
        used.add(file);
      }
    }
  }
}
