package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.nd4j.linalg.activations.impl.ActivationIdentity;

/**
 * DepthToSpace and SpaceToDepth, which only move numbers: convolutions whose windows are the blocks
 * and whose weights are 0 and 1.
 */
final class BlockLayouts {
  private BlockLayouts() {}

  static void depthToSpace(Node node, NetworkBuilder network) {
    network.requireImages(node, node.input(0));
    int block = block(node);
    int in = Math.toIntExact(network.size(node, node.input(0), 1));
    int out = in / (block * block);
    boolean isRowsFirst = node.stringAttribute("mode", "DCR").equals("DCR");
    float[] weights = new float[in * out * block * block];
    for (int c = 0; c < out; c++) {
      for (int place = 0; place < block * block; place++) {
        int from = isRowsFirst ? place * out + c : c * block * block + place;
        weights[(from * out + c) * block * block + place] = 1;
      }
    }
    network.fixedLayer(
        node.output(0).name(),
        new Deconvolution2D.Builder(new int[] {block, block}, new int[] {block, block})
            .convolutionMode(ConvolutionMode.Truncate)
            .nIn(in)
            .nOut(out)
            .hasBias(false)
            .activation(new ActivationIdentity())
            .build(),
        "W",
        Tensor.ofFloats(weights, in, out, block, block),
        network.vertex(node, 0));
  }

  static void spaceToDepth(Node node, NetworkBuilder network) {
    network.requireImages(node, node.input(0));
    int block = block(node);
    int in = Math.toIntExact(network.size(node, node.input(0), 1));
    int out = in * block * block;
    float[] weights = new float[out * in * block * block];
    for (int c = 0; c < in; c++) {
      for (int place = 0; place < block * block; place++) {
        weights[((place * in + c) * in + c) * block * block + place] = 1;
      }
    }
    network.fixedLayer(
        node.output(0).name(),
        new ConvolutionLayer.Builder(new int[] {block, block}, new int[] {block, block})
            .convolutionMode(ConvolutionMode.Truncate)
            .nIn(in)
            .nOut(out)
            .hasBias(false)
            .activation(new ActivationIdentity())
            .build(),
        "W",
        Tensor.ofFloats(weights, out, in, block, block),
        network.vertex(node, 0));
  }

  private static int block(Node node) {
    int block = Math.toIntExact(node.intAttribute("blocksize", 0));
    if (block < 1) {
      throw new NodeRefusal(node, "its blocksize is " + block);
    }
    return block;
  }
}
