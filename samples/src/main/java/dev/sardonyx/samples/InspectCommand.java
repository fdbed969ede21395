package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.text.ModelPrinter;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.nn.ModelSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx inspect}: prints what is in an ONNX file. */
@Command(
    name = "inspect",
    description = {
      "Prints what is in an ONNX file: its summary, its layers or its whole text.",
      "Exit status: 0 printed, 1 failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "An ONNX file.")
  private Path file;

  @Option(names = "--layers", description = "Print the table of layers with inferred shapes.")
  private boolean layers;

  @Option(names = "--text", description = "Print the whole model in ONNX's text syntax.")
  private boolean text;

  @Option(
      names = "--elements",
      paramLabel = "N",
      description = "With --text, print only the first N elements of long tensors.")
  private @Nullable Integer elements;

  @Option(
      names = "--no-weights",
      description = "Leave external data files alone; they need not be there.")
  private boolean withoutWeights;

  @Override
  public Integer call() throws IOException {
    if (elements != null && (elements < 0 || !text)) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--elements': it goes with --text and is 0 or more");
    }
    if (layers && text) {
      throw new ParameterException(spec.commandLine(), "--layers and --text exclude each other");
    }
    Model model = withoutWeights ? OnnxReader.readWithoutWeights(file) : OnnxReader.read(file);
    Console console = Console.of(spec);
    if (text && elements != null) {
      console.block(ModelPrinter.printAbbreviated(model, elements));
    } else if (text) {
      ModelPrinter.printEscaped(model, console.out());
      console.out().flush();
    } else if (layers) {
      console.block(ModelSummary.of(model).toString());
    } else {
      summary(console, model);
    }
    return 0;
  }

  private void summary(Console console, Model model) throws IOException {
    Graph graph = model.graph();
    console.result("%s: %s", file, Sizes.bytes(Files.size(file)));
    if (!model.producerName().isEmpty()) {
      console.result(
          "Producer: %s", (model.producerName() + " " + model.producerVersion()).strip());
    }
    console.result(
        "Versions: IR %d, %s",
        model.irVersion(),
        model.opsetImports().isEmpty()
            ? "no operators imported"
            : model.opsetImports().stream()
                .map(InspectCommand::opset)
                .collect(Collectors.joining(", ")));
    console.result(
        "Graph: '%s', %s%s", graph.name(), Count.of(graph.nodes().size(), "node"), nested(model));
    Set<String> constants =
        graph.constants().stream()
            .map(Constant::name)
            .collect(Collectors.toCollection(HashSet::new));
    for (Input input : graph.inputs()) {
      console.result(
          "Input: %s %s%s",
          input.name(), input.type(), constants.contains(input.name()) ? " (has a default)" : "");
    }
    for (Output output : graph.outputs()) {
      console.result("Output: %s %s", output.name(), output.type());
    }
    console.result(
        "Parameters: %,d; initializers: %,d of %s",
        ModelSummary.of(model).parameters(),
        graph.constants().size(),
        Sizes.bytes(graph.constants().stream().mapToLong(InspectCommand::bytes).sum()));
    console.result("Operators: %s", operators(model));
    model.metadata().properties().forEach((key, value) -> console.result("%s: %s", key, value));
    if (!model.metadata().docString().isEmpty()) {
      console.result("Doc: %s", model.metadata().docString());
    }
  }

  private static String opset(OpsetImport opset) {
    return (opset.domain().isEmpty() ? "ai.onnx" : opset.domain()) + " " + opset.version();
  }

  private static String nested(Model model) {
    long all = nodes(model).count();
    long inner = all - model.graph().nodes().size();
    return inner == 0
        ? ""
        : ", %,d more in subgraphs and %s"
            .formatted(inner, Count.of(model.functions().size(), "function"));
  }

  private static Stream<Node> nodes(Model model) {
    return Stream.concat(
            model.graph().nodes().stream(),
            model.functions().stream().map(Function::nodes).flatMap(List::stream))
        .flatMap(InspectCommand::withInner);
  }

  private static Stream<Node> withInner(Node node) {
    return Stream.concat(
        Stream.of(node),
        node.subgraphs().stream()
            .flatMap(g -> g.nodes().stream())
            .flatMap(InspectCommand::withInner));
  }

  private static String operators(Model model) {
    Map<String, Long> counts =
        nodes(model)
            .collect(Collectors.groupingBy(Node::operator, TreeMap::new, Collectors.counting()));
    return counts.entrySet().stream()
        .sorted(Comparator.comparing(Map.Entry::getValue, Comparator.reverseOrder()))
        .map(e -> e.getKey() + " " + e.getValue())
        .collect(Collectors.joining(", "));
  }

  private static long bytes(Constant constant) {
    if (constant.data() instanceof Tensor tensor) {
      return tensor.byteSize();
    }
    SparseTensor sparse = (SparseTensor) constant.data();
    return sparse.values().byteSize() + sparse.indices().byteSize();
  }
}
