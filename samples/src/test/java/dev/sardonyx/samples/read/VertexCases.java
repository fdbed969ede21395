package dev.sardonyx.samples.read;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.nd4j.linalg.activations.Activation;

/** Vertices of graphs, and wrappers. */
final class VertexCases {
  private static final InputType ROW = InputType.feedForward(6);
  private static final InputType IMAGE = InputType.convolutional(4, 5, 3);

  private VertexCases() {}

  static Stream<ParityCase> all() {
    return Stream.of(elementWise(), joints(), arithmetic(), sequences(), wrappers())
        .flatMap(List::stream);
  }

  private static List<ParityCase> elementWise() {
    List<ParityCase> all = new ArrayList<>();
    for (ElementWiseVertex.Op op : ElementWiseVertex.Op.values()) {
      all.add(ParityCase.vertex("of two rows " + op, new ElementWiseVertex(op), ROW, ROW));
      all.add(ParityCase.vertex("of images " + op, new ElementWiseVertex(op), IMAGE, IMAGE));
      if (op != ElementWiseVertex.Op.Subtract) {
        all.add(ParityCase.vertex("of three " + op, new ElementWiseVertex(op), ROW, ROW, ROW));
        all.add(ParityCase.vertex("of one " + op, new ElementWiseVertex(op), ROW));
      }
      all.add(
          ParityCase.unchecked(
              "broadcast " + op,
              g -> g.addVertex("y", new ElementWiseVertex(op), "in0", "in1").setOutputs("y"),
              IMAGE,
              InputType.convolutional(1, 1, 3)));
    }
    return all;
  }

  private static List<ParityCase> joints() {
    return List.of(
        ParityCase.vertex("merge of rows", new MergeVertex(), ROW, InputType.feedForward(2)),
        ParityCase.vertex(
            "merge of images", new MergeVertex(), IMAGE, InputType.convolutional(4, 5, 1), IMAGE),
        ParityCase.vertex(
            "merge of images NHWC",
            new MergeVertex(),
            InputType.convolutional(4, 5, 2, CNN2DFormat.NHWC),
            InputType.convolutional(4, 5, 1, CNN2DFormat.NHWC)),
        ParityCase.vertex("merge of one", new MergeVertex(), ROW),
        ParityCase.vertex("subset of rows", new SubsetVertex(1, 3), ROW),
        ParityCase.vertex("subset of images", new SubsetVertex(1, 2), IMAGE),
        ParityCase.vertex("stack", new StackVertex(), ROW, ROW),
        ParityCase.vertex("stack of images", new StackVertex(), IMAGE, IMAGE, IMAGE),
        ParityCase.graph(
            "stack, unstack",
            g ->
                g.addVertex("s", new StackVertex(), "in0", "in1", "in2")
                    .addLayer("d", new DenseLayer.Builder().nOut(4).build(), "s")
                    .addVertex("u0", new UnstackVertex(0, 3), "d")
                    .addVertex("u2", new UnstackVertex(2, 3), "d")
                    .setOutputs("u2", "u0"),
            ROW,
            ROW,
            ROW),
        ParityCase.vertex("reshape", new ReshapeVertex(-1, 2, 3), ROW),
        ParityCase.vertex("reshape to rows", new ReshapeVertex(-1, 60), IMAGE),
        ParityCase.vertex(
            "reshape in order f", new ReshapeVertex('f', new int[] {-1, 2, 3}, null), ROW),
        ParityCase.vertex("pool helper", new PoolHelperVertex(), IMAGE));
  }

  private static List<ParityCase> arithmetic() {
    return List.of(
        ParityCase.vertex("scale", new ScaleVertex(0.3), IMAGE),
        ParityCase.vertex("scale by one", new ScaleVertex(1), IMAGE),
        ParityCase.vertex("shift", new ShiftVertex(-0.7), ROW),
        ParityCase.vertex("distance", new L2Vertex(), ROW, ROW),
        ParityCase.vertex("distance of images", new L2Vertex(), IMAGE, IMAGE),
        ParityCase.vertex("normalised rows", new L2NormalizeVertex(), ROW),
        ParityCase.vertex("normalised, large eps", new L2NormalizeVertex(null, 10), ROW),
        ParityCase.vertex("normalised images", new L2NormalizeVertex(), IMAGE));
  }

  private static List<ParityCase> sequences() {
    InputType sequence = InputType.recurrent(3, 6);
    return List.of(
        ParityCase.vertex("last step as a vertex", new LastTimeStepVertex("in0"), sequence),
        ParityCase.vertex("reversed", new ReverseTimeSeriesVertex("in0"), sequence),
        ParityCase.graph(
            "rows at each step",
            g ->
                g.addVertex("y", new DuplicateToTimeSeriesVertex("in1"), "in0")
                    .addVertex("both", new MergeVertex(), "y", "in1")
                    .setOutputs("both"),
            InputType.feedForward(3),
            sequence),
        ParityCase.vertex(
            "attention as a vertex",
            new AttentionVertex.Builder()
                .nInQueries(3)
                .nInKeys(3)
                .nInValues(3)
                .nOut(4)
                .nHeads(2)
                .headSize(5)
                .projectInput(true)
                .build(),
            sequence,
            sequence,
            sequence));
  }

  /** What an ActivationLayer writes to is a copy where others read it, too. */
  private static List<ParityCase> wrappers() {
    return List.of(
        ParityCase.graph(
            "value and its activation",
            g ->
                g.addLayer("d", new DenseLayer.Builder().nOut(4).build(), "in0")
                    .addLayer("a", new ActivationLayer(Activation.RELU), "d")
                    .addVertex("y", new ElementWiseVertex(ElementWiseVertex.Op.Subtract), "d", "a")
                    .setOutputs("y"),
            ROW),
        ParityCase.graph(
            "preprocessor as a vertex",
            g ->
                g.addVertex(
                        "p",
                        new PreprocessorVertex(new CnnToFeedForwardPreProcessor(4, 5, 3)),
                        "in0")
                    .setOutputs("p"),
            IMAGE),
        ParityCase.graph(
            "frozen vertices",
            g -> g.addVertex("f", new FrozenVertex(new ScaleVertex(2)), "in0").setOutputs("f"),
            ROW),
        ParityCase.chain(
            "frozen layers",
            IMAGE,
            new FrozenLayer(new ConvolutionLayer.Builder(2, 2).nIn(3).nOut(4).build()),
            new FrozenLayerWithBackprop(
                new ConvolutionLayer.Builder(2, 2).nIn(4).nOut(2).build())));
  }
}
