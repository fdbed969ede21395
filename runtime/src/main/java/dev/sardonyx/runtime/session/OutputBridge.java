package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the nodes behind a model that turn its values into what ONNX Runtime's Java API can read:
 * elements of four and two bits are widened, and an optional, which kills the process when it is
 * absent, becomes a flag and a value.
 */
final class OutputBridge {
  private final long opset;
  private final List<Output> outputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Fetch> fetches = new ArrayList<>();

  OutputBridge(long opset) {
    this.opset = opset;
  }

  /** The outputs that the bridged graph gives. */
  List<Output> outputs() {
    return outputs;
  }

  /** The nodes that compute them from the model's values. */
  List<Node> nodes() {
    return nodes;
  }

  /** How to read each value that was added, in order. */
  List<Fetch> fetches() {
    return fetches;
  }

  /**
   * Adds a value to give back.
   *
   * @param computed whether a node computes it; an input or constant is passed through
   */
  void add(Output value, boolean computed) {
    String name = value.name();
    ValueType type = value.type();
    if (type instanceof OptionalType optional) {
      addOptional(name, optional);
    } else if (type instanceof TensorType tensor && carrier(name, tensor).needsCast()) {
      addCast(name, name, tensor, null);
    } else if (type instanceof SequenceType sequence && needsCast(name, sequence)) {
      addSequenceCast(name, name, sequence, null);
    } else if (computed) {
      outputs.add(value);
      fetches.add(new Fetch(name, type, name, null));
    } else {
      String copy = name + "/copy";
      nodes.add(Node.of("Identity", List.of(name), List.of(Result.of(copy, type))));
      outputs.add(Output.of(copy, type));
      fetches.add(new Fetch(name, type, copy, null));
    }
  }

  private void addCast(String name, String source, TensorType type, @Nullable String flag) {
    Carrier carrier = carrier(name, type);
    String carried = source + "/carried";
    TensorType carriedType = type.withElementType(carrier.carried());
    nodes.add(Casts.node(source, Result.of(carried, carriedType), carrier.carried(), opset));
    outputs.add(Output.of(carried, carriedType));
    fetches.add(new Fetch(name, type, carried, flag));
  }

  private void addOptional(String name, OptionalType type) {
    String flag = name + "/present";
    String value = name + "/value";
    TensorType flagType = TensorType.of(ElementType.BOOL);
    nodes.add(Node.of("OptionalHasElement", List.of(name), List.of(Result.of(flag, flagType))));
    outputs.add(Output.of(flag, flagType));
    nodes.add(
        Node.of(
            "If",
            List.of(flag),
            List.of(Result.of(value)),
            Attribute.ofGraph("then_branch", presentBranch(name, type.element())),
            Attribute.ofGraph("else_branch", absentBranch(name, type.element()))));
    if (type.element() instanceof TensorType tensor && carrier(name, tensor).needsCast()) {
      addCast(name, value, tensor.withShape(Shape.UNKNOWN), flag);
      return;
    }
    if (type.element() instanceof SequenceType sequence && needsCast(name, sequence)) {
      addSequenceCast(name, value, sequence, flag);
      return;
    }
    outputs.add(Output.of(value, withoutShape(type.element())));
    fetches.add(new Fetch(name, type.element(), value, flag));
  }

  private static Graph presentBranch(String name, ValueType element) {
    String got = name + "/got";
    Node get = Node.of("OptionalGetElement", List.of(name), List.of(Result.of(got, element)));
    return branch(name + "/then", get, got, element);
  }

