package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.Safetensors;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import javax.tools.ToolProvider;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/** A folder with small files of the names that the documents' commands use. */
final class DocumentedFiles {
  private static final Path FIXTURES = Path.of("../export/src/test/resources");

  /**
   * Words of commands that are files or folders: by their ending, by their place, by their name.
   */
  private static final Pattern FILE =
      Pattern.compile(
          "(?:[\\w.-]+/)*[\\w-]+\\.(?:onnx|npy|json|html|svg|png|xml|csv|ya?ml|keras|h5|zip|fb|ubj|txt"
              + "|safetensors|jar)|path/to/.*|~/.*");

  private static final Set<String> FOLDERS =
      Set.of(
          "converted",
          "folded",
          "culprit",
          "smallest",
          "run1",
          "my-suite",
          "disagreements",
          "nonzero",
          "found");

  private final Path folder;
  private final Model model;

  private DocumentedFiles(Path folder, Model model) {
    this.folder = folder;
    this.model = model;
  }

  /** Makes all files in an empty folder. */
  static DocumentedFiles in(Path folder) throws IOException {
    DocumentedFiles files = new DocumentedFiles(folder, digits());
    files.renew();
    Safetensors.of(files.model).write(folder.resolve("tuned.safetensors"));
    BufferedImage digit = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
    ImageIO.write(digit, "png", folder.resolve("digit.png").toFile());
    IdxFiles.write(folder.resolve("path/to/mnist"), 28, 64, 64, false);
    copy("dev/sardonyx/export/keras/sequential.keras", folder.resolve("net.keras"));
    copy("dev/sardonyx/export/keras/sequential.h5", folder.resolve("net.h5"));
    copy("trees/xgboost-3.4.0/categories.json", folder.resolve("booster.json"));
    copy("trees/xgboost-3.4.0/one-hot.ubj", folder.resolve("booster.ubj"));
    copy("trees/lightgbm/multiclass.txt", folder.resolve("lightgbm.txt"));
    files.writeNetworks();
    files.writeSuites();
    files.writePlans();
    files.writeBackend();
    return files;
  }

  /** Writes the models anew, for commands write over them. */
  void renew() throws IOException {
    OnnxWriter.write(model, folder.resolve("model.onnx"));
    OnnxWriter.write(projection(), folder.resolve("projection.onnx"));
  }

  private static void copy(String fixture, Path file) throws IOException {
    Files.copy(FIXTURES.resolve(fixture), file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static Model digits() {
    GraphBuilder b = GraphBuilder.of("digits");
    Layers nn = Layers.of(b, 42);
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,28,28")));
    x = nn.residualBlock(b.relu(nn.conv(x, 4, 3)), 4);
    b.output(b.softmax(nn.dense(b.flatten(x), 4), 1), "digit");
    return b.buildModel();
  }

  private static Model projection() {
    GraphBuilder b = GraphBuilder.of("digits");
    Layers nn = Layers.of(b, 42);
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,28,28")));
    x = nn.residualBlockWithProjection(b.relu(nn.conv(x, 4, 3)), 8, 2);
    b.output(b.softmax(nn.dense(b.flatten(x), 4), 1), "digit");
    return b.buildModel();
  }

  private void writeNetworks() throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .list(
                    new DenseLayer.Builder().nIn(4).nOut(5).build(),
                    new OutputLayer.Builder().nOut(3).build())
                .build());
    network.init();
    ModelSerializer.writeModel(network, folder.resolve("net.zip").toFile(), false);
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, 2, 3);
    graph.nn().softmax("y", graph.math().mul(x, 2));
    graph.save(folder.resolve("graph.fb").toFile(), true);
  }

  private void writeSuites() throws IOException {
    Path suite = folder.resolve("path/to/my-suite");
    CommandRun.of("conformance", "generate", "--count", "3", "--quiet", suite).expect(0);
    zip(suite, folder.resolve("path/to/another.zip"));
  }

  /** The plans of the document, and small data for those of IDX files. */
  private void writePlans() throws IOException {
    IdxFiles.write(folder.resolve("fashion-mnist"), 64, 32, false);
    IdxFiles.write(folder.resolve("path/to/fashion-mnist"), 64, 32, false);
    Matcher plans =
        Pattern.compile("```yaml\n(# (\\w+\\.yaml).*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")));
    while (plans.find()) {
      Files.writeString(folder.resolve(plans.group(2)), plans.group(1));
    }
  }

  /** A jar with a backend of the reader's, and rules for what it is known to do otherwise. */
  private void writeBackend() throws IOException {
    Path source = folder.resolve("MyRuntime.java");
    Files.writeString(
        source,
        """
        package com.example;

        import dev.sardonyx.ir.backend.Backend;
        import dev.sardonyx.ir.eval.ReferenceBackend;
        import java.util.function.Supplier;

        public final class MyRuntime implements Supplier<Backend> {
          @Override
          public Backend get() {
            return new ReferenceBackend();
          }
        }
        """);
    Path classes = folder.resolve("classes");
    ByteArrayOutputStream problems = new ByteArrayOutputStream();
    String classPath = System.getProperty("java.class.path");
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                problems,
                "-proc:none",
                "-cp",
                classPath,
                "-d",
                classes.toString(),
                source.toString());
    if (status != 0) {
      throw new IOException(problems.toString(StandardCharsets.UTF_8));
    }
    zip(classes, folder.resolve("my-runtime.jar"));
    Files.writeString(folder.resolve("rules.txt"), "# Nothing is known of it yet\n");
  }

  private static void zip(Path from, Path to) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(to));
        Stream<Path> all = Files.walk(from)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        zip.putNextEntry(new ZipEntry(from.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, zip);
      }
    }
  }

  /** A command's word, with the files in it being those of the folder. */
  String inFolder(String word) {
    int value = word.indexOf('=') + 1;
    String file = word.substring(value);
    if (!List.of("-", "").contains(file)
        && (FILE.matcher(file).matches() || FOLDERS.contains(file))) {
      return word.substring(0, value) + folder.resolve(file.replace("~", "home"));
    }
    return word;
  }
}
