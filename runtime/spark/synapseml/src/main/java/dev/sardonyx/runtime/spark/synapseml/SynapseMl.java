package dev.sardonyx.runtime.spark.synapseml;

import com.microsoft.azure.synapse.ml.onnx.ONNXModel;
import dev.sardonyx.runtime.spark.speed.Contenders;
import dev.sardonyx.runtime.spark.speed.SpeedTable;
import java.io.IOException;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** SynapseML's ONNXModel, on a Spark of its own. */
public final class SynapseMl {
  private SynapseMl() {}

  public static void main(String[] args) throws IOException {
    Contenders.serve(args, (model, table) -> Map.of("SynapseML ONNXModel", scored(model, table)));
  }

  private static Dataset<Row> scored(byte[] model, Dataset<Row> table) {
    ONNXModel network = new ONNXModel();
    network.setModelPayload(model);
    network.setFeedDict("x", "features");
    network.setFetchDict("y", "y");
    network.setDeviceType("CPU");
    network.setMiniBatchSize(SpeedTable.BATCH);
    return network.transform(table);
  }
}
