package dev.sardonyx.training.read;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Reads DL4J's networks. The model computes what the network's {@code output} gives, from the same
 * arrays: layouts, shapes and the names of inputs stay, outputs and values between have the names
 * of the layers that compute them. The batch is the symbol {@code N}. Numbers are float32, whatever
 * the network's own type.
 *
 * <p>DL4J does not keep the input types that a network was made with. They follow from its
 * preprocessors and first layers; sizes that nothing tells, such as those of images, become
 * symbols. The methods also take them, in the order of the network's inputs.
 *
 * <p>All methods throw {@link UnsupportedModelException}, naming every layer that cannot be read,
 * its class and the reason, before anything is made.
 */
public final class Dl4jImporter {
  private Dl4jImporter() {}

  /**
   * Reads a network that DL4J saved, of either kind.
   *
   * @param types the inputs' types, or none for what the network tells
   * @throws IOException if the file cannot be read or is no such network
   */
  public static Model read(Path zip, InputType... types) throws IOException {
    return SavedNetwork.read(zip).model(types);
  }

  /** Reads a network whose input is called {@code input}. */
  public static Model read(MultiLayerNetwork network, InputType... types) {
    return NetworkReader.read(NetworkPlan.of(network), List.of(types));
  }

  public static Model read(ComputationGraph network, InputType... types) {
    return NetworkReader.read(NetworkPlan.of(network), List.of(types));
  }

  /**
   * Reads a network that is fed with masks. Each input {@code x} that is a sequence has a further
   * input {@code x_mask} of floats {@code [N,T]} behind the network's own, 1 for steps that count
   * and 0 for others, wherever they are. The model does with them what DL4J does, which is not the
   * same for all layers: an LSTM by itself ignores its mask.
   */
  public static Model readMasked(MultiLayerNetwork network, InputType... types) {
    return NetworkReader.read(NetworkPlan.of(network), List.of(types), true);
  }

  /**
   * Reads a network that is fed with masks; see {@link #readMasked(MultiLayerNetwork,
   * InputType...)}.
   */
  public static Model readMasked(ComputationGraph network, InputType... types) {
    return NetworkReader.read(NetworkPlan.of(network), List.of(types), true);
  }
}
