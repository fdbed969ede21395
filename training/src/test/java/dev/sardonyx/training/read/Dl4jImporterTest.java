package dev.sardonyx.training.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What an importer takes, names and refuses. */
class Dl4jImporterTest {
  private static MultiLayerNetwork chain(InputType type, Layer... layers) {
    NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder().seed(1).list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(type).build());
    network.init();
    return network;
  }

  private static GraphBuilder graph() {
    return new NeuralNetConfiguration.Builder().seed(1).graphBuilder().addInputs("rows");
  }

  private static ComputationGraph network(GraphBuilder graph) {
    ComputationGraph network =
        new ComputationGraph(graph.setInputTypes(InputType.feedForward(3)).build());
    network.init();
    return network;
  }

  private static String refusal(org.junit.jupiter.api.function.Executable reading) {
    return assertThrows(UnsupportedModelException.class, reading).getMessage();
  }

  @Test
  void namesAreTheNetworksOwn() {
    Model model =
        Dl4jImporter.read(
            network(
                graph()
                    .addLayer("first", new DenseLayer.Builder().nOut(4).build(), "rows")
                    .addLayer("second", new OutputLayer.Builder().nOut(2).build(), "first")
                    .setOutputs("second")));
    assertEquals(
        "[rows float[N,3]]",
        model.graph().inputs().stream().map(i -> i.name() + " " + i.type()).toList().toString());
    assertEquals(
        "[second float[N,2]]",
        model.graph().outputs().stream().map(o -> o.name() + " " + o.type()).toList().toString());
    List<Node> nodes = model.graph().nodes();
    assertTrue(nodes.stream().anyMatch(n -> n.output(0).name().equals("first")), nodes.toString());
    assertTrue(model.graph().constants().stream().anyMatch(c -> c.name().equals("first.W")));
  }

  @Test
  void layersMayHaveAnyNames() {
    for (List<String> names : List.of(List.of("input", "features"), List.of("features", "input"))) {
      Layer[] layers = {
        new DenseLayer.Builder().name(names.get(0)).nOut(4).build(),
        new DenseLayer.Builder().name(names.get(1)).nOut(4).build(),
        new OutputLayer.Builder().name("networkInputs").nOut(2).build()
      };
      Model model = Dl4jImporter.read(chain(InputType.feedForward(3), layers));
      assertEquals(List.of(), Checker.check(model).errors());
      assertEquals("networkInputs", model.graph().outputs().get(0).name());
    }
  }

  @Test
  void aChainThatMentionsInputsIsReadAsAChain(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("chain.zip");
    MultiLayerNetwork network =
        chain(
            InputType.feedForward(3),
            new OutputLayer.Builder().name("networkInputs").nOut(2).build());
    network.save(file.toFile());
    assertTrue(SavedNetwork.read(file) instanceof SavedNetwork.Chain);
  }

  @Test
  void sizesThatNothingTellsAreSymbols() {
    MultiLayerNetwork network =
        chain(InputType.convolutional(8, 8, 3), new ConvolutionLayer.Builder(3, 3).nOut(2).build());
    assertEquals(
        "float[N,3,H,W]", Dl4jImporter.read(network).graph().inputs().get(0).type().toString());
    assertEquals(
        "float[N,3,8,9]",
        Dl4jImporter.read(network, InputType.convolutional(8, 9, 3))
            .graph()
            .inputs()
            .get(0)
            .type()
            .toString());
  }

  @Test
  void anUnknownInputIsAskedFor() {
    MultiLayerNetwork network =
        chain(InputType.feedForward(3), new ActivationLayer(Activation.TANH));
    String asked = refusal(() -> Dl4jImporter.read(network));
    assertTrue(asked.contains("'input'") && asked.contains("give its input type"), asked);
    Dl4jImporter.read(network, InputType.feedForward(3));
    IllegalArgumentException many =
        assertThrows(
            IllegalArgumentException.class,
            () -> Dl4jImporter.read(network, InputType.feedForward(3), InputType.feedForward(3)));
    assertTrue(many.getMessage().contains("2 input types"), many.getMessage());
  }

  /** An activation of the user's own. */
  public static final class Doubling extends BaseActivationFunction {
    @Override
    public INDArray getActivation(INDArray in, boolean training) {
      return in.muli(2);
    }

    @Override
    public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
      return new Pair<>(epsilon.mul(2), null);
    }
  }

  @Test
  void allThatCannotBeReadIsNamedAtOnce() {
    MultiLayerNetwork network =
        chain(
            InputType.feedForward(3),
            new DenseLayer.Builder().name("one").nOut(4).activation(new Doubling()).build(),
            new DenseLayer.Builder().name("two").nOut(4).activation(Activation.RELU).build(),
            new DenseLayer.Builder().name("three").nOut(4).activation(new Doubling()).build());
    String refusal = refusal(() -> Dl4jImporter.read(network));
    assertTrue(refusal.startsWith("2 of the network's 3 layers"), refusal);
    assertTrue(refusal.contains("'one' (DenseLayer): its activation"), refusal);
    assertTrue(refusal.contains("'three' (DenseLayer): its activation"), refusal);
    assertTrue(refusal.contains("Doubling"), refusal);
  }

  @Test
  void anOverwrittenInputThatOthersReadIsRefused() {
    String refusal =
        refusal(
            () ->
                Dl4jImporter.read(
                    network(
                        graph()
                            .addLayer("act", new ActivationLayer(Activation.TANH), "rows")
                            .addVertex(
                                "sum",
                                new ElementWiseVertex(ElementWiseVertex.Op.Add),
                                "rows",
                                "act")
                            .setOutputs("sum"))));
    assertTrue(
        refusal.contains("'act' (ActivationLayer): DL4J writes its result over 'rows'"), refusal);
  }

  @Test
  void aFileThatIsNoNetworkIsNamed(@TempDir Path folder) throws IOException {
    assertThrows(NoSuchFileException.class, () -> Dl4jImporter.read(folder.resolve("none.zip")));
    Path text = Files.writeString(folder.resolve("text.zip"), "no zip");
    assertMessage(text, "text.zip is no zip");
    Path other = folder.resolve("other.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(other))) {
      zip.putNextEntry(new ZipEntry("something"));
    }
    assertMessage(other, "other.zip is no network that DL4J saved");
    Path broken = folder.resolve("broken.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(broken))) {
      zip.putNextEntry(new ZipEntry("configuration.json"));
      zip.write("{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      zip.putNextEntry(new ZipEntry("coefficients.bin"));
    }
    assertMessage(broken, "broken.zip: DL4J cannot restore this network");
  }

  private static void assertMessage(Path file, String part) {
    String message = assertThrows(IOException.class, () -> Dl4jImporter.read(file)).getMessage();
    assertTrue(message.contains(part), message);
    assertEquals(1, message.lines().count(), message);
  }
}
