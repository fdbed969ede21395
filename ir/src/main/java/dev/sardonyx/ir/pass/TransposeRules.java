package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.op.OperatorCatalogue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** How operators work on values whose axes are in another order than their Transposes have. */
final class TransposeRules {
  /** See {@link TransposeRules#apply}. */
  @FunctionalInterface
  private interface Rule {
    void apply(Node node, List<Value> inputs, Permutation perm, Rewriter to);
  }

  private static final Map<String, Rule> RULES = new HashMap<>();

  static {
    for (String name :
        List.of(
            "Abs",
            "Acos",
            "Acosh",
            "Asin",
            "Asinh",
            "Atan",
            "Atanh",
            "BitwiseNot",
            "Cast",
            "Ceil",
            "Celu",
            "Cos",
            "Cosh",
            "Elu",
            "Erf",
            "Exp",
            "Floor",
            "Gelu",
            "HardSigmoid",
            "HardSwish",
            "Identity",
            "IsInf",
            "IsNaN",
            "LeakyRelu",
            "Log",
            "Mish",
            "Neg",
            "Not",
            "Reciprocal",
            "Relu",
            "Round",
            "Selu",
            "Shrink",
            "Sigmoid",
            "Sign",
            "Sin",
            "Sinh",
            "Softplus",
            "Softsign",
            "Sqrt",
            "Swish",
            "Tan",
            "Tanh",
            "ThresholdedRelu")) {
      RULES.put(name, TransposeRules::sameOrder);
    }
    for (String name :
        List.of(
            "Add",
            "And",
            "BitShift",
            "BitwiseAnd",
            "BitwiseOr",
            "BitwiseXor",
            "Clip",
            "Div",
            "Equal",
            "Greater",
            "GreaterOrEqual",
            "Less",
            "LessOrEqual",
            "Max",
            "Mean",
            "Min",
            "Mod",
            "Mul",
            "Or",
            "Pow",
            "PRelu",
            "Sub",
            "Sum",
            "Where",
            "Xor")) {
      RULES.put(name, TransposeRules::broadcast);
    }
    for (String name : List.of("Softmax", "LogSoftmax", "Hardmax")) {
      RULES.put(name, TransposeRules::alongAxisOf13);
    }
    RULES.put("Concat", TransposeRules::concat);
    RULES.put("Split", TransposeRules::split);
    RULES.put("Pad", TransposeRules::pad);
    RULES.put("Slice", TransposeRules::slice);
    RULES.put("Gather", TransposeRules::gather);
    RULES.put("Squeeze", TransposeRules::reduce);
    for (String name : OperatorCatalogue.standard().reductions()) {
      RULES.put(name, TransposeRules::reduce);
    }
  }

  private TransposeRules() {}

  static boolean has(Node node) {
    return node.is(node.opType()) && RULES.containsKey(node.opType());
  }

  /** Whether a Transpose may vanish at the node, with the axes that it moves. */
  static boolean mayEnd(Node node) {
    return node.is("Gather")
        || node.is("Squeeze")
        || node.opType().startsWith("Reduce") && node.intAttribute("keepdims", 1) == 0;
  }

  /**
   * Puts a computation on untransposed inputs, and Transposes after it, in the place of a node;
   * does nothing if that is not possible.
   *
   * @param inputs the node's, those given by Transposes before these
   * @param perm what the Transposes did
   * @param toVanish only if no Transpose is needed after it
   */
  static void apply(
      Node node, List<Value> inputs, Permutation perm, boolean toVanish, Rewriter to) {
    Rule rule = RULES.get(node.opType());
    if (rule != null && (!toVanish || rest(node, perm, to).isIdentity())) {
      rule.apply(node, inputs, perm, to);
    }
  }

  /** The order of the axes that the node leaves; the same if it takes none away. */
  private static Permutation rest(Node node, Permutation perm, Rewriter to) {
    long[] axes =
        node.is("Gather")
            ? new long[] {node.intAttribute("axis", 0)}
            : mayEnd(node) ? vector(node, "axes", 1, to) : null;
    return axes == null || sources(axes, perm) == null
        ? perm
        : perm.without(
            LongStream.of(axes).mapToObj(a -> (int) (a < 0 ? a + perm.rank() : a)).toList());
  }

