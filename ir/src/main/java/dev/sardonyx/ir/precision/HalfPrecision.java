package dev.sardonyx.ir.precision;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.ir.pass.Change;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.PassResult;
import dev.sardonyx.ir.pass.Passes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Converts a model of {@code float} numbers to float16 or bfloat16: weights, and the operators
 * whose signature allows it, Casts standing where the two meet. Functions are inlined first.
 *
 * <p>In {@code float} stay
 *
 * <ul>
 *   <li>operators whose sums and powers overflow or round away in 16 bits: {@link #UNSTABLE};
 *   <li>what is computed from integers and constants alone, such as positions and sizes, which 16
 *       bits hold exactly only up to 2048 (256 in bfloat16);
 *   <li>nodes with subgraphs (the nodes within are converted), sequences, and operators nobody
 *       knows, and models that train themselves or import no operators of ONNX's own;
 *   <li>operators that only move elements between two of these;
 *   <li>what cannot be run in 16 bits where the model goes, if that is said: {@link #withSupport}.
 * </ul>
 *
 * <pre>{@code
 * Model half = HalfPrecision.of(ElementType.FLOAT16).keepNodes("head").apply(model).model();
 * }</pre>
 *
 * @param type FLOAT16 or BFLOAT16
 * @param keptOperators operators, such as {@code Softmax}, that stay in {@code float}
 * @param keptNodes names of nodes that stay in {@code float}
 * @param border whether the graph's own inputs and outputs become of the type, too
 * @param overflow what becomes of weights beyond the type's range
 * @param support which nodes can compute in the type where the model is to run
 */
public record HalfPrecision(
    ElementType type,
    Set<String> keptOperators,
    Set<String> keptNodes,
    boolean border,
    Overflow overflow,
    Support support)
    implements Pass {
  /** What becomes of a finite weight that the type cannot hold. */
  public enum Overflow {
    /** It becomes the largest number of its sign; the changes tell how many and where. */
    CLAMP,
    /** The model is refused with all such weights named. */
    REFUSE
  }

  /** Says which nodes can compute in 16 bits; those that cannot stay in {@code float}. */
  @FunctionalInterface
  public interface Support {
    /** All nodes whose signature allows it. */
    Support ALL = (node, types, opset) -> true;

    /**
     * Whether a node can be run.
     *
     * @param node as it would be in 16 bits; its results have their types
     * @param types the types that its inputs would have, by their names
     * @param opset the version of its domain that the model imports
     */
    boolean has(Node node, Map<String, ValueType> types, long opset);
  }

  /** The operators that stay in {@code float} unless said otherwise. */
  public static final Set<String> UNSTABLE =
      Set.of(
          "BatchNormalization",
          "Cast",
          "CastLike",
          "CumProd",
          "CumSum",
          "DequantizeLinear",
          "DynamicQuantizeLinear",
          "Exp",
          "GroupNormalization",
          "InstanceNormalization",
          "LayerNormalization",
          "Log",
          "LogSoftmax",
          "LpNormalization",
          "MeanVarianceNormalization",
          "NegativeLogLikelihoodLoss",
          "Pow",
          "QuantizeLinear",
          "RMSNormalization",
          "Range",
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceMean",
          "ReduceProd",
          "ReduceSum",
          "ReduceSumSquare",
          "Softmax",
          "SoftmaxCrossEntropyLoss",
          "Softplus");

  public HalfPrecision {
    if (type != ElementType.FLOAT16 && type != ElementType.BFLOAT16) {
      throw new IllegalArgumentException(
          "Half precision is float16 or bfloat16, not " + type.onnxName());
    }
    keptOperators = Set.copyOf(keptOperators);
    keptNodes = Set.copyOf(keptNodes);
  }

  /** Conversion with {@code float} inputs and outputs, overflowing weights clamped. */
  public static HalfPrecision of(ElementType type) {
    return new HalfPrecision(type, UNSTABLE, Set.of(), false, Overflow.CLAMP, Support.ALL);
  }

  /** With nodes of these names in {@code float}, beside those kept already. */
  public HalfPrecision keepNodes(String... names) {
    Set<String> all = new HashSet<>(keptNodes);
    all.addAll(List.of(names));
    return new HalfPrecision(type, keptOperators, all, border, overflow, support);
  }

  /** With these operators in {@code float}, beside those kept already. */
  public HalfPrecision keepOperators(String... operators) {
    Set<String> all = new HashSet<>(keptOperators);
    all.addAll(List.of(operators));
    return new HalfPrecision(type, all, keptNodes, border, overflow, support);
  }

  /** With these operators alone in {@code float}, instead of {@link #UNSTABLE}. */
  public HalfPrecision keepOnlyOperators(Set<String> operators) {
    return new HalfPrecision(type, operators, keptNodes, border, overflow, support);
  }

  /**
   * With inputs and outputs of the type, so that callers give and take it; inputs with a default
   * stay as they are, weights of old files among them.
   */
  public HalfPrecision withBorder() {
    return new HalfPrecision(type, keptOperators, keptNodes, true, overflow, support);
  }

  public HalfPrecision withOverflow(Overflow changed) {
    return new HalfPrecision(type, keptOperators, keptNodes, border, changed, support);
  }

  /** With those nodes in {@code float}, too, that cannot be run in 16 bits. */
  public HalfPrecision withSupport(Support changed) {
    return new HalfPrecision(type, keptOperators, keptNodes, border, overflow, changed);
  }

  /**
   * @throws PrecisionException if weights overflow and that is to be refused
   * @throws IllegalArgumentException if a node to keep is not there
   */
  @Override
  public PassResult apply(Model model) {
    if (!model.training().isEmpty()) {
      return PassResult.unchanged(model);
    }
    HalfTransform transform = new HalfTransform(this);
    PassResult converted = convert(model, transform);
    if (!converted.isChanged()) {
      return PassResult.unchanged(model);
    }
    List<Change> changes = new ArrayList<>(converted.changes());
    changes.addAll(transform.clamped());
    Pass tidy =
        Passes.named("pair-fusion")
            .andThen(Passes.named("no-ops"))
            .andThen(Passes.named("common-subexpressions"))
            .andThen(Passes.named("dead-code"));
    Model tidied = tidy.apply(converted.model()).model();
    return new PassResult(transform.withFirstNames(tidied), changes);
  }

  /**
   * A model that computes the same as the converted one, but where every value of the original is
   * there as {@code float} by its name, for a comparison layer by layer. Its border stays {@code
   * float}.
   */
  public Model comparable(Model model) {
    HalfPrecision inner =
        new HalfPrecision(type, keptOperators, keptNodes, false, overflow, support);
    return inner.convert(model, new HalfTransform(inner)).model();
  }

  private PassResult convert(Model model, HalfTransform transform) {
    Model inlined = Passes.named("function-inlining").apply(model).model();
    Model typed = Passes.named("infer-types").apply(inlined).model();
    transform.requireKept(typed);
    PassResult converted =
        Pass.of("half-precision", transform).apply(border ? withHalfBorder(typed) : typed);
    transform.requireNoOverflow();
    return converted;
  }

  private Model withHalfBorder(Model model) {
    ModelEditor editor = ModelEditor.of(model);
    Set<String> defaults = new HashSet<>();
    model.graph().constants().forEach(constant -> defaults.add(constant.name()));
    for (Input input : model.graph().inputs()) {
      if (isFloat(input.type()) && !defaults.contains(input.name())) {
        editor = editor.inputElementType(input.name(), type);
      }
    }
    for (Output output : model.graph().outputs()) {
      if (isFloat(output.type())) {
        editor = editor.outputElementType(output.name(), type);
      }
    }
    return editor.model();
  }

  static boolean isFloat(ValueType type) {
    return type instanceof TensorType tensor && tensor.elementType() == ElementType.FLOAT;
  }
}
