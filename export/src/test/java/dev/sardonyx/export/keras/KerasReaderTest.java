package dev.sardonyx.export.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused or broken is said in one line; nothing else comes of a bad file. */
final class KerasReaderTest {
  /** A reader for the layer of one's own in the fixtures. */
  static final LayerReader SHIFT =
      LayerReader.keepingMask(
          layer -> layer.builder().add(layer.input(), layer.variable("shift", layer.lastDim())));

  @TempDir private Path folder;

  private static Path fixture(String name) {
    return Recorded.FOLDER.resolve(name);
  }

  private static Map<String, byte[]> entries(String fixture) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(fixture(fixture)))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.put(entry.getName(), in.readAllBytes());
      }
    }
    return entries;
  }

  private Path zip(Map<String, byte[]> entries) throws IOException {
    Path file = folder.resolve("net.keras");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue());
      }
    }
    return Files.write(file, bytes.toByteArray());
  }

  /** The small model with another configuration. */
  private Path configured(UnaryOperator<String> change) throws IOException {
    Map<String, byte[]> entries = entries("sequential.keras");
    String config = new String(entries.get("config.json"), StandardCharsets.UTF_8);
    String changed = change.apply(config);
    assertFalse(changed.equals(config), "the change finds nothing to change");
    entries.put("config.json", changed.getBytes(StandardCharsets.UTF_8));
    return zip(entries);
  }

  private static String message(Path file) {
    return message(file, Limits.standard());
  }

  private static String message(Path file, Limits limits) {
    KerasReader reader = KerasReader.standard().withLimits(limits);
    String message = assertThrows(KerasFormatException.class, () -> reader.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  @Test
  void allRefusalsAreNamedAtOnce() {
    String message =
        assertThrows(
                UnsupportedModelException.class,
                () -> KerasReader.standard().read(fixture("refused.keras")))
            .getMessage();
    assertTrue(message.contains("layers moved, each.inner (Shift): there is no reader"), message);
    assertTrue(message.contains("layer doubled (Lambda): what it computes is code"), message);
    assertTrue(message.contains("layer kept (GRU): it is stateful"), message);
    assertTrue(
        message.contains("layer always (Dropout): it is called with training=True"), message);
  }

  /** What Keras 1 wrote, and a change of its words to others of the same length. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "image|\"dim_ordering\": \"tf\"|\"dim_ordering\": \"th\"|(Conv2D): its kernels may be Theano's",
        "image|\"mode\": 0|\"mode\": 1|(BatchNormalization): its mode 1 normalises each sample",
        "steps|\"mode\": \"concat\"|\"mode\": \"lambda\"|(Merge): it merges by code",
        "steps|\"class_name\": \"Dense\"|\"class_name\": \"Dance\"|(Dance): there is no reader"
      })
  void whatIsAmbiguousInKeras1IsRefused(String name, String from, String to, String reason)
      throws IOException {
    byte[] whole = Files.readAllBytes(fixture("keras1_" + name + ".h5"));
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    assertTrue(text.contains(from), from);
    Path file =
        Files.write(
            folder.resolve("old.h5"), text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1));
    String message =
        assertThrows(UnsupportedModelException.class, () -> KerasReader.standard().read(file))
            .getMessage();
    assertTrue(message.contains(reason), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void aLayerOfOnesOwnIsReadByAReaderOfOnesOwn() throws IOException {
    Model model = KerasReader.standard().withLayer("Shift", SHIFT).read(fixture("own_layer.keras"));
    assertTrue(
        model.graph().constants().stream().anyMatch(c -> c.name().startsWith("moved.shift")),
        model.graph().constants().toString());
  }

  /** A class of one's own may have the name of one of Keras's, which computes something else. */
  @Test
  void aClassOfOnesOwnIsNotKerassOfThatName() throws IOException {
    Map<String, byte[]> entries = entries("own_layer.keras");
    String config = new String(entries.get("config.json"), StandardCharsets.UTF_8);
    entries.put(
        "config.json",
        config.replace("\"Shift\"", "\"Rescaling\"").getBytes(StandardCharsets.UTF_8));
    requireOwn("Rescaling", zip(entries), SHIFT);

    byte[] whole = Files.readAllBytes(fixture("sequential.h5"));
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    String registered = text.replace("\"class_name\": \"Dropout\"", "\"class_name\": \"me>ReLU\"");
    assertFalse(registered.equals(text));
    Path old =
        Files.write(folder.resolve("own.h5"), registered.getBytes(StandardCharsets.ISO_8859_1));
    requireOwn("ReLU", old, LayerReader.keepingMask(KerasLayer::input));
  }

  private static void requireOwn(String className, Path file, LayerReader reader)
      throws IOException {
    String message =
        assertThrows(UnsupportedModelException.class, () -> KerasReader.standard().read(file))
            .getMessage();
    assertTrue(
        message.contains("(" + className + "): it is not Keras's class of this name"), message);
    KerasReader.standard().withLayer(className, reader).read(file);
  }

  /** Keras 2 keeps to it in any mode. */
  @Test
  void whatIsAlwaysAtRandomInKeras2IsRefused() throws IOException {
    String text =
        Files.readString(fixture("keras2.h5"), StandardCharsets.ISO_8859_1)
            .replace(
                "\"BatchNormalization\", \"name\": \"of_batch\"",
                "\"RandomFlip\"        , \"name\": \"of_batch\"");
    Path file = Files.writeString(folder.resolve("old.h5"), text, StandardCharsets.ISO_8859_1);
    String message =
        assertThrows(UnsupportedModelException.class, () -> KerasReader.standard().read(file))
            .getMessage();
    assertTrue(message.contains("layer of_batch (RandomFlip): it is called with"), message);
  }

  /** An activation that is a function of TensorFlow's has the name of that function. */
  @Test
  void softmaxOfTensorFlowIsSoftmax() throws IOException {
    String text = Files.readString(fixture("keras2.h5"), StandardCharsets.ISO_8859_1);
    Model[] models = new Model[2];
    for (int i = 0; i < 2; i++) {
      String name = i == 0 ? "\"softmax\"     " : "\"softmax_v2\"  ";
      String changed = text.replace("\"activation\": \"hard_sigmoid\"", "\"activation\": " + name);
      assertEquals(text.length(), changed.length());
      Path file = folder.resolve("softmax.h5");
      Files.writeString(file, changed, StandardCharsets.ISO_8859_1);
      models[i] = KerasReader.standard().read(file);
    }
    assertTrue(models[0].graph().nodes().stream().anyMatch(n -> n.is("Softmax")));
    assertEquals(models[0], models[1]);
  }

  @Test
  void inputsAndOutputsAreKerass() throws IOException {
    Model model = KerasReader.standard().read(fixture("sequential.keras"));
    assertEquals("float[N,12,12,1]", model.graph().inputs().get(0).type().toString());
    assertEquals("image", model.graph().inputs().get(0).name());
    assertEquals("digits", model.graph().outputs().get(0).name());
    assertEquals("float[N,5]", model.graph().outputs().get(0).type().toString());
  }

  /**
   * Channels-last convolutions leave one Transpose, that of the input; here it only adds an axis.
   */
  @Test
  void transposesVanishInside() throws IOException {
    Model model = KerasReader.standard().read(fixture("sequential.keras"));
    long transposes =
        model.graph().nodes().stream().filter(n -> n.opType().equals("Transpose")).count();
    assertTrue(transposes <= 1, model.graph().nodes().toString());
  }

  @Test
  void otherFilesAreToldApart() throws IOException {
    assertThrows(
        NoSuchFileException.class, () -> KerasReader.standard().read(folder.resolve("none.h5")));
    Path text = Files.writeString(folder.resolve("text.keras"), "not a model");
    assertTrue(message(text).contains("neither a .keras file (zip) nor an .h5 file (HDF5)"));
    Path empty = Files.write(folder.resolve("empty.h5"), new byte[0]);
    assertTrue(message(empty).contains("neither"));
    assertTrue(message(zip(Map.of("other.txt", new byte[3]))).contains("without config.json"));
    Map<String, byte[]> weightless = entries("sequential.keras");
    weightless.remove("model.weights.h5");
    assertTrue(message(zip(weightless)).contains("without model.weights.h5"));
    assertTrue(message(fixture("recorded.h5")).contains("without model_config"));
  }

  @Test
  void wrongShapesNameTheLayerAndBothShapes() throws IOException {
    String message = message(configured(c -> c.replace("\"units\": 5", "\"units\": 7")));
    assertTrue(message.contains("layer digits (Dense): its kernel has the shape [6, 5]"), message);
    assertTrue(message.contains("[6, 7]"), message);
  }

  @Test
  void missingWeightsNameTheLayerAndTheRole() throws IOException {
    Map<String, byte[]> entries = entries("sequential.keras");
    entries.put("model.weights.h5", entries("merging.keras").get("model.weights.h5"));
    String message = message(zip(entries));
    assertTrue(message.contains("(Conv2D): the file has no weights for its kernel"), message);
  }

  @Test
  void settingsOfTheWrongKindAreNamed() throws IOException {
    assertTrue(
        message(configured(c -> c.replace("\"units\": 5", "\"units\": \"five\"")))
            .contains("layer digits (Dense): its units is \"five\", where a number belongs"));
    assertTrue(
        message(configured(c -> c.replace("\"padding\": \"same\"", "\"padding\": \"most\"")))
            .contains("its padding is most"));
    assertTrue(message(configured(c -> c.substring(0, 300))).contains("is no JSON"));
    assertTrue(message(configured(c -> "[".repeat(100_000))).contains("is no JSON"));
    assertTrue(message(configured(c -> "{}")).contains("has no class_name"));
    assertTrue(
        message(configured(c -> c.replace("\"batch_shape\"", "\"other\"")))
            .contains("does not say the shape of input"));
  }

  @Test
  void callsInACircleAreNoModel() throws IOException {
    Map<String, byte[]> entries = entries("own_layer.keras");
    String config = new String(entries.get("config.json"), StandardCharsets.UTF_8);
    String circle = config.replace("\"keras_history\": [\"x\"", "\"keras_history\": [\"out\"");
    entries.put("config.json", circle.getBytes(StandardCharsets.UTF_8));
    assertTrue(message(zip(entries)).contains("wait for one another"));
    String lost = config.replace("\"keras_history\": [\"x\"", "\"keras_history\": [\"gone\"");
    entries.put("config.json", lost.getBytes(StandardCharsets.UTF_8));
    assertTrue(message(zip(entries)).contains("refers to layer gone, which is not there"));
  }

  @Test
  void whatUnpacksToMoreThanTheLimitIsRefused() throws IOException {
    Map<String, byte[]> entries = entries("sequential.keras");
    entries.put("config.json", " ".repeat(20_000_000).getBytes(StandardCharsets.UTF_8));
    Path bomb = zip(entries);
    assertTrue(Files.size(bomb) < 100_000);
    String message = message(bomb, Limits.standard().withBytes(1 << 20));
    assertTrue(message.contains("bytes"), message);
  }

  /** Bytes changed at random give a model, or an error in one line. */
  @ParameterizedTest
  @ValueSource(strings = {"sequential.h5", "sequential.keras", "nested.h5"})
  void changedBytesDoNoHarm(String name) throws IOException {
    byte[] whole = Files.readAllBytes(fixture(name));
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 50; i++) {
      byte[] changed = whole.clone();
      for (int k = random.nextInt(1, 6); k > 0; k--) {
        changed[random.nextInt(random.nextBoolean() ? 4096 : changed.length) % changed.length] =
            (byte) random.nextInt(256);
      }
      Path file = Files.write(folder.resolve("changed" + i), changed);
      try {
        KerasReader.standard().withLimits(Limits.standard().withBytes(1 << 26)).read(file);
      } catch (KerasFormatException | UnsupportedModelException e) {
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      }
    }
  }
}
