package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import dev.sardonyx.ir.Limits;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * An open Keras file: {@code .keras}, a zip of a configuration and an HDF5 file of weights, or
 * {@code .h5}, an HDF5 file with both. The first bytes of the file tell which of them it is.
 *
 * @param model the configuration of its model
 * @param version of Keras that wrote it; empty if it does not say
 * @param variables the variables of the model
 */
record KerasFile(JsonElement model, String version, Variables variables, Hdf5 weights)
    implements AutoCloseable {
  private static final byte[] ZIP = {'P', 'K'};
  private static final byte[] HDF5 = {(byte) 0x89, 'H', 'D', 'F'};
  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.weights.h5";

  /** JSON text that is all brackets takes about 60 bytes of memory for each byte of text. */
  private static final int BYTES_A_CHARACTER = 64;

  private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

  static KerasFile open(Path file, Limits limits) throws IOException {
    byte[] magic;
    try (InputStream in = Files.newInputStream(file)) {
      magic = in.readNBytes(4);
    }
    if (startsWith(magic, ZIP)) {
      return openZip(file, limits);
    }
    if (startsWith(magic, HDF5)) {
      return openHdf5(file, limits);
    }
    throw new BrokenFile("is neither a .keras file (zip) nor an .h5 file (HDF5)");
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && ByteBuffer.wrap(bytes, 0, prefix.length).equals(ByteBuffer.wrap(prefix));
  }

  private static KerasFile openZip(Path file, Limits limits) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      if (zip.getEntry(CONFIG) == null) {
        throw new BrokenFile("is a zip without " + CONFIG + ", so no .keras file");
      }
      JsonElement config =
          json(
              new String(bytes(zip, CONFIG, limits, BYTES_A_CHARACTER), StandardCharsets.UTF_8),
              limits);
      String version = "";
      if (zip.getEntry("metadata.json") != null) {
        JsonElement metadata =
            json(
                new String(
                    bytes(zip, "metadata.json", limits, BYTES_A_CHARACTER), StandardCharsets.UTF_8),
                limits);
        if (metadata.isJsonObject() && metadata.getAsJsonObject().has("keras_version")) {
          version = metadata.getAsJsonObject().get("keras_version").toString().replace("\"", "");
        }
      }
      if (zip.getEntry(WEIGHTS) == null) {
        throw new BrokenFile("is a .keras file without " + WEIGHTS + entries(zip));
      }
      Hdf5 weights = Hdf5.open(ByteBuffer.wrap(bytes(zip, WEIGHTS, limits, 1)), limits);
      return new KerasFile(config, version, new GroupVariables(weights.root()), weights);
    } catch (EOFException e) {
      throw new BrokenFile("is a broken zip: it ends too early", e);
    } catch (ZipException e) {
      throw new BrokenFile("is a broken zip: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) { // names that are not text
      throw new BrokenFile("is a broken zip: " + e.getMessage(), e);
    }
  }

  private static String entries(ZipFile zip) {
    Enumeration<? extends ZipEntry> entries = zip.entries();
    while (entries.hasMoreElements()) {
      if (entries.nextElement().getName().startsWith("model.weights")) {
        return "; sharded weights and .npz are not read, save with weights in one file";
      }
    }
    return "";
  }

  /** An entry's bytes, never more than the limit, whatever size the entry declares. */
  private static byte[] bytes(ZipFile zip, String name, Limits limits, int bytesEach)
      throws IOException {
    String place = "Reading " + name;
    long most = Math.min(MOST_BYTES, limits.bytes() / bytesEach);
    try (InputStream in = zip.getInputStream(zip.getEntry(name))) {
      byte[] bytes = in.readNBytes((int) most);
      if (in.read() >= 0) {
        limits.requireBytes(Long.MAX_VALUE, place);
      }
      return bytes;
    } catch (OutOfMemoryError e) {
      throw new BrokenFile(name + " has more bytes than the Java heap has room for (see -Xmx)", e);
    }
  }

  private static KerasFile openHdf5(Path file, Limits limits) {
    Hdf5 hdf5 = Hdf5.open(file, limits);
    try {
      Hdf5.Entry root = hdf5.root();
      String config =
          root.texts("model_config")
              .filter(t -> !t.isEmpty())
              .map(t -> t.get(0))
              .orElseThrow(
                  () ->
                      new BrokenFile(
                          root.names().contains("layer_names")
                                  || root.texts("layer_names").isPresent()
                              ? "holds weights alone; save the whole model"
                              : "is an HDF5 file without model_config, so no Keras model"));
      limits.requireBytes((long) config.length() * BYTES_A_CHARACTER, "Reading model_config");
      String version =
          root.texts("keras_version").filter(t -> !t.isEmpty()).map(t -> t.get(0)).orElse("");
      // The oldest files do not say their version.
      boolean first =
          version.startsWith("1.") || version.isEmpty() && config.contains("\"W_regularizer\"");
      Variables variables =
          root.child("model_weights")
              .map(weights -> ListedVariables.of(weights, first))
              .orElse(Variables.NONE);
      JsonElement model = json(config, limits);
      return first
          ? new KerasFile(FirstKeras.modern(model), "1", variables, hdf5)
          : new KerasFile(model, version, variables, hdf5);
    } catch (RuntimeException e) {
      hdf5.close();
      throw e;
    }
  }

  private static JsonElement json(String text, Limits limits) {
    try (Reader in = new StringReader(text);
        JsonReader reader = new JsonReader(in)) {
      // Python writes NaN and Infinity.
      reader.setStrictness(Strictness.LENIENT);
      reader.setNestingLimit(Math.min(limits.depth(), 500));
      return JsonParser.parseReader(reader);
    } catch (JsonParseException | IOException | StackOverflowError e) {
      throw new BrokenFile("its configuration is no JSON: " + firstLine(e), e);
    }
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** The major version of Keras; 0 if it is not known. */
  int generation() {
    return part(0);
  }

  /** Whether Keras takes the masks away that MultiHeadAttention has used; it does since 3.8. */
  boolean dropsMasks() {
    return part(0) > 3 || part(0) == 3 && part(1) >= 8;
  }

  private int part(int index) {
    List<String> parts = List.of(version.split("\\.", -1));
    return index < parts.size() && parts.get(index).matches("\\d{1,4}")
        ? Integer.parseInt(parts.get(index))
        : 0;
  }

  @Override
  public void close() {
    weights.close();
  }
}
