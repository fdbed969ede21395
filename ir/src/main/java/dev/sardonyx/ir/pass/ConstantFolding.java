package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Computes now, with the reference evaluator, what does not depend on inputs, and also the Shape
 * and Size of values whose shape is known. Results become constants of the graph (in functions,
 * Constant nodes). Random operators and quantisation (which tells runtimes how to compute) stay.
 *
 * @param maxBytes a result may be as large as this, or as what it is computed from
 */
public record ConstantFolding(long maxBytes) implements Pass {
  /** One mebibyte. */
  public static final long DEFAULT_MAX_BYTES = 1L << 20;

  private static final long WORKING_SPACE = 16;

  private static final Set<String> KEPT =
      Set.of("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear");

  /** With {@link #DEFAULT_MAX_BYTES}. */
  public ConstantFolding() {
    this(DEFAULT_MAX_BYTES);
  }

  @Override
  public PassResult apply(Model model) {
    // Before IR version 4 a constant had to be an input too, so Constant nodes are kept there.
    boolean asNodes = model.irVersion() < 4;
    return Streaming.apply("constant-folding", model, (node, out) -> rewrite(node, out, asNodes));
  }

  private void rewrite(Node node, Rewriting out, boolean asNodes) {
    boolean nodesOnly = asNodes || out.isFunction();
    if (node.is("Constant") && (nodesOnly || staysResult(node.output(0), out))) {
      out.emit(node);
      return;
    }
    List<Tensor> values = values(node, out);
    if (values == null) {
      out.emit(node);
      return;
    }
    int next = 0;
    for (Result result : node.outputs()) {
      if (result.isPresent()) {
        Tensor value = values.get(next++);
        if (nodesOnly || staysResult(result, out)) {
          out.emit(constantNode(result, value));
        } else {
          out.add(new Constant(result.name(), value, result.metadata()));
        }
      }
    }
    String what = node.is("Constant") ? "made a constant of " : "folded ";
    out.report(what + node.described());
  }

  /** A constant would be there from the start, so that no subgraph may use its name. */
  private static boolean staysResult(Result result, Rewriting out) {
    return out.isPinned(result.name()) || out.isInBody(result.name());
  }

  private static Node constantNode(Result result, Tensor value) {
    return new Node(
        "",
        "Constant",
        "",
        "",
        List.of(),
        List.of(Attribute.ofTensor("value", value)),
        List.of(result.withType(value.type())),
        Metadata.EMPTY);
  }

  /** What the node's outputs will be, or null if that is not known or not wanted. */
  private @Nullable List<Tensor> values(Node node, Rewriting out) {
    if (out.isOpen(node) || node.outputs().stream().noneMatch(Result::isPresent)) {
      return null;
    }
    if ((node.is("Shape") || node.is("Size")) && node.outputs().size() == 1) {
      Tensor known = ofShape(node, out);
      if (known != null) {
        return List.of(known);
      }
    }
    List<@Nullable Datum> inputs = new ArrayList<>(node.inputs().size());
    long inputBytes = 0;
    for (String name : node.inputs()) {
      Tensor input = name.isEmpty() ? null : out.constant(name);
      if (input == null && !name.isEmpty()) {
        return null;
      }
      inputs.add(input);
      inputBytes += input == null ? 0 : input.byteSize();
    }
    return node.is(node.opType())
            && !KEPT.contains(node.opType())
            && !ReferenceBackend.isRandom(node)
            && node.subgraphs().isEmpty()
            && ReferenceBackend.supports(node, out.imports())
        ? evaluate(node, out, inputs, Math.max(maxBytes, inputBytes))
        : null;
  }

  private static @Nullable List<Tensor> evaluate(
      Node node, Rewriting out, List<@Nullable Datum> inputs, long limit) {
    for (Result result : node.outputs()) {
      if (declaredBytes(result) > limit) {
        return null;
      }
    }
    List<Datum> results;
    try {
      // Large results are refused before they are made; what kernels need besides is a few times
      // as large.
      Limits limits = Limits.standard();
      results =
          ReferenceBackend.evaluate(
              node,
              out.imports(),
              inputs,
              limits.withBytes(Math.min(limits.bytes(), limit * WORKING_SPACE)));
    } catch (EvaluationException | UnsupportedModelException e) {
      return null; // whoever runs the model will meet the error where it belongs
    }
    List<Tensor> values = new ArrayList<>();
    for (Datum result : results) {
      if (!(result instanceof Tensor tensor) || tensor.byteSize() > limit) {
        return null;
      }
      values.add(tensor);
    }
    return values;
  }

  private static long declaredBytes(Result result) {
    if (result.type() instanceof TensorType type
        && type.elementType().bits() > 0
        && type.shape().isStatic()) {
      double elements = 1;
      for (long dim : type.shape().toLongs()) {
        elements *= dim;
      }
      return (long) (elements * type.elementType().bits() / 8);
    }
    return 0;
  }

  /** The shape or size of a value that need not be known itself. */
  private static @Nullable Tensor ofShape(Node node, Rewriting out) {
    TensorType type = out.tensorType(node.input(0));
    if (type == null || !type.shape().isRanked()) {
      return null;
    }
    Shape shape = type.shape();
    if (node.is("Size")) {
      return shape.size().isFixed() ? Tensor.scalar(shape.size().value()) : null;
    }
    int rank = shape.rank();
    int start = clamp(node.intAttribute("start", 0), rank);
    int end = clamp(node.intAttribute("end", rank), rank);
    Shape part = shape.slice(start, Math.max(start, end));
    return part.isStatic() ? Tensor.ofLongs(part.toLongs(), part.rank()) : null;
  }

  private static int clamp(long axis, int rank) {
    return (int) Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis));
  }
}
