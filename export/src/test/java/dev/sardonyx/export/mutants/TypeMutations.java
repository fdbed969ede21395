package dev.sardonyx.export.mutants;

import static dev.sardonyx.export.mutants.StructureMutations.withNode;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Faults of types and shapes, put into models of one node. */
final class TypeMutations {
  private TypeMutations() {}

  /** Operators whose first two inputs broadcast. */
  private static final Set<String> BROADCASTING =
      Set.of(
          "Add", "Sub", "Mul", "Div", "Pow", "Less", "Greater", "Equal", "And", "Or", "Xor", "Mod");

  static Map<String, Mutation> all() {
    Map<String, Mutation> all = new LinkedHashMap<>();
    all.put("input of a type not taken", TypeMutations::inputType);
    all.put("inputs of two types", TypeMutations::typeBinding);
    all.put("output declared of another type", TypeMutations::declaredElementType);
    all.put("output declared of another size", TypeMutations::declaredDimension);
    all.put("output declared of another rank", TypeMutations::declaredRank);
    all.put("shapes that do not broadcast", TypeMutations::broadcast);
    all.put("inner dimensions differ", TypeMutations::matMul);
    all.put("channels differ", TypeMutations::channels);
    all.put("convolution of a vector", TypeMutations::rank);
    all.put("axis beyond the rank", TypeMutations::axis);
    all.put("joined along one axis, different along another", TypeMutations::concat);
    all.put("matrices that do not multiply", TypeMutations::gemm);
    all.put("permutation of another rank", TypeMutations::permutation);
    all.put("kernel of another size", TypeMutations::kernelShape);
    all.put("table that is no table", TypeMutations::gatherRank);
    all.put("statistics of another size", TypeMutations::batchNormalization);
    return all;
  }

  private static Optional<Node> only(Model model) {
    boolean one = model.graph().nodes().size() == 1 && model.graph().constants().isEmpty();
    return one ? Optional.of(model.graph().nodes().get(0)) : Optional.empty();
  }

  private static Optional<TensorType> tensor(Model model, String value) {
    return model.graph().inputs().stream()
        .filter(i -> i.name().equals(value))
        .map(Input::type)
        .filter(TensorType.class::isInstance)
        .map(TensorType.class::cast)
        .findFirst();
  }

  private static Model withInputType(Model model, String value, ValueType type) {
    Graph graph = model.graph();
    return model.withGraph(
        graph.withInputs(
            graph.inputs().stream()
                .map(i -> i.name().equals(value) ? i.withType(type) : i)
                .toList()));
  }

  private static Optional<Mutant> mutant(Model model, Node node, ProblemCode code) {
    return Optional.of(new Mutant("", model, code, node.label()));
  }

  private static Optional<Mutant> inputType(Model model) {
    Node node = only(model).orElse(null);
    OperatorSchema schema = node == null ? null : NodeMutations.schema(model, node).orElse(null);
    if (schema == null || !node.hasInput(0)) {
      return Optional.empty();
    }
    Set<ValueType> allowed =
        schema.input(0).map(p -> schema.types().get(p.type())).orElse(Set.of());
    return tensor(model, node.input(0))
        .flatMap(
            t -> {
              for (ElementType e :
                  List.of(ElementType.STRING, ElementType.COMPLEX128, ElementType.BOOL)) {
                if (!allowed.contains(TensorType.of(e, Shape.UNKNOWN))) {
                  return mutant(
                      withInputType(model, node.input(0), t.withElementType(e)),
                      node,
                      ProblemCode.INPUT_TYPE);
                }
              }
              return Optional.empty();
            });
  }

  private static Optional<Mutant> typeBinding(Model model) {
    Node node = only(model).orElse(null);
    OperatorSchema schema = node == null ? null : NodeMutations.schema(model, node).orElse(null);
    if (schema == null || !node.hasInput(1) || node.input(0).equals(node.input(1))) {
      return Optional.empty();
    }
    Parameter first = schema.input(0).orElseThrow();
    Parameter second = schema.input(1).orElseThrow();
    TensorType type = tensor(model, node.input(1)).orElse(null);
    if (type == null || !first.type().equals(second.type()) || !second.homogeneous()) {
      return Optional.empty();
    }
    return schema.types().get(second.type()).stream()
        .filter(TensorType.class::isInstance)
        .map(t -> ((TensorType) t).elementType())
        .filter(e -> e != type.elementType())
        .findFirst()
        .flatMap(
            e ->
                mutant(
                    withInputType(model, node.input(1), type.withElementType(e)),
                    node,
                    ProblemCode.TYPE_BINDING));
  }