  private static void sameOrder(Node node, List<Value> inputs, Permutation perm, Rewriter to) {
    replace(node, inputs, node.attributes(), perm, to);
  }

  /** Operands that are not transposed have to be constants or single elements. */
  private static void broadcast(Node node, List<Value> inputs, Permutation perm, Rewriter to) {
    if (node.attribute("broadcast").isPresent() || node.attribute("axis").isPresent()) {
      return; // before opset 7
    }
    List<@Nullable Tensor> constants = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor constant = null;
      if (!isTransposed(node, i, to) && node.hasInput(i) && !isSingle(node.input(i), to)) {
        Tensor tensor = to.tensor(node.input(i));
        constant = tensor == null ? null : untransposed(tensor, perm, to);
        if (constant == null) {
          return;
        }
      }
      constants.add(constant);
    }
    List<Value> operands = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor constant = constants.get(i);
      operands.add(constant == null ? inputs.get(i) : to.constant(node.input(i), constant));
    }
    replace(node, operands, node.attributes(), perm, to);
  }

  private static boolean isTransposed(Node node, int input, Rewriter to) {
    return TransposePushing.transpose(node.input(input), to) != null;
  }

  private static boolean isSingle(String value, Rewriter to) {
    return to.shape(value).isRanked() && to.shape(value).rank() == 0;
  }

  /** The constant that stretches to the input of a Transpose as this one does to its result. */
  private static @Nullable Tensor untransposed(Tensor tensor, Permutation perm, Rewriter to) {
    if (tensor.rank() > perm.rank()) {
      return null;
    }
    long[] dims = new long[perm.rank()];
    Arrays.fill(dims, 1);
    System.arraycopy(tensor.dims(), 0, dims, dims.length - tensor.rank(), tensor.rank());
    Tensor ranked = tensor.reshape(dims);
    if (LongStream.of(dims).filter(d -> d != 1).count() <= 1) {
      return ranked.reshape(perm.toSource(dims));
    }
    Node transpose =
        Node.of(
            "Transpose",
            List.of("x"),
            List.of(Result.of("y")),
            Attribute.ofInts("perm", perm.inverse().toLongs()));
    try {
      return ReferenceBackend.evaluate(transpose, to.imports(), List.of(ranked)).get(0)
              instanceof Tensor done
          ? done
          : null;
    } catch (EvaluationException e) {
      return null;
    }
  }

  /** Before opset 13 these work on matrices, to which axes are flattened. */
  private static void alongAxisOf13(Node node, List<Value> inputs, Permutation perm, Rewriter to) {
    long axis = node.intAttribute("axis", -1);
    if (to.opset() >= 13 && perm.isAxis(axis)) {
      replace(node, inputs, withAxis(node, perm.source(axis)), perm, to);
    }
  }

  private static void concat(Node node, List<Value> inputs, Permutation perm, Rewriter to) {
    long axis = node.intAttribute("axis", to.opset() < 4 ? 1 : perm.rank());
    for (int i = 0; i < inputs.size(); i++) {
      if (!isTransposed(node, i, to)) {
        return;
      }
    }
    if (perm.isAxis(axis)) {
      replace(node, inputs, withAxis(node, perm.source(axis)), perm, to);
    }
  }

  private static void split(Node node, List<Value> inputs, Permutation perm, Rewriter to) {
    long axis = node.intAttribute("axis", 0);
    if (!perm.isAxis(axis)
        || node.inputs().size() > 1 && to.tensor(node.input(1)) == null
        || !node.outputs().stream().allMatch(Result::isPresent)) {
      return;
    }
    List<Value> parts =
        to.nodes(
            "Split",
            node.outputs().size(),
            inputs,
            withAxis(node, perm.source(axis)).toArray(Attribute[]::new));
    to.replace(parts.stream().map(p -> to.transpose(p, perm.toLongs())).toList());
  }

  private static void pad(Node node, List<Value> inputs, Permutation perm, Rewriter to) {
    long[] pads = vector(node, "pads", 1, to);
    if (pads == null || pads.length != 2 * perm.rank() || node.hasInput(3)) {
      return;
    }
    int rank = perm.rank();
    long[] begins = perm.toSource(Arrays.copyOf(pads, rank));
    long[] ends = perm.toSource(Arrays.copyOfRange(pads, rank, 2 * rank));
    long[] moved = LongStream.concat(LongStream.of(begins), LongStream.of(ends)).toArray();
    replaceWith("pads", 1, moved, node, inputs, perm, to);
  }

  private static void slice(Node node, List<Value> inputs, Permutation perm, Rewriter to) {
    for (int i = 1; i < inputs.size(); i++) {
      if (node.hasInput(i) && to.tensor(node.input(i)) == null) {
        return;
      }
    }
    long[] axes = vector(node, "axes", 3, to);
    if (axes == null) {
      long[] starts = vector(node, "starts", 1, to);
      if (starts == null || node.inputs().size() > 1 && !node.hasInput(3)) {
        return; // an input for axes would have to be put in
      }
      axes = LongStream.range(0, starts.length).toArray();
    }
    long[] moved = sources(axes, perm);
    if (moved != null) {
      replaceWith("axes", 3, moved, node, inputs, perm, to);
    }
  }

  private static void reduce(Node node, List<Value> inputs, Permutation perm, Rewriter to) {
    long[] axes = vector(node, "axes", 1, to);
    long[] moved = axes == null || axes.length == 0 ? null : sources(axes, perm);
    if (moved == null) {
      return;
    }
    Arrays.sort(moved);
    replaceWith("axes", 1, moved, node, inputs, rest(node, perm, to), to);
  }

  /** One element of an axis, which goes. */
  private static void gather(Node node, List<Value> inputs, Permutation perm, Rewriter to) {
    long axis = node.intAttribute("axis", 0);
    Tensor index = to.tensor(node.input(1));
    if (index != null && index.rank() == 0 && perm.isAxis(axis)) {
      replace(node, inputs, withAxis(node, perm.source(axis)), rest(node, perm, to), to);
    }
  }

  private static long @Nullable [] sources(long[] axes, Permutation perm) {
    return LongStream.of(axes).allMatch(perm::isAxis)
        ? LongStream.of(axes).map(perm::source).toArray()
        : null;
  }

  /** Numbers that are an attribute in old opsets and an input later, or null. */
  private static long @Nullable [] vector(Node node, String attribute, int input, Rewriter to) {
    Tensor tensor = node.hasInput(input) ? to.tensor(node.input(input)) : null;
    return tensor != null && tensor.rank() == 1
        ? tensor.toLongs()
        : node.hasInput(input) ? null : node.intsAttribute(attribute).orElse(null);
  }

  /** The node with other numbers where it has them now. */
  private static void replaceWith(
      String attribute,
      int input,
      long[] numbers,
      Node node,
      List<Value> inputs,
      Permutation perm,
      Rewriter to) {
    if (!node.hasInput(input)) {
      List<Attribute> attributes =
          node.withAttribute(Attribute.ofInts(attribute, numbers)).attributes();
      replace(node, inputs, attributes, perm, to);
      return;
    }
    List<Value> changed = new ArrayList<>(inputs);
    changed.set(input, to.constant(node.input(input), Tensor.ofLongs(numbers, numbers.length)));
    replace(node, changed, node.attributes(), perm, to);
  }

  private static List<Attribute> withAxis(Node node, long axis) {
    return node.withAttribute(Attribute.ofInt("axis", axis)).attributes();
  }

  private static void replace(
      Node node, List<Value> inputs, List<Attribute> attributes, Permutation perm, Rewriter to) {
    Value moved = to.node(node.opType(), inputs, attributes);
    to.replace(node.output(0), perm.isIdentity() ? moved : to.transpose(moved, perm.toLongs()));
  }
}
