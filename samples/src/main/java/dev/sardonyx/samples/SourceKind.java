package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.keras.KerasReader;
import dev.sardonyx.export.trees.LightGbmReader;
import dev.sardonyx.export.trees.TreeModels;
import dev.sardonyx.export.trees.XgboostReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.training.read.SavedNetwork;
import dev.sardonyx.training.read.samediff.SameDiffBackend;
import dev.sardonyx.training.read.samediff.SameDiffImporter;
import dev.sardonyx.training.read.samediff.SavedGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.nd4j.autodiff.samediff.SameDiff;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * A kind of files that {@code sardonyx convert} reads.
 *
 * @param title its name in messages
 * @param suffixes how the names of such files end
 */
record SourceKind(String title, List<String> suffixes, Reader reader) {
  private static final String ONNX = "ONNX";

  private static final SourceKind TREES =
      new SourceKind(
          "XGBoost or LightGBM", List.of(".model"), file -> Source.of(TreeModels.read(file)));

  /** One entry for each kind. */
  private static final List<SourceKind> ALL =
      List.of(
          new SourceKind(
              "Keras",
              List.of(".keras", ".h5", ".hdf5"),
              file -> Source.of(KerasReader.standard().read(file))),
          new SourceKind("DL4J", List.of(".zip"), SourceKind::dl4j),
          new SourceKind("SameDiff", List.of(".fb"), SourceKind::sameDiff),
          new SourceKind(
              "XGBoost",
              List.of(".json", ".ubj"),
              file -> Source.of(XgboostReader.standard().read(file))),
          new SourceKind(
              "LightGBM", List.of(".txt"), file -> Source.of(LightGbmReader.standard().read(file))),
          TREES,
          new SourceKind(ONNX, List.of(".onnx"), file -> Source.of(OnnxReader.read(file))));

  /** Reads a file of one kind. */
  @FunctionalInterface
  interface Reader {
    Source read(Path file) throws IOException;
  }

  /**
   * What was read.
   *
   * @param original computes what the model should compute: the framework it comes from if
   *     available, else the reference evaluator
   */
  record Source(Model model, Backend original) {
    static Source of(Model model) {
      return new Source(model, new ReferenceBackend());
    }
  }

  private static Source dl4j(Path file) throws IOException {
    SavedNetwork network = SavedNetwork.read(file);
    return new Source(network.model(), network.backend());
  }

  private static Source sameDiff(Path file) throws IOException {
    SameDiff graph = SavedGraph.read(file);
    return new Source(SameDiffImporter.read(graph), SameDiffBackend.of(graph));
  }

  /**
   * The kind of a file, by the end of its name; XGBoost's and LightGBM's, whose names end as people
   * like, by their first bytes, too.
   *
   * @throws UnsupportedModelException if it is none of them, listing them
   */
  static SourceKind of(Path file) {
    return known(file)
        .orElseThrow(
            () ->
                new UnsupportedModelException(
                    file
                        + ": cannot tell what it is by its name; convert reads "
                        + ALL.stream()
                            .map(
                                kind ->
                                    kind.title() + " (" + String.join(", ", kind.suffixes()) + ")")
                            .collect(Collectors.joining(", "))));
  }

  private static Optional<SourceKind> known(Path file) {
    return named(file).or(() -> isOfTrees(file) ? Optional.of(TREES) : Optional.empty());
  }

  private static boolean isOfTrees(Path file) {
    try {
      return Files.isRegularFile(file) && TreeModels.recognizes(file);
    } catch (IOException e) {
      return false; // its name is no help, either
    }
  }

  /**
   * Makes sure that a model to be written is not named as a file of another kind: it may be the
   * network that someone meant to convert.
   *
   * @param parameter the label of the parameter that names the file
   * @throws ParameterException naming the file and the kind if it is
   */
  static void requireOnnx(CommandSpec command, String parameter, Path file) {
    named(file)
        .filter(kind -> !kind.title().equals(ONNX))
        .ifPresent(
            kind -> {
              throw new ParameterException(
                  command.commandLine(),
                  "Invalid value for parameter '%s': '%s' is the name of a %s file, but what is written is ONNX"
                      .formatted(parameter, file, kind.title()));
            });
  }

  /** The name of the ONNX file that is made of a file. */
  static String onnxName(Path file) {
    String name = String.valueOf(file.getFileName());
    return known(file)
        .filter(kind -> !kind.title().equals(ONNX))
        .map(kind -> name.substring(0, name.length() - kind.suffix(name).length()) + ".onnx")
        .orElse(name);
  }

  private String suffix(String name) {
    return suffixes.stream().filter(name.toLowerCase(Locale.ROOT)::endsWith).findFirst().orElse("");
  }

  private static Optional<SourceKind> named(Path file) {
    String name = StandardStreams.isMeant(file) ? ".onnx" : String.valueOf(file.getFileName());
    return ALL.stream().filter(kind -> !kind.suffix(name).isEmpty()).findFirst();
  }
}
