package dev.sardonyx.runtime.spark;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxFormatException;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.ModelInputs;
import dev.sardonyx.ir.infer.ShapeInference;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * A model as files that every process of a cluster gets, under names that no other model has: the
 * model and, if it has external data or is large, its weights.
 *
 * @param folder where they lie on this machine
 * @param name of the model's file; that of its weights is derived from it
 */
record ModelFiles(Path folder, String name) {
  private static final String MODEL = ".onnx";
  private static final String WEIGHTS = ".data";

  private static final Map<String, WeakReference<Broadcast<SentModel>>> SENT = new HashMap<>();

  /** Larger models have their weights in a file of their own, which can be mapped into memory. */
  private static final long LARGEST_ALONE = 64L << 20;

  /** Smaller tensors stay in the model. */
  private static final long SMALLEST_WEIGHTS = 1L << 20;

  /**
   * Copies a model with its external data.
   *
   * @throws OnnxFormatException if it is none
   */
  static ModelFiles of(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new FileNotFoundException(file + " is no file; a model is expected there");
    }
    if (Files.size(file) <= LARGEST_ALONE) {
      byte[] bytes = Files.readAllBytes(file);
      if (isAlone(bytes)) {
        return of(bytes);
      }
    }
    return of(OnnxReader.read(file));
  }

  private static boolean isAlone(byte[] bytes) {
    try {
      OnnxReader.read(bytes);
      return true;
    } catch (OnnxFormatException e) {
      // Whatever else may be wrong with it, reading it with its folder tells.
      return false;
    }
  }

  static ModelFiles of(byte[] bytes) throws IOException {
    OnnxReader.read(bytes);
    Path folder = Folders.create();
    String name = "sardonyx-" + digest(bytes);
    Files.write(folder.resolve(name + MODEL), bytes);
    return new ModelFiles(folder, name);
  }

  static ModelFiles of(Model model) throws IOException {
    Path folder = Folders.create();
    String name = "sardonyx-" + UUID.randomUUID();
    OnnxWriter.write(
        model,
        folder.resolve(name + MODEL),
        ExternalData.beside().withThreshold(SMALLEST_WEIGHTS).withFileName(name + WEIGHTS));
    return new ModelFiles(folder, name);
  }

  private static String digest(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JVM has SHA-256", e);
    }
  }

  /**
   * Those that {@link #copyTo} left in a folder of any file system that Spark knows.
   *
   * @throws IOException naming the folder, if they are not all there, or damaged
   */
  static ModelFiles read(String from, Configuration configuration) throws IOException {
    org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(from);
    FileSystem files = source.getFileSystem(configuration);
    Path folder = Folders.create();
    String name = "";
    for (var status : files.listStatus(source)) {
      String file = status.getPath().getName();
      if (file.startsWith("sardonyx-")) {
        files.copyToLocalFile(false, status.getPath(), hadoop(folder.resolve(file)), true);
        name = file.endsWith(MODEL) ? file.substring(0, file.length() - MODEL.length()) : name;
      }
    }
    if (name.isEmpty()) {
      throw new IOException(from + ": there is no model");
    }
    try {
      OnnxReader.read(folder.resolve(name + MODEL));
    } catch (IOException e) {
      throw new IOException(from + ": the saved model is damaged: " + e.getMessage(), e);
    }
    return new ModelFiles(folder, name);
  }

  /** A model's file in any file system that Spark knows, without external data. */
  static ModelFiles fetch(String from, Configuration configuration) throws IOException {
    org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(from);
    Path folder = Folders.create();
    Path local = folder.resolve(source.getName());
    source.getFileSystem(configuration).copyToLocalFile(false, source, hadoop(local), true);
    return of(local);
  }

  void copyTo(String to, Configuration configuration) throws IOException {
    org.apache.hadoop.fs.Path target = new org.apache.hadoop.fs.Path(to);
    FileSystem files = target.getFileSystem(configuration);
    files.mkdirs(target);
    for (Path file : all()) {
      files.copyFromLocalFile(
          false,
          true,
          hadoop(file),
          new org.apache.hadoop.fs.Path(target, file.getFileName() + ""));
    }
  }

  private static org.apache.hadoop.fs.Path hadoop(Path local) {
    return new org.apache.hadoop.fs.Path(local.toUri());
  }

  private List<Path> all() {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith(name)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same for executors; one broadcast an application, as long as it is in use. */
  Broadcast<SentModel> broadcast(SparkContext context) {
    String key = context.applicationId() + name;
    synchronized (SENT) {
      WeakReference<Broadcast<SentModel>> before = SENT.get(key);
      Broadcast<SentModel> sent = before == null ? null : before.get();
      if (sent == null) {
        sent = new JavaSparkContext(context).broadcast(new SentModel(name, folder, all()));
        SENT.values().removeIf(each -> each.get() == null);
        SENT.put(key, new WeakReference<>(sent));
      }
      return sent;
    }
  }

  /** The model's file on an executor, with its weights beside it. */
  static Path onExecutor(Broadcast<SentModel> sent) {
    SentModel model = sent.value();
    return model.folder().resolve(model.name() + MODEL);
  }

  /** Where rows lie in the model's inputs and outputs. */
  RowLayout layout(String axis) {
    return layout(folder.resolve(name + MODEL), axis);
  }

  static RowLayout layout(Path file, String axis) {
    Graph graph = graph(file);
    return RowLayout.of(
        List.copyOf(ModelInputs.withoutInitializers(graph).byName().values()),
        graph.outputs(),
        axis);
  }

  private static Graph graph(Path file) {
    try {
      Model model = OnnxReader.readWithoutWeights(file);
      boolean isTyped = model.graph().outputs().stream().noneMatch(ModelFiles::hasNoShape);
      return (isTyped ? model : ShapeInference.infer(model).model()).graph();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean hasNoShape(Output output) {
    return !(output.type() instanceof TensorType type) || !type.shape().isRanked();
  }

  /** As {@code explainParams} shows it: the model's inputs and outputs. */
  @Override
  public String toString() {
    Graph graph = graph(folder.resolve(name + MODEL));
    return graph.inputs() + " -> " + graph.outputs();
  }
}
