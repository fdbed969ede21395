package dev.sardonyx.training.read;

import dev.sardonyx.ir.Model;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;

/** A network that DL4J saved, of either kind. */
public sealed interface SavedNetwork {
  /** The network as DL4J knows it. */
  org.deeplearning4j.nn.api.Model network();

  /** The network as a model; see {@link Dl4jImporter}. */
  Model model(InputType... types);

  /** The network itself, as a backend. */
  NetworkBackend backend();

  /** A network whose layers are a chain. */
  record Chain(MultiLayerNetwork network) implements SavedNetwork {
    @Override
    public Model model(InputType... types) {
      return Dl4jImporter.read(network, types);
    }

    @Override
    public NetworkBackend backend() {
      return NetworkBackend.of(network);
    }
  }

  /** A network of any form. */
  record OfGraph(ComputationGraph network) implements SavedNetwork {
    @Override
    public Model model(InputType... types) {
      return Dl4jImporter.read(network, types);
    }

    @Override
    public NetworkBackend backend() {
      return NetworkBackend.of(network);
    }
  }

  /**
   * Reads a file as DL4J's ModelSerializer writes it.
   *
   * @throws IOException if the file cannot be read or is no such network
   */
  static SavedNetwork read(Path zip) throws IOException {
    if (!Files.exists(zip)) {
      throw new NoSuchFileException(zip.toString());
    }
    if (!Files.isRegularFile(zip)) {
      throw new FileSystemException(zip.toString(), null, "is no file, but a folder or a device");
    }
    boolean isGraph = Pattern.compile("\"networkInputs\"\\s*:").matcher(configuration(zip)).find();
    try {
      return isGraph
          ? new OfGraph(ModelSerializer.restoreComputationGraph(zip.toFile(), false))
          : new Chain(ModelSerializer.restoreMultiLayerNetwork(zip.toFile(), false));
    } catch (IOException | RuntimeException e) {
      throw new IOException(zip + ": DL4J cannot restore this network: " + firstLine(e), e);
    }
  }

  /** Jackson's messages quote the whole configuration; others say nothing, or a class. */
  private static String firstLine(Exception e) {
    Throwable cause = e;
    while (cause.getCause() != null && !(cause instanceof EOFException)) {
      cause = cause.getCause();
    }
    if (cause instanceof EOFException) {
      return "%s ends too early".formatted(ModelSerializer.COEFFICIENTS_BIN);
    }
    return e.getMessage() == null
        ? "%s or %s is none of DL4J's"
            .formatted(ModelSerializer.CONFIGURATION_JSON, ModelSerializer.COEFFICIENTS_BIN)
        : e.getMessage().lines().findFirst().orElse("");
  }

  private static String configuration(Path zip) throws IOException {
    int most = 1 << 26; // a layer takes a kilobyte or two; a small zip can unpack to any size
    try (ZipFile file = new ZipFile(zip.toFile())) {
      ZipEntry entry = file.getEntry(ModelSerializer.CONFIGURATION_JSON);
      if (entry == null || file.getEntry(ModelSerializer.COEFFICIENTS_BIN) == null) {
        throw new IOException(
            "%s is no network that DL4J saved: the zip has no %s and %s"
                .formatted(
                    zip, ModelSerializer.CONFIGURATION_JSON, ModelSerializer.COEFFICIENTS_BIN));
      }
      byte[] text = file.getInputStream(entry).readNBytes(most + 1);
      if (text.length > most) {
        throw new IOException(
            "%s is no network that DL4J saved: its %s has more than %d bytes"
                .formatted(zip, ModelSerializer.CONFIGURATION_JSON, most));
      }
      return new String(text, StandardCharsets.UTF_8);
    } catch (ZipException e) {
      throw new IOException(zip + " is no zip: " + e.getMessage(), e);
    }
  }
}
