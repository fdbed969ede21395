package dev.sardonyx.samples.read;

import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleStrengthLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SDVertexParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLambdaLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLambdaVertex;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffOutputLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layers and vertices that are SameDiff graphs: a user's own, and DL4J's capsules. */
final class SameDiffCases {
  private static final InputType ROWS = InputType.feedForward(5);

  private SameDiffCases() {}

  static Stream<ParityCase> all() {
    return Stream.concat(users(), capsules());
  }

  private static Stream<ParityCase> users() {
    return Stream.of(
        ParityCase.chain("SameDiff layer", ROWS, new Gate(5), new Halves()),
        ParityCase.chain("SameDiff layer that is frozen", ROWS, new FrozenLayer(new Gate(5))),
        ParityCase.chain("SameDiff output layer", ROWS, new Halves(), new Scores(5, 3)),
        ParityCase.chain(
            "SameDiff layer of sequences",
            InputType.recurrent(3, 6),
            new LSTM.Builder().nOut(4).build(),
            new Centred()),
        ParityCase.chain(
            "SameDiff layer of images",
            InputType.convolutional(6, 5, 2),
            new ConvolutionLayer.Builder(3, 3).nOut(3).build(),
            new Halves()),
        ParityCase.graph(
            "SameDiff vertices",
            g ->
                g.addVertex("mix", new Mix(4), "in0", "in1")
                    .addVertex("lambda", new Difference(), "mix", "in0")
                    .addVertex("both", new MergeVertex(), "lambda", "in1")
                    .setOutputs("both", "mix"),
            InputType.feedForward(4),
            InputType.feedForward(4)));
  }

  private static Stream<ParityCase> capsules() {
    return Stream.of(
        ParityCase.chain(
            "capsules",
            InputType.convolutional(8, 8, 2),
            new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.RELU).build(),
            new PrimaryCapsules.Builder(4, 3).kernelSize(3, 3).stride(2, 2).build(),
            new CapsuleLayer.Builder(3, 5, 3).build(),
            new CapsuleStrengthLayer.Builder().build(),
            new ActivationLayer(Activation.SOFTMAX)),
        ParityCase.chain(
            "capsules with a bias and a leaking rectifier",
            InputType.convolutional(7, 6, 2),
            new PrimaryCapsules.Builder(2, 2)
                .kernelSize(3, 2)
                .hasBias(true)
                .useLeakyReLU(0.1)
                .build(),
            new CapsuleLayer.Builder(2, 3, 1).hasBias(true).build()));
  }

  /** A layer with parameters: {@code sigmoid(x w + b) x}. */
  public static final class Gate extends SameDiffLayer {
    private long size;

    public Gate() {}

    Gate(long size) {
      this.size = size;
    }

    public long getSize() {
      return size;
    }

    public void setSize(long size) {
      this.size = size;
    }

    @Override
    public SDVariable defineLayer(
        SameDiff sd, SDVariable x, Map<String, SDVariable> parameters, SDVariable mask) {
      SDVariable sum = sd.nn().linear(x, parameters.get("w"), parameters.get("b"));
      return sd.nn().sigmoid(sum).mul(x).mul(mask);
    }

    @Override
    public void defineParameters(SDLayerParams parameters) {
      parameters.addWeightParam("w", size, size);
      parameters.addBiasParam("b", size);
    }

    @Override
    public void initializeParameters(Map<String, INDArray> parameters) {
      parameters.values().forEach(array -> array.assign(0));
    }

    @Override
    public InputType getOutputType(int index, InputType type) {
      return type;
    }
  }

  /** A layer without parameters. */
  public static final class Halves extends SameDiffLambdaLayer {
    @Override
    public SDVariable defineLayer(SameDiff sd, SDVariable x) {
      return sd.math().tanh(x).mul(0.5).add(sd.math().square(x));
    }

    @Override
    public InputType getOutputType(int index, InputType type) {
      return type;
    }
  }

  /** Sequences without their mean over time. */
  public static final class Centred extends SameDiffLambdaLayer {
    @Override
    public SDVariable defineLayer(SameDiff sd, SDVariable x) {
      return x.sub(x.mean(true, 2));
    }

    @Override
    public InputType getOutputType(int index, InputType type) {
      return type;
    }
  }

  /** An output layer, whose loss is for training. */
  public static final class Scores extends SameDiffOutputLayer {
    private long in;
    private long out;

    public Scores() {}

    Scores(long in, long out) {
      this.in = in;
      this.out = out;
    }

    public long getIn() {
      return in;
    }

    public void setIn(long in) {
      this.in = in;
    }

    public long getOut() {
      return out;
    }

    public void setOut(long out) {
      this.out = out;
    }

    @Override
    public SDVariable defineLayer(
        SameDiff sd, SDVariable x, SDVariable labels, Map<String, SDVariable> parameters) {
      SDVariable scores = sd.mmul(x, parameters.get("w"));
      SDVariable y = sd.nn().softmax("scores", scores, -1);
      return sd.loss().logLoss("loss", labels, y);
    }

    @Override
    public String activationsVertexName() {
      return "scores";
    }

    @Override
    public void defineParameters(SDLayerParams parameters) {
      parameters.addWeightParam("w", in, out);
    }

    @Override
    public void initializeParameters(Map<String, INDArray> parameters) {
      parameters.values().forEach(array -> array.assign(0));
    }

    @Override
    public InputType getOutputType(int index, InputType type) {
      return InputType.feedForward(out);
    }
  }

  /** A vertex with parameters and two inputs. */
  public static final class Mix extends SameDiffVertex {
    private long size;

    public Mix() {}

    Mix(long size) {
      this.size = size;
    }

    public long getSize() {
      return size;
    }

    public void setSize(long size) {
      this.size = size;
    }

    @Override
    public SDVariable defineVertex(
        SameDiff sd,
        Map<String, SDVariable> inputs,
        Map<String, SDVariable> parameters,
        Map<String, SDVariable> masks) {
      SDVariable product = sd.mmul(inputs.get("first"), parameters.get("w"));
      return product.add(inputs.get("second")).mul(masks.get("second"));
    }

    @Override
    public void defineParametersAndInputs(SDVertexParams parameters) {
      parameters.defineInputs("first", "second");
      parameters.addWeightParam("w", size, size);
    }

    @Override
    public void initializeParameters(Map<String, INDArray> parameters) {
      parameters.values().forEach(array -> array.assign(0));
    }

    @Override
    public SameDiffVertex clone() {
      return new Mix(size);
    }

    @Override
    public InputType getOutputType(int index, InputType... types) {
      return types[0];
    }
  }

  /** A vertex without parameters. */
  public static final class Difference extends SameDiffLambdaVertex {
    @Override
    public SDVariable defineVertex(SameDiff sd, VertexInputs inputs) {
      return sd.math().squaredDifference(inputs.getInput(0), inputs.getInput(1));
    }

    @Override
    public InputType getOutputType(int index, InputType... types) {
      return types[0];
    }
  }
}
