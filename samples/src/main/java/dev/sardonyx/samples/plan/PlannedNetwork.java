package dev.sardonyx.samples.plan;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.edit.EditException;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.ir.nn.Networks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which network learns. */
public sealed interface PlannedNetwork {
  /** Reads a model of any kind from a file. */
  @FunctionalInterface
  interface ModelReader {
    Model read(Path file) throws IOException;
  }

  /**
   * What a network is for.
   *
   * @param input the name of what it sees
   * @param example the shape of one example, such as {@code [3,32,32]}
   * @param output the name of what it answers
   * @param outputs how many numbers that is
   * @param classes whether they are probabilities of classes
   */
  record Task(String input, List<Long> example, String output, long outputs, boolean classes) {}

  /** What it is called. */
  String title();

  /** The values up to which the network stays as it is. */
  default List<String> frozenUntil() {
    return List.of();
  }

  /** A file that is read, if there is one. */
  default Optional<Path> source() {
    return Optional.empty();
  }

  /**
   * The network with first weights.
   *
   * @throws PlanException naming the layer or the value that does not fit
   */
  Model build(Task task, long seed, ModelReader reader) throws IOException;

  /** An image classifier by name. */
  final class Named implements PlannedNetwork {
    private final PlanNode node;
    private final String name;

    private Named(PlanNode node) throws PlanException {
      this.node = node;
      this.name = node.word(Networks.names());
    }

    @Override
    public String title() {
      return name;
    }

    @Override
    public Model build(Task task, long seed, ModelReader reader) throws PlanException {
      if (task.example().size() != 3 || !task.classes()) {
        throw node.wrong(
            "is '" + name + "', which tells classes of images; write layers for other data");
      }
      List<Long> image = task.example();
      try {
        return Networks.named(name)
            .withImage(image.get(0), image.get(1), image.get(2))
            .withClasses(task.outputs())
            .build(seed);
      } catch (GraphBuildException e) {
        throw node.wrong("does not fit the images: " + e.problem(), e);
      }
    }
  }

  /** Layers, one after another. */
  final class Layered implements PlannedNetwork {
    private final List<LayerPlan> layers;

    private Layered(PlanNode node) throws PlanException {
      this.layers = LayerPlan.list(node);
    }

    @Override
    public String title() {
      return "layers";
    }

    @Override
    public Model build(Task task, long seed, ModelReader reader) throws PlanException {
      GraphBuilder b = GraphBuilder.of(title());
      List<Dim> dims = new ArrayList<>(List.of(Dim.symbol("N")));
      task.example().forEach(size -> dims.add(Dim.of(size)));
      Value x = b.input(task.input(), TensorType.of(ElementType.FLOAT, Shape.of(dims)));
      b.output(head(Layers.of(b, seed), x, layers, task), task.output());
      return b.buildModel();
    }
  }

  /** The layers, and then as many units as there are outputs. */
  private static Value head(Layers nn, Value input, List<LayerPlan> layers, Task task)
      throws PlanException {
    Value x = LayerPlan.build(layers, nn, input);
    Value answers = nn.dense(LayerPlan.rows(nn, x), task.outputs());
    return task.classes() ? nn.builder().softmax(answers, 1) : answers;
  }

  /** A network from a file, as it is or with a new head. */
  final class FromFile implements PlannedNetwork {
    private final PlanNode node;
    private final Path file;
    private final Optional<PlanNode> features;
    private final List<LayerPlan> head;
    private final List<PlanNode> frozen;
    private final List<String> frozenUntil;

    private FromFile(PlanNode node) throws PlanException {
      PlanMap map = node.map("file", "features", "head", "freeze-until");
      this.node = map.need("file");
      this.file = this.node.path();
      this.features = map.get("features");
      this.head = map.has("head") ? LayerPlan.list(map.need("head")) : List.of();
      this.frozen = map.has("freeze-until") ? map.need("freeze-until").list() : List.of();
      this.frozenUntil = map.texts("freeze-until");
      map.requireWith("head", features.isPresent(), "networks with 'features', what it stands on");
    }

    @Override
    public String title() {
      return String.valueOf(file.getFileName());
    }

    @Override
    public Optional<Path> source() {
      return Optional.of(file);
    }

    @Override
    public List<String> frozenUntil() {
      return frozenUntil;
    }

