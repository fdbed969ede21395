package dev.sardonyx.training;

import dev.sardonyx.ir.file.AtomicFile;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network in DL4J's own zip format, its updater's state included, which {@link ModelSerializer}
 * reads. DL4J can write it too, but without the further entries and the checksum, which its reader
 * ignores.
 */
final class NetworkZip {
  private static final int BUFFER = 1 << 16;

  private NetworkZip() {}

  /** What one more entry of the zip holds. */
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes the file whole or not at all.
   *
   * @param more entries by name
   */
  static void write(Path file, ComputationGraph network, Map<String, Content> more)
      throws IOException {
    try (AtomicFile target = AtomicFile.create(file)) {
      Seal seal = new Seal(new BufferedOutputStream(target, BUFFER));
      ZipOutputStream zip = new ZipOutputStream(seal);
      byte[] json = network.getConfiguration().toJson().getBytes(StandardCharsets.UTF_8);
      add(zip, ModelSerializer.CONFIGURATION_JSON, out -> out.write(json));
      add(zip, ModelSerializer.COEFFICIENTS_BIN, array(network.params()));
      INDArray state = network.getUpdater().getStateViewArray();
      if (state != null && state.length() > 0) {
        add(zip, ModelSerializer.UPDATER_BIN, array(state));
      }
      for (Map.Entry<String, Content> entry : more.entrySet()) {
        add(zip, entry.getKey(), entry.getValue());
      }
      zip.finish();
      seal.put();
      target.commit();
    }
  }

  /** An array as ND4J reads it. */
  private static Content array(INDArray array) {
    return out -> {
      DataOutputStream data = new DataOutputStream(new BufferedOutputStream(out, BUFFER));
      Nd4j.write(array, data);
      data.flush();
    };
  }

  private static void add(ZipOutputStream zip, String name, Content content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    content.writeTo(zip);
    zip.closeEntry();
  }
}
