package dev.sardonyx.runtime.session;

import ai.onnxruntime.OrtException;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes inputs apart into tensors that ONNX Runtime's Java API can pass, and makes the nodes that
 * put them together again before the model. Both sides derive the tensors' names from the input's
 * name alone, so they always agree.
 */
final class InputBridge {
  private final long opset;
  private final List<Input> inputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();

  /**
   * @param opset the version of ONNX's operators that the model imports
   */
  InputBridge(long opset) {
    this.opset = opset;
  }

  /** The inputs that the bridged graph takes. */
  List<Input> inputs() {
    return inputs;
  }

  /** The nodes that assemble the model's inputs from them. */
  List<Node> nodes() {
    return nodes;
  }

  /** Adds an input of the model that has the given form. */
  void add(Input input, Form form) {
    if (input.type() instanceof TensorType tensor && !carrier(input.name(), tensor).needsCast()) {
      inputs.add(input);
    } else {
      build(input.name(), input.type(), form, input.name());
    }
  }

  /** Makes the value {@code name} of a type out of tensors named after {@code source}. */
  private void build(String name, ValueType type, Form form, String source) {
    if (type instanceof TensorType tensor) {
      buildTensor(name, tensor, source);
    } else if (type instanceof SequenceType sequence && form instanceof Form.Items items) {
      buildSequence(name, sequence, items, source);
    } else if (type instanceof OptionalType optional && form instanceof Form.Maybe maybe) {
      buildOptional(name, optional, maybe, source);
    } else {
      throw new UnsupportedModelException(
          "Input '"
              + source
              + "' of type "
              + type
              + ": ONNX Runtime's Java API has no way to pass it; it passes tensors, sequences of"
              + " tensors and optionals");
    }
  }

  private void buildTensor(String name, TensorType type, String source) {
    Carrier carrier = carrier(source, type);
    String fed = tensorName(source);
    inputs.add(Input.of(fed, type.withElementType(carrier.carried())));
    nodes.add(
        carrier.needsCast()
            ? Casts.node(fed, Result.of(name, type), type.elementType(), opset)
            : Node.of("Identity", List.of(fed), List.of(Result.of(name, type))));
  }

  private void buildSequence(String name, SequenceType type, Form.Items form, String source) {
    List<String> items = new ArrayList<>();
    for (int i = 0; i < form.items().size(); i++) {
      String item = itemName(source, i);
      build(item, type.element(), form.items().get(i), item);
      items.add(item);
    }
    Result result = Result.of(name, type);
    if (!items.isEmpty()) {
      nodes.add(Node.of("SequenceConstruct", items, List.of(result)));
    } else if (type.element() instanceof TensorType tensor) {
      Attribute elementType = Attribute.ofInt("dtype", tensor.elementType().code());
      nodes.add(Node.of("SequenceEmpty", List.of(), List.of(result), elementType));
    } else {
      throw new UnsupportedModelException(
          "Input '" + source + "': an empty sequence of " + type.element() + " cannot be passed");
    }
  }

  private void buildOptional(String name, OptionalType type, Form.Maybe form, String source) {
    Result result = Result.of(name, type);
    Form value = form.value();
    if (value == null) {
      Attribute element = Attribute.ofType("type", type.element());
      nodes.add(Node.of("Optional", List.of(), List.of(result), element));
      return;
    }
    String present = valueName(source);
    build(present, type.element(), value, present);
    nodes.add(Node.of("Optional", List.of(present), List.of(result)));
  }

  /** Takes the tensors of inputs. */
  interface Feed {
    void accept(String name, Tensor tensor) throws OrtException;
  }

  /**
   * Gives each tensor of an input to {@code feed}, by the name that the bridged graph takes it
   * under.
   */
  static void takeApart(Input input, Datum datum, Feed feed) throws OrtException {
    if (datum instanceof Tensor tensor
        && input.type() instanceof TensorType type
        && !carrier(input.name(), type).needsCast()) {
      feed.accept(input.name(), tensor);
    } else {
      takeApart(input.name(), input.type(), datum, feed);
    }
  }

  private static void takeApart(String source, ValueType type, Datum datum, Feed feed)
      throws OrtException {
    if (type instanceof OptionalType optional) {
      Datum value = datum instanceof OptionalDatum given ? given.value() : datum;
      if (value != null) {
        takeApart(valueName(source), optional.element(), value, feed);
      }
    } else if (type instanceof SequenceType sequence && datum instanceof SequenceDatum given) {
      for (int i = 0; i < given.items().size(); i++) {
        takeApart(itemName(source, i), sequence.element(), given.items().get(i), feed);
      }
    } else if (datum instanceof Tensor tensor) {
      Carrier carrier = carrier(source, tensor.type());
      feed.accept(tensorName(source), carrier.encode(tensor));
    } else {
      throw new IllegalArgumentException(
          "Input '" + source + "' of type " + type + " cannot be made of " + datum.type());
    }
  }

  private static Carrier carrier(String input, TensorType type) {
    ElementType element = type.elementType();
    return Carrier.forInput(element)
        .orElseThrow(
            () ->
                new UnsupportedModelException(
                    "Input '"
                        + input
                        + "': ONNX Runtime has no tensors of type "
                        + element.onnxName()));
  }

  static String tensorName(String source) {
    return source + "/given";
  }

  private static String itemName(String source, int i) {
    return source + "/given_item" + i;
  }

  private static String valueName(String source) {
    return source + "/given_value";
  }
}
