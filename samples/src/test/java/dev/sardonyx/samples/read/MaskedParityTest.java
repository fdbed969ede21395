package dev.sardonyx.samples.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.training.read.Dl4jImporter;
import dev.sardonyx.training.read.SavedNetwork;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;

/** Sequences of which some steps do not count give what DL4J gives with the same masks. */
@SuppressWarnings("deprecation") // saved networks still have Graves' layers
class MaskedParityTest {
  private static final double TOLERANCE = 1e-5;
  private static final InputType SEQUENCES = InputType.recurrent(3, 5);
  private static final List<Backend> BACKENDS = List.of(new ReferenceBackend(), OrtBackend.cpu());

  /** Padded on the right, on the left, and with a gap. */
  private static final Tensor MASK =
      Tensor.ofFloats(new float[] {1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 1, 0}, 3, 5);

  static Stream<ParityCase> cases() {
    return Stream.concat(recurrent(), others());
  }

  private static LSTM lstm() {
    return new LSTM.Builder()
        .nOut(4)
        .activation(Activation.TANH)
        .weightInit(WeightInit.XAVIER)
        .build();
  }

  private static RnnOutputLayer out() {
    return new RnnOutputLayer.Builder().nOut(2).activation(Activation.SOFTMAX).build();
  }

  private static Stream<ParityCase> recurrent() {
    return Stream.of(
        ParityCase.chain("LSTM", SEQUENCES, lstm(), lstm(), out()),
        ParityCase.chain("GravesLSTM", SEQUENCES, new GravesLSTM.Builder().nOut(4).build(), out()),
        ParityCase.chain("SimpleRnn", SEQUENCES, new SimpleRnn.Builder().nOut(4).build(), out()),
        ParityCase.chain(
            "GravesBidirectionalLSTM",
            SEQUENCES,
            new GravesBidirectionalLSTM.Builder().nOut(4).build(),
            out()),
        ParityCase.chain("Bidirectional LSTM", SEQUENCES, new Bidirectional(lstm()), out()),
        ParityCase.chain(
            "Bidirectional SimpleRnn",
            SEQUENCES,
            new Bidirectional(Bidirectional.Mode.ADD, new SimpleRnn.Builder().nOut(4).build()),
            out()),
        ParityCase.chain("an LSTM that is frozen", SEQUENCES, new FrozenLayer(lstm()), out()),
        ParityCase.chain(
            "last step",
            SEQUENCES,
            new LastTimeStep(lstm()),
            new DenseLayer.Builder().nOut(2).build()),
        ParityCase.chain(
            "last step of a SimpleRnn",
            SEQUENCES,
            new LastTimeStep(new SimpleRnn.Builder().nOut(4).build()),
            new OutputLayer.Builder().nOut(2).build()),
        ParityCase.chain(
            "last step of both directions", SEQUENCES, new LastTimeStep(new Bidirectional(lstm()))),
        ParityCase.chain(
            "both directions' last steps", SEQUENCES, new Bidirectional(new LastTimeStep(lstm()))));
  }

  private static Stream<ParityCase> others() {
    Stream<ParityCase> pooling =
        Arrays.stream(PoolingType.values())
            .map(
                type ->
                    ParityCase.chain(
                        "pooling by " + type,
                        SEQUENCES,
                        lstm(),
                        new GlobalPoolingLayer.Builder(type).pnorm(3).build(),
                        new OutputLayer.Builder().nOut(2).build()));
    return Stream.concat(
        pooling,
        Stream.of(
            ParityCase.chain(
                "rows of sequences",
                SEQUENCES,
                new DenseLayer.Builder().nOut(4).activation(Activation.SIGMOID).build(),
                new ActivationLayer(Activation.TANH),
                new LastTimeStep(lstm())),
            ParityCase.chain("a mask layer", SEQUENCES, lstm(), new MaskLayer()),
            ParityCase.chain(
                "attention",
                SEQUENCES,
                new SelfAttentionLayer.Builder().nOut(4).nHeads(2).projectInput(true).build(),
                new GlobalPoolingLayer(PoolingType.MAX)),
            ParityCase.untyped(
                    "an embedding",
                    InputType.recurrent(1, 5),
                    new EmbeddingSequenceLayer.Builder().nIn(7).nOut(3).build(),
                    new MaskLayer())
                .withIndices(7),
            ParityCase.chain(
                "channels last",
                InputType.recurrent(3, 5, RNNFormat.NWC),
                new LSTM.Builder().nOut(4).dataFormat(RNNFormat.NWC).build(),
                new LastTimeStep(new LSTM.Builder().nOut(2).dataFormat(RNNFormat.NWC).build())),
            ParityCase.graph(
                "a graph",
                g ->
                    g.addLayer("a", lstm(), "in0")
                        .addLayer("b", new SimpleRnn.Builder().nOut(4).build(), "in1")
                        .addVertex("both", new MergeVertex(), "a", "b")
                        .addVertex("last", new LastTimeStepVertex("in1"), "both")
                        .addVertex("half", new ScaleVertex(0.5), "both")
                        .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "half")
                        .setOutputs("last", "pool"),
                SEQUENCES,
                SEQUENCES),
            ParityCase.graph(
                "a row at each step",
                g ->
                    g.addVertex("row", new LastTimeStepVertex("in0"), "in0")
                        .addVertex("rows", new DuplicateToTimeSeriesVertex("in1"), "row")
                        .addLayer("last", new LastTimeStep(lstm()), "rows")
                        .addVertex(
                            "sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "in0", "in1")
                        .addLayer("pool", new GlobalPoolingLayer(PoolingType.SUM), "sum")
                        .setOutputs("last", "pool"),
                SEQUENCES,
                SEQUENCES)));
  }

