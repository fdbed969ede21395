package dev.sardonyx.samples;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
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
      description =
          "The ONNX file to change and the one to write, of which - is standard input and output;"
              + " with --into, files to change.")
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

  @Mixin private JsonOption json;

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
    Map<Path, Path> outputs = outputs(spec);
    List<Path> used = new ArrayList<>(inputs());
    used.addAll(others);
    for (Path output : outputs.values()) {
      OutputFiles.requireModel(spec, folder == null ? "FILE" : "--into", output, used);
    }
    used.addAll(outputs.values());
    json.requireWritable(spec, used);
    Console console = Console.of(spec);
    FileResults results =
        FileResults.of(
            spec,
            outputs.keySet(),
            file -> {
              Path output = Objects.requireNonNull(outputs.get(file));
              return write(console, file, output, ModelArgument.read(spec, file), change);
            });
    if (outputs.size() > 1) {
      console.result("%d of %d files written", results.good(), outputs.size());
    }
    json.write(results.json());
    return results.exitStatus();
  }

  private FileResults.Found write(Console console, Path file, Path output, Model model, Edit change)
      throws IOException {
    Optional<Model> changed = change.of(console, file, model);
    Map<String, Object> told = new LinkedHashMap<>();
    if (changed.isEmpty()) {
      console.result("%s: not written", StandardStreams.output(output));
      return new FileResults.Found(false, told);
    }
    ExternalData data = external ? ExternalData.beside() : ExternalData.asRead();
    long bytes = ModelArgument.write(changed.get(), output, data);
    int before = model.graph().nodes().size();
    int after = changed.get().graph().nodes().size();
    console.detail(
        "%s: %s, %s -> %s",
        StandardStreams.output(output),
        Sizes.bytes(bytes),
        Count.of(before, "node"),
        Count.of(after, "node"));
    told.put("written", output);
    told.put("bytes", bytes);
    told.put("nodesBefore", before);
    told.put("nodesAfter", after);
    return new FileResults.Found(true, told);
  }

  /** Where each file that is read is written to. */
  private Map<Path, Path> outputs(CommandSpec spec) throws IOException {
    if (folder == null) {
      if (files.size() != 2) {
        throw new ParameterException(
            spec.commandLine(),
            files.size() == 1
                ? "the file to write is missing"
                : "%d files; name one to change and one to write, or --into a folder"
                    .formatted(files.size()));
      }
      if (external && StandardStreams.isMeant(files.get(1))) {
        throw new ParameterException(
            spec.commandLine(),
            "--external-data writes a file beside the model, but the model goes to standard output");
      }
      return Map.of(files.get(0), files.get(1));
    }
    Set<Path> names = new HashSet<>();
    Map<Path, Path> outputs = new LinkedHashMap<>();
    for (Path file : files) {
      Path name = file.getFileName();
      if (StandardStreams.isMeant(file) || name == null) {
        throw new ParameterException(
            spec.commandLine(),
            "'%s': has no name to be written under into '%s'".formatted(file, folder));
      }
      if (!names.add(name)) {
        throw new ParameterException(
            spec.commandLine(),
            "'%s': another file of the name would be written into '%s', too"
                .formatted(file, folder));
      }
      outputs.put(file, folder.resolve(name));
    }
    Files.createDirectories(folder);
    return outputs;
  }
}
