package dev.sardonyx.samples;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/**
 * The files of all commands that make a model of another: one and its result, or many and a folder.
 *
 * <p>A command has it as a mixin, calls {@link #requireWritable} before its work, and {@link
 * #write} for it.
 */
@SuppressWarnings("NullAway.Init")
final class ChangedFiles {
  private static final int MOST_NAMED = 3;

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description =
          "The file to read and the ONNX file to write, of which - is standard input and output;"
              + " with --into, files to read.")
  private List<Path> files;

  @Option(
      names = "--into",
      paramLabel = "FOLDER",
      description =
          "Read any number of files, and write each into this folder under its name, with .onnx for"
              + " the ending of another kind of model. One that fails does not end the rest.")
  private @Nullable Path folder;

  @Option(names = "--overwrite", description = "With --into: replace files that are there.")
  private boolean overwrite;

  @Option(
      names = "--external-data",
      description = "Write the weights into a file beside the model, as more than 2 GiB need it.")
  private boolean external;

  @Mixin private JsonOption json;

  /** Where each file that is read is written to. */
  private Map<Path, Path> outputs = Map.of();

  /** What is done with each file. */
  @FunctionalInterface
  interface Edit {
    Changed of(Console console, Path file) throws IOException;
  }

  /** Told the bytes of a file that was read, and of the one that was written of it. */
  @FunctionalInterface
  interface Written {
    void sizes(long before, long after);
  }

  /**
   * What becomes of a file.
   *
   * @param before the model that was read
   * @param after the one to write; empty if it must not be written
   * @param told what else is told of it, by the keys that JSON has
   * @param written told when it has been written
   */
  record Changed(Model before, Optional<Model> after, Map<String, Object> told, Written written) {
    static Changed of(Model before, Optional<Model> after) {
      return new Changed(before, after, Map.of(), (bytesBefore, bytesAfter) -> {});
    }
  }

  /** The files that are read. */
  List<Path> inputs() {
    return folder == null ? files.subList(0, 1) : files;
  }

  /** The files that are read and those that are written, after {@link #requireWritable}. */
  List<Path> models() {
    List<Path> models = new ArrayList<>(inputs());
    models.addAll(outputs.values());
    return models;
  }

  /** The same, and that with the results, if any. */
  List<Path> all() {
    List<Path> all = models();
    all.addAll(json.files());
    return all;
  }

  /**
   * Makes sure that all files can be written later, and that this harms no other.
   *
   * @param others files that the command reads beside these
   * @throws ParameterException if two would be written into one, or one over another that is needed
   * @throws IOException naming the file that cannot be written
   */
  void requireWritable(CommandSpec spec, Collection<Path> others) throws IOException {
    outputs = folder == null ? Map.of(files.get(0), single(spec)) : into(spec, folder);
    List<Path> used = new ArrayList<>(inputs());
    used.addAll(others);
    if (folder != null) {
      if (Files.exists(folder) && !Files.isDirectory(folder)) {
        throw new NotDirectoryException(folder.toString());
      }
      requireNew(spec, used);
      Files.createDirectories(folder);
    }
    for (Path output : outputs.values()) {
      OutputFiles.requireModel(spec, folder == null ? "FILE" : "--into", output, used);
    }
    used.addAll(outputs.values());
    ResultFile.requireWritable(spec, used, json);
  }

  private Path single(CommandSpec spec) {
    if (Failures.isTyped(spec, "--overwrite")) {
      throw new ParameterException(
          spec.commandLine(), "--overwrite goes with --into; a file that is named is replaced");
    }
    if (files.size() != 2) {
      throw new ParameterException(
          spec.commandLine(),
          files.size() == 1
              ? "the file to write is missing"
              : "%d files; name one to read and one to write, or --into a folder"
                  .formatted(files.size()));
    }
    if (external && StandardStreams.isMeant(files.get(1))) {
      throw new ParameterException(
          spec.commandLine(),
          "--external-data writes a file beside the model, but the model goes to standard output");
    }
    return files.get(1);
  }

  private Map<Path, Path> into(CommandSpec spec, Path into) {
    Map<Path, Path> sources = new LinkedHashMap<>();
    Map<Path, Path> all = new LinkedHashMap<>();
    for (Path file : files) {
      if (StandardStreams.isMeant(file) || file.getFileName() == null) {
        throw new ParameterException(
            spec.commandLine(),
            "'%s': has no name to be written under into '%s'".formatted(file, into));
      }
      Path output = into.resolve(SourceKind.onnxName(file));
      Path other = sources.putIfAbsent(output, file);
      if (other != null) {
        throw new ParameterException(
            spec.commandLine(),
            "Invalid value for option '--into': '%s' and '%s' would both be written into '%s'"
                .formatted(other, file, output));
      }
      all.put(file, output);
    }
    return all;
  }

  private void requireNew(CommandSpec spec, List<Path> used) throws IOException {
    List<Path> there = outputs.values().stream().filter(Files::exists).toList();
    for (Path output : there) {
      OutputFiles.requireOther(spec, "--into", output, used);
    }
    if (!there.isEmpty() && !overwrite) {
      String names =
          there.stream().limit(MOST_NAMED).map(Path::toString).collect(Collectors.joining("', '"));
      int more = there.size() - MOST_NAMED;
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--into': '%s'%s %s there already; --overwrite replaces %s"
              .formatted(
                  names,
                  more > 0 ? " and %d more".formatted(more) : "",
                  there.size() == 1 ? "is" : "are",
                  there.size() == 1 ? "it" : "them"));
    }
  }

  /**
   * Changes all files, after {@link #requireWritable}.
   *
   * @return the exit status: 0 if all were written
   */
  int write(CommandSpec spec, Edit change) throws IOException {
    Console console = Console.of(spec);
    FileResults results =
        FileResults.of(spec, outputs.keySet(), file -> write(spec, console, file, change));
    if (outputs.size() > 1) {
      console.result("%d of %d files written", results.good(), outputs.size());
    }
    json.write(results.json());
    return results.exitStatus();
  }

  private FileResults.Found write(CommandSpec spec, Console console, Path file, Edit change)
      throws IOException {
    Path output = Objects.requireNonNull(outputs.get(file));
    Changed changed = change.of(console, file);
    Map<String, Object> told = new LinkedHashMap<>();
    if (changed.after().isEmpty()) {
      console.result("%s: not written", StandardStreams.output(output));
      told.putAll(changed.told());
      return new FileResults.Found(false, told);
    }
    Model model = changed.after().get();
    ExternalData data = external ? ExternalData.beside() : ExternalData.asRead();
    long bytes = ModelArgument.write(model, output, data);
    long bytesBefore = ModelArgument.size(spec, file);
    int before = changed.before().graph().nodes().size();
    int after = model.graph().nodes().size();
    console.detail(
        "%s: %s, %s -> %s",
        StandardStreams.output(output),
        Sizes.bytes(bytes),
        Count.of(before, "node"),
        Count.of(after, "node"));
    changed.written().sizes(bytesBefore, bytes);
    told.put("written", output);
    told.put("bytesBefore", bytesBefore);
    told.put("bytes", bytes);
    told.put("nodesBefore", before);
    told.put("nodesAfter", after);
    told.putAll(changed.told());
    return new FileResults.Found(true, told);
  }
}