  private static Optional<Mutant> declared(
      Model model, java.util.function.UnaryOperator<TensorType> change) {
    Node node = only(model).orElse(null);
    if (node == null || NodeMutations.schema(model, node).isEmpty()) {
      return Optional.empty();
    }
    Graph graph = model.graph();
    for (int i = 0; i < graph.outputs().size(); i++) {
      Output output = graph.outputs().get(i);
      if (output.type() instanceof TensorType type && !change.apply(type).equals(type)) {
        List<Output> outputs = new ArrayList<>(graph.outputs());
        outputs.set(i, output.withType(change.apply(type)));
        return mutant(model.withGraph(graph.withOutputs(outputs)), node, ProblemCode.DECLARED_TYPE);
      }
    }
    return Optional.empty();
  }

  private static Optional<Mutant> declaredElementType(Model model) {
    Node node = only(model).orElse(null);
    boolean free =
        node != null && Set.of("Optional", "SequenceAt", "If", "Loop").contains(node.opType());
    return free
        ? Optional.empty()
        : declared(
            model,
            t ->
                t.withElementType(
                    t.elementType() == ElementType.COMPLEX64
                        ? ElementType.FLOAT
                        : ElementType.COMPLEX64));
  }

  private static boolean isStaticElementwise(Model model) {
    return only(model)
        .filter(
            n ->
                BROADCASTING.contains(n.opType())
                    || Set.of(
                            "Relu",
                            "Conv",
                            "MatMul",
                            "Softmax",
                            "Transpose",
                            "MaxPool",
                            "Abs",
                            "Concat",
                            "Flatten",
                            "Gemm",
                            "ArgMax",
                            "Gather")
                        .contains(n.opType()))
        .isPresent();
  }

  private static Optional<Mutant> declaredDimension(Model model) {
    return !isStaticElementwise(model)
        ? Optional.empty()
        : declared(
            model,
            t ->
                t.shape().isStatic() && t.shape().rank() > 0
                    ? t.withShape(t.shape().with(-1, Dim.of(t.shape().dim(-1).value() + 1)))
                    : t);
  }

  private static Optional<Mutant> declaredRank(Model model) {
    return !isStaticElementwise(model)
        ? Optional.empty()
        : declared(
            model, t -> t.shape().isStatic() ? t.withShape(t.shape().concat(Shape.of(1L))) : t);
  }

  private static Optional<Mutant> reshaped(
      Model model, int input, ProblemCode code, java.util.function.UnaryOperator<Shape> change) {
    Node node = only(model).orElse(null);
    if (node == null || !node.hasInput(input)) {
      return Optional.empty();
    }
    TensorType type = tensor(model, node.input(input)).orElse(null);
    if (type == null || !type.shape().isStatic() || type.shape().rank() == 0) {
      return Optional.empty();
    }
    Shape changed = change.apply(type.shape());
    return changed.equals(type.shape())
        ? Optional.empty()
        : mutant(withInputType(model, node.input(input), type.withShape(changed)), node, code);
  }

  private static Shape larger(Shape shape, int axis) {
    long size = shape.dim(axis).value();
    return size < 2 ? shape : shape.with(axis, Dim.of(size + 1));
  }

  private static Optional<Mutant> broadcast(Model model) {
    Node node = only(model).orElse(null);
    if (node == null
        || !BROADCASTING.contains(node.opType())
        || node.input(0).equals(node.input(1))) {
      return Optional.empty();
    }
    TensorType a = tensor(model, node.input(0)).orElse(null);
    boolean same = a != null && a.equals(tensor(model, node.input(1)).orElse(null));
    return same
        ? reshaped(model, 1, ProblemCode.SHAPE_MISMATCH, s -> larger(s, -1))
        : Optional.empty();
  }

  private static Optional<Mutant> matMul(Model model) {
    return only(model).filter(n -> n.is("MatMul")).isPresent()
        ? reshaped(model, 0, ProblemCode.SHAPE_MISMATCH, s -> larger(s, -1))
        : Optional.empty();
  }

