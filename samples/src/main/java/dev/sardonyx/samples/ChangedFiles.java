package dev.sardonyx.samples;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The files of all commands that change models: one and its result, or many and a folder. */
@SuppressWarnings("NullAway.Init")
final class ChangedFiles {
  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "The ONNX file to change and the one to write; with --into, files to change.")
  private List<Path> files;

  @Option(
      names = "--into",
      paramLabel = "FOLDER",
      description =
          "Change any number of files, and write each into this folder under its name. One that"
              + " fails does not end the rest.")
  private @Nullable Path folder;

  @Option(
      names = "--external-data",
      description = "Write the weights into a file beside the model, as more than 2 GiB need it.")
  private boolean external;

  /** A change of a model; empty if it must not be written. */
  @FunctionalInterface
  interface Edit {
    Optional<Model> of(Console console, Path file, Model model) throws IOException;
  }

  /** A file and what becomes of it. */
  private record Pair(Path from, Path to) {}

  /** The files that are read. */
  List<Path> inputs() {
    return folder == null ? files.subList(0, 1) : files;
  }

  /**
   * Changes all files.
   *
   * @param others files that the change reads, which are not written over
   * @return the exit status: 0 if all were written
   */
  int write(CommandSpec spec, List<Path> others, Edit change) throws IOException {
    Console console = Console.of(spec);
    List<Pair> pairs = pairs(spec);
    List<Path> read = new ArrayList<>(inputs());
    read.addAll(others);
    for (Pair pair : pairs) {
      OutputFiles.requireModel(spec, folder == null ? "FILE" : "--into", pair.to, read);
    }
    int written = 0;
    for (Pair pair : pairs) {
      try {
        written += write(console, pair, change) ? 1 : 0;
      } catch (ParameterException e) {
        throw e;
      } catch (IOException | RuntimeException e) { // a bad file does not end the rest
        Failures failures = (Failures) spec.commandLine().getExecutionExceptionHandler();
        failures.report(e, pair.from, spec.commandLine());
      }
    }
    if (pairs.size() > 1) {
      console.result("%d of %d files written", written, pairs.size());
    }
    return written == pairs.size() ? 0 : 1;
  }

  private boolean write(Console console, Pair pair, Edit change) throws IOException {
    Model model = OnnxReader.read(pair.from);
    Optional<Model> changed = change.of(console, pair.from, model);
    if (changed.isEmpty()) {
      console.result("%s: not written", pair.to);
      return false;
    }
    ExternalData data = external ? ExternalData.beside() : ExternalData.asRead();
    OnnxWriter.write(changed.get(), pair.to, data);
    console.result(
        "%s: %s, %s -> %s",
        pair.to,
        Sizes.bytes(Files.size(pair.to)),
        Count.of(model.graph().nodes().size(), "node"),
        Count.of(changed.get().graph().nodes().size(), "node"));
    return true;
  }

  private List<Pair> pairs(CommandSpec spec) throws IOException {
    if (folder == null) {
      if (files.size() != 2) {
        throw new ParameterException(
            spec.commandLine(),
            files.size() == 1
                ? "the file to write is missing"
                : "%d files; name one to change and one to write, or --into a folder"
                    .formatted(files.size()));
      }
      return List.of(new Pair(files.get(0), files.get(1)));
    }
    Files.createDirectories(folder);
    Set<Path> names = new HashSet<>();
    List<Pair> pairs = new ArrayList<>();
    for (Path file : files) {
      Path name = file.getFileName();
      if (name == null || !names.add(name)) {
        throw new ParameterException(
            spec.commandLine(),
            "'%s': another file of the name would be written into '%s', too"
                .formatted(file, folder));
      }
      pairs.add(new Pair(file, folder.resolve(name)));
    }
    return pairs;
  }
}