  private static Model model(ParityCase of) {
    InputType[] types = of.types().toArray(InputType[]::new);
    return of.network() instanceof SavedNetwork.Chain chain
        ? Dl4jImporter.readMasked(chain.network(), types)
        : Dl4jImporter.readMasked(((SavedNetwork.OfGraph) of.network()).network(), types);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void theModelDoesWithMasksWhatDl4jDoes(ParityCase of) {
    Model model = model(of);
    assertEquals(List.of(), Checker.check(model).errors(), "errors of the checker");
    List<String> names = model.graph().inputs().stream().map(Input::name).toList();
    List<String> own = names.stream().filter(name -> !name.endsWith("_mask")).toList();
    Map<String, Tensor> inputs = of.inputs(own, 3);
    names.stream().filter(name -> !own.contains(name)).forEach(name -> inputs.put(name, MASK));
    for (Backend backend : BACKENDS) {
      try (PreparedModel original = of.network().backend().prepare(model);
          PreparedModel prepared = backend.prepare(model)) {
        assertAgree(model, original.run(inputs), prepared.run(inputs), backend.name());
      }
    }
  }

  private static void assertAgree(Model model, Outputs expected, Outputs actual, String where) {
    for (Output output : model.graph().outputs()) {
      Tensor wanted = expected.tensor(output.name());
      Tensor given = actual.tensor(output.name());
      assertArrayEquals(wanted.dims(), given.dims(), where);
      for (int i = 0; i < wanted.length(); i++) {
        double most = TOLERANCE * Math.max(1, Math.abs(wanted.toFloats()[i]));
        String what = output.name() + " in " + where + ", element " + i;
        assertEquals(wanted.toFloats()[i], given.toFloats()[i], most, what);
      }
    }
  }

  @Test
  void masksAreInputsOfTheirOwn() {
    Model model = model(ParityCase.chain("named", InputType.recurrent(3), lstm()));
    assertEquals(
        "[input float[N,3,T], input_mask float[N,T]]",
        model.graph().inputs().stream().map(i -> i.name() + " " + i.type()).toList().toString());
  }

  @Test
  void whatIsNotReadWithAMaskIsNamed() {
    ParityCase of =
        ParityCase.chain("windows", SEQUENCES, new Convolution1DLayer.Builder(2).nOut(3).build());
    String message = assertThrows(UnsupportedModelException.class, () -> model(of)).getMessage();
    assertTrue(
        message.contains("'layer0' (Convolution1DLayer)") && message.contains("mask"), message);
    ParityCase attention =
        ParityCase.vertex(
            "attention",
            new AttentionVertex.Builder()
                .nInKeys(3)
                .nInValues(3)
                .nInQueries(3)
                .nOut(3)
                .projectInput(false)
                .build(),
            SEQUENCES,
            SEQUENCES,
            SEQUENCES);
    message = assertThrows(UnsupportedModelException.class, () -> model(attention)).getMessage();
    assertTrue(message.contains("'y' (AttentionVertex)"), message);
    ParityCase rows =
        ParityCase.chain(
            "rows", InputType.feedForward(3), new DenseLayer.Builder().nOut(3).build());
    message = assertThrows(UnsupportedModelException.class, () -> model(rows)).getMessage();
    assertTrue(message.contains("nothing to mask"), message);
  }
}