  /** A branch that gives some value of the right type, which is never read. */
  private static Graph absentBranch(String name, ValueType element) {
    String nothing = name + "/nothing";
    Result result = Result.of(nothing, withoutShape(element));
    if (element instanceof TensorType tensor) {
      int rank = tensor.shape().isRanked() ? tensor.shape().rank() : 1;
      long[] dims = new long[rank];
      Tensor empty =
          tensor.elementType() == ElementType.STRING
              ? Tensor.ofStrings(Collections.nCopies(rank == 0 ? 1 : 0, ""), dims)
              : Tensor.of(
                  tensor.elementType(),
                  dims,
                  Tensor.allocate(tensor.elementType(), rank == 0 ? 1 : 0));
      Node constant =
          Node.of("Constant", List.of(), List.of(result), Attribute.ofTensor("value", empty));
      return branch(name + "/else", constant, nothing, element);
    }
    if (element instanceof SequenceType sequence && sequence.element() instanceof TensorType item) {
      return branch(name + "/else", emptySequence(nothing, item.elementType()), nothing, element);
    }
    throw unreadable(name, element);
  }

  private static Graph branch(String name, Node node, String output, ValueType type) {
    return Graph.of(
        name, List.of(), List.of(Output.of(output, withoutShape(type))), List.of(node), List.of());
  }

  private static ValueType withoutShape(ValueType type) {
    return type instanceof TensorType tensor ? tensor.withShape(Shape.UNKNOWN) : type;
  }

  /** Casts every item of a sequence to a type that can be read. */
  private void addSequenceCast(
      String name, String source, SequenceType type, @Nullable String flag) {
    Carrier carrier = itemCarrier(name, type);
    String carried = source + "/carried";
    ValueType item = TensorType.of(carrier.carried(), Shape.UNKNOWN);
    SequenceType carriedType = new SequenceType(item);
    String length = source + "/length";
    String none = source + "/none";
    nodes.add(Node.of("SequenceLength", List.of(source), List.of(Result.of(length))));
    nodes.add(emptySequence(none, carrier.carried()));
    nodes.add(
        Node.of(
            "Loop",
            List.of(length, Node.ABSENT, none),
            List.of(Result.of(carried, carriedType)),
            Attribute.ofGraph("body", castItems(source, carrier.carried(), carriedType))));
    outputs.add(Output.of(carried, carriedType));
    fetches.add(new Fetch(name, type, carried, flag));
  }

  /** A loop's body that appends the next item, cast, to the sequence it carries along. */
  private Graph castItems(String source, ElementType to, SequenceType carriedType) {
    String at = source + "/at";
    String go = source + "/go";
    String goOn = source + "/go_on";
    String before = source + "/before";
    String item = source + "/item";
    String cast = source + "/cast";
    String after = source + "/after";
    TensorType flagType = TensorType.of(ElementType.BOOL);
    return Graph.of(
        source + "/body",
        List.of(
            Input.of(at, TensorType.of(ElementType.INT64)),
            Input.of(go, flagType),
            Input.of(before, carriedType)),
        List.of(Output.of(goOn, flagType), Output.of(after, carriedType)),
        List.of(
            Node.of("SequenceAt", List.of(source, at), List.of(Result.of(item))),
            Casts.node(item, Result.of(cast), to, opset),
            Node.of("SequenceInsert", List.of(before, cast), List.of(Result.of(after))),
            Node.of("Identity", List.of(go), List.of(Result.of(goOn)))),
        List.of());
  }

  private static Node emptySequence(String name, ElementType type) {
    Attribute elementType = Attribute.ofInt("dtype", type.code());
    return Node.of("SequenceEmpty", List.of(), List.of(Result.of(name)), elementType);
  }

  private static boolean needsCast(String name, SequenceType type) {
    // Sequences of maps are read as they are.
    return !(type.element() instanceof MapType) && itemCarrier(name, type).needsCast();
  }

  private static Carrier itemCarrier(String name, SequenceType type) {
    if (type.element() instanceof TensorType item) {
      return Carrier.forSequenceOutput(item.elementType())
          .orElseThrow(() -> unreadable(name, type));
    }
    throw unreadable(name, type);
  }

  private static Carrier carrier(String name, TensorType type) {
    return Carrier.forOutput(type.elementType()).orElseThrow(() -> unreadable(name, type));
  }

  private static UnsupportedModelException unreadable(String name, ValueType type) {
    return new UnsupportedModelException(
        "Output '"
            + name
            + "' of type "
            + type
            + " cannot be read through ONNX Runtime's Java API; ask for values it is made of");
  }
}