  private static Optional<Mutant> channels(Model model) {
    return only(model).filter(n -> n.is("Conv") || n.is("ConvTranspose")).isPresent()
        ? reshaped(
            model, 0, ProblemCode.SHAPE_MISMATCH, s -> s.with(1, Dim.of(s.dim(1).value() + 1)))
        : Optional.empty();
  }

  private static Optional<Mutant> rank(Model model) {
    boolean windowed =
        only(model)
            .filter(n -> Set.of("Conv", "MaxPool", "AveragePool").contains(n.opType()))
            .isPresent();
    return windowed ? reshaped(model, 0, ProblemCode.RANK, s -> s.slice(0, 2)) : Optional.empty();
  }

  private static Optional<Mutant> axis(Model model) {
    Node node = only(model).orElse(null);
    boolean has =
        node != null
            && node.attribute("axis").isPresent()
            && NodeMutations.schema(model, node).isPresent()
            && Set.of(
                    "Softmax",
                    "LogSoftmax",
                    "Hardmax",
                    "Concat",
                    "Gather",
                    "ArgMax",
                    "ArgMin",
                    "TopK",
                    "Split",
                    "Flatten",
                    "GatherElements",
                    "LayerNormalization")
                .contains(node.opType());
    if (!has || tensor(model, node.input(0)).filter(t -> t.shape().isRanked()).isEmpty()) {
      return Optional.empty();
    }
    Node changed = node.withAttribute(Attribute.ofInt("axis", 99));
    return mutant(
        model.withGraph(withNode(model.graph(), 0, changed)), changed, ProblemCode.ATTRIBUTE_VALUE);
  }

  private static boolean isA(Model model, String operator) {
    return only(model).filter(n -> n.is(operator)).isPresent();
  }

  private static Optional<Mutant> concat(Model model) {
    Node node = only(model).orElse(null);
    if (node == null || !node.is("Concat") || node.inputs().size() < 2) {
      return Optional.empty();
    }
    long joined = node.intAttribute("axis", 1);
    return reshaped(
        model,
        1,
        ProblemCode.SHAPE_MISMATCH,
        s -> {
          int other = Math.floorMod(joined + 1, s.rank());
          return s.rank() < 2 ? s : s.with(other, Dim.of(s.dim(other).value() + 1));
        });
  }

  private static Optional<Mutant> gemm(Model model) {
    Node node = only(model).orElse(null);
    if (node == null || !node.is("Gemm")) {
      return Optional.empty();
    }
    int inner = node.intAttribute("transA", 0) == 0 ? 1 : 0;
    return reshaped(
        model, 0, ProblemCode.SHAPE_MISMATCH, s -> s.with(inner, Dim.of(s.dim(inner).value() + 1)));
  }

  private static Optional<Mutant> permutation(Model model) {
    return isA(model, "Transpose")
        ? changedAttribute(model, Attribute.ofInts("perm", 0, 1, 2, 3, 4, 5, 6))
        : Optional.empty();
  }

  private static Optional<Mutant> kernelShape(Model model) {
    Node node = only(model).orElse(null);
    return node != null
            && node.is("Conv")
            && node.intsAttribute("kernel_shape").filter(k -> k.length == 2).isPresent()
        ? changedAttribute(model, Attribute.ofInts("kernel_shape", 9, 8))
        : Optional.empty();
  }

  private static Optional<Mutant> gatherRank(Model model) {
    return isA(model, "Gather") ? scalar(model, 0, ProblemCode.RANK) : Optional.empty();
  }

  private static Optional<Mutant> batchNormalization(Model model) {
    return isA(model, "BatchNormalization")
        ? reshaped(model, 1, ProblemCode.SHAPE_MISMATCH, s -> larger(s, 0))
        : Optional.empty();
  }

  private static Optional<Mutant> scalar(Model model, int input, ProblemCode code) {
    return reshaped(model, input, code, s -> Shape.SCALAR);
  }

  private static Optional<Mutant> changedAttribute(Model model, Attribute attribute) {
    Node changed = model.graph().nodes().get(0).withAttribute(attribute);
    return mutant(
        model.withGraph(withNode(model.graph(), 0, changed)), changed, ProblemCode.ATTRIBUTE_VALUE);
  }
}