    @Override
    public Model build(Task task, long seed, ModelReader reader) throws IOException {
      Model given = sized(ChannelsFirst.of(reader.read(file), task.example()), task);
      if (features.isEmpty()) {
        requireValues(given);
        return fitting(given, task);
      }
      String value = requireValue(given, features.get());
      Model own = withHead(given, value, task, seed);
      requireValues(own);
      return fitting(own, task);
    }

    /** With the sizes of the data where the file leaves them open, but for the batch. */
    private Model sized(Model model, Task task) throws PlanException {
      if (model.graph().inputs().isEmpty()) {
        throw node.wrong("has no input");
      }
      Input input = model.graph().inputs().get(0);
      Shape seen = shape(input.type());
      if (!seen.isRanked() || seen.rank() != task.example().size() + 1) {
        return model;
      }
      ModelEditor sized = ModelEditor.of(model);
      for (int axis = 1; axis < seen.rank(); axis++) {
        if (!seen.dim(axis).isFixed()) {
          sized = sized.dimension(input.name(), axis, String.valueOf(task.example().get(axis - 1)));
        }
      }
      return sized.model();
    }

    private Model withHead(Model given, String value, Task task, long seed) throws IOException {
      try {
        return ModelEditor.of(given)
            .replaceHead(value, task.output(), (b, x) -> newHead(Layers.of(b, seed), x, task))
            .model();
      } catch (UncheckedIOException e) {
        throw e.getCause();
      } catch (EditException e) {
        throw features.orElse(node).wrong("cannot have the new head: " + e.getMessage(), e);
      } catch (GraphBuildException e) {
        throw features.orElse(node).wrong("cannot have the new head: " + e.problem(), e);
      }
    }

    private Value newHead(Layers nn, Value x, Task task) {
      try {
        return head(nn, x, head, task);
      } catch (PlanException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void requireValues(Model model) throws PlanException {
      for (PlanNode value : frozen) {
        requireValue(model, value);
      }
    }

    private static String requireValue(Model model, PlanNode value) throws PlanException {
      List<String> values = new ArrayList<>();
      for (Node each : model.graph().nodes()) {
        each.outputs().stream().filter(Result::isPresent).forEach(r -> values.add(r.name()));
      }
      if (!values.contains(value.text())) {
        throw value.wrong(
            "is '%s', which the network does not compute%s"
                .formatted(value.text(), PlanNode.instead(value.text(), values)));
      }
      return value.text();
    }

    /** A network whose output is as wide as what is to be learnt. */
    private Model fitting(Model model, Task task) throws PlanException {
      List<Input> inputs = model.graph().inputs();
      List<Output> outputs = model.graph().outputs();
      if (inputs.size() != 1 || outputs.size() != 1) {
        throw node.wrong(
            "has %d inputs and %d outputs; a network to train has one of each"
                .formatted(inputs.size(), outputs.size()));
      }
      Shape seen = shape(inputs.get(0).type());
      List<Dim> dims = new ArrayList<>(List.of(Dim.UNKNOWN));
      task.example().forEach(size -> dims.add(Dim.of(size)));
      if (seen.isRanked() && !seen.with(0, Dim.UNKNOWN).isCompatibleWith(Shape.of(dims))) {
        throw node.wrong(
            "takes '%s' %s, but the data are %s"
                .formatted(inputs.get(0).name(), seen, Shape.of(dims).with(0, Dim.symbol("N"))));
      }
      Shape answered = shape(outputs.get(0).type());
      Shape wanted = Shape.of(List.of(Dim.UNKNOWN, Dim.of(task.outputs())));
      if (answered.isRanked() && !wanted.isCompatibleWith(answered.with(0, Dim.UNKNOWN))) {
        throw node.wrong(
            "answers '%s' %s, but there are %d %s; give it a new head: features, and layers under head"
                .formatted(
                    outputs.get(0).name(),
                    answered,
                    task.outputs(),
                    task.classes() ? "classes" : "targets"));
      }
      return model;
    }

    private static Shape shape(ValueType type) {
      return type instanceof TensorType tensor ? tensor.shape() : Shape.UNKNOWN;
    }
  }

  /** What a plan says under {@code network}. */
  static PlannedNetwork of(PlanNode node) throws PlanException {
    if (node.isText()) {
      return new Named(node);
    }
    if (node.isList()) {
      return new Layered(node);
    }
    return switch (node.map().oneOf("name", "layers", "file")) {
      case "name" -> new Named(node.map("name").need("name"));
      case "layers" -> new Layered(node.map("layers").need("layers"));
      default -> new FromFile(node);
    };
  }
}
