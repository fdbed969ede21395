package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.KnownValues;
import dev.sardonyx.ir.op.OperatorCatalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Computes now, with the reference evaluator, what does not depend on inputs, and also what is
 * computed from shapes alone where those are known. Results become initializers; of an If whose
 * condition is known the branch is left that is taken. Random operators and quantisation (which
 * tells runtimes how to compute) stay.
 *
 * @param maxBytes a result may be as large as this, or as what it is computed from; what
 *     ConstantOfShape gives may be as large as a gibibyte, all in all, for it takes no memory
 */
public record ConstantFolding(long maxBytes) implements Pass {
  /** One mebibyte. */
  public static final long DEFAULT_MAX_BYTES = 1L << 20;

  /** Tensors of one repeated element take no memory, but files hold them in full. */
  private static final long MAX_REPEATED_BYTES = 1L << 30;

  private static final long WORKING_SPACE = 16;

  private static final Set<String> KEPT =
      Set.of("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear");

  private static final Set<String> MOVING =
      Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Identity");

  /** With {@link #DEFAULT_MAX_BYTES}. */
  public ConstantFolding() {
    this(DEFAULT_MAX_BYTES);
  }

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "constant-folding", rules());
  }

  NodeTransform rules() {
    NodeTransform values = this::rewrite;
    return Branches.RULES.andThen(values);
  }

  private void rewrite(Node node, Rewriter to) {
    boolean stays = !to.hasInitializers() || node.hasOutput(0) && to.staysNode(node.output(0));
    if (node.is("Constant") && stays) {
      return;
    }
    List<Tensor> values = values(node, to);
    if (values == null) {
      return;
    }
    int next = 0;
    for (Result result : node.outputs()) {
      if (result.isPresent()) {
        to.replace(result, to.constant(result.name(), values.get(next++)));
      }
    }
  }

  /** What the node's outputs will be, or null if that is not known or not wanted. */
  private @Nullable List<Tensor> values(Node node, Rewriter to) {
    if (to.isOpen(node)
        || !hasResult(node)
        || !isFoldable(node, to)
        || KEPT.contains(node.opType())) {
      return null;
    }
    List<@Nullable Datum> inputs = new ArrayList<>(node.inputs().size());
    long inputBytes = 0;
    for (String name : node.inputs()) {
      Tensor input = name.isEmpty() ? null : to.tensor(name);
      if (input == null && !name.isEmpty()) {
        return ofShapes(node, to);
      }
      if (input != null && input.isRepeated() && input.byteSize() > maxBytes) {
        return moved(node, input);
      }
      inputs.add(input);
      inputBytes += input == null ? 0 : input.byteSize();
    }
    if (node.is("ConstantOfShape") && declaredBytes(node.output(0)) > maxBytes) {
      return repeated(node, to);
    }
    return node.subgraphs().isEmpty()
            && to.isPure(node)
            && ReferenceBackend.supports(node, to.imports())
        ? evaluate(node, to, inputs, Math.max(maxBytes, inputBytes))
        : null;
  }

  private static boolean hasResult(Node node) {
    for (int i = 0; i < node.outputs().size(); i++) {
      if (node.hasOutput(i)) {
        return true;
      }
    }
    return false;
  }

  /** How many bytes tensors of one repeated element have that were made in a graph. */
  private static final class Repeated {
    private long bytes;
  }

  /** A large tensor all of whose elements are the same. */
  private static @Nullable List<Tensor> repeated(Node node, Rewriter to) {
    Tensor shape = Objects.requireNonNull(to.tensor(node.input(0)));
    Tensor element =
        node.attribute("value").flatMap(a -> a.value().toTensor()).orElse(Tensor.scalar(0f));
    Rewriter main = to;
    for (Rewriter outer = to.outer(); outer != null; outer = outer.outer()) {
      main = outer;
    }
    Repeated sum = main.memory(Repeated.class, Repeated::new);
    double bytes = declaredBytes(node.output(0));
    int width = element.elementType().bits();
    if (element.size() != 1 || width < 8 || width > 64 || sum.bytes + bytes > MAX_REPEATED_BYTES) {
      return null;
    }
    sum.bytes += (long) bytes;
    return List.of(Tensor.repeated(element, shape.toLongs()));
  }

  /** What an operator gives that leaves all elements as they are. */
  private static @Nullable List<Tensor> moved(Node node, Tensor repeated) {
    return MOVING.contains(node.opType())
            && node.is(node.opType())
            && node.output(0).type() instanceof TensorType type
            && type.shape().isStatic()
            && type.shape().size().value() == repeated.size()
        ? List.of(Tensor.repeated(repeated.first(), type.shape().toLongs()))
        : null;
  }

  /** Operators of ONNX's own domain, and those that are defined as Java code. */
  private static boolean isFoldable(Node node, Rewriter to) {
    return !to.isCall(node)
        && (node.is(node.opType()) || OperatorCatalogue.standard().hasDefinitions(node.domain()));
  }

  private static @Nullable List<Tensor> evaluate(
      Node node, Rewriter to, List<@Nullable Datum> inputs, long limit) {
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
              to.imports(),
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

  private static double declaredBytes(Result result) {
    if (result.type() instanceof TensorType type
        && type.elementType().bits() > 0
        && type.shape().isStatic()) {
      double elements = 1;
      for (long dim : type.shape().toLongs()) {
        elements *= dim;
      }
      return elements * type.elementType().bits() / 8;
    }
    return 0;
  }

  /** Shapes, and what is computed from them, need not wait for the values that have the shapes. */
  private static @Nullable List<Tensor> ofShapes(Node node, Rewriter to) {
    if (node.outputs().size() != 1 || !mayBeShape(node)) {
      return null;
    }
    KnownValues known = to.elements(node.output(0).name());
    return known != null && known.isStatic() && known.isWhole()
        ? List.of(
            Tensor.ofLongs(
                known.toLongs(), known.shape().stream().mapToLong(Long::longValue).toArray()))
        : null;
  }

  private static boolean mayBeShape(Node node) {
    if (node.is("Shape") || node.is("Size")) {
      return true;
    }
    return node.output(0).type() instanceof TensorType type
        && type.elementType() == ElementType.INT64
        && isSmall(type.shape());
  }

  private static boolean isSmall(Shape shape) {
    return shape.isStatic()
        && shape.rank() <= 1
        && shape.size().value() <= KnownValues.MAX_ELEMENTS;
  }
}
