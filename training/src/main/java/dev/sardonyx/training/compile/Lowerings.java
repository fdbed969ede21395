package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The operators that can be expressed in DL4J, each with its lowering: the one place to add
 * another.
 */
public final class Lowerings {
  private static final Map<String, Lowering> BY_OPERATOR = new HashMap<>();

  private static final Set<String> MOVES =
      Set.of(
          "Cast",
          "Concat",
          "Flatten",
          "Gather",
          "Identity",
          "Reshape",
          "Slice",
          "Split",
          "Squeeze",
          "Transpose",
          "Unsqueeze");

  static {
    BY_OPERATOR.put("Conv", Convolutions::conv);
    BY_OPERATOR.put("ConvTranspose", TransposedConvolutions::lower);
    BY_OPERATOR.put("MaxPool", Pooling::max);
    BY_OPERATOR.put("AveragePool", Pooling::average);
    BY_OPERATOR.put("GlobalMaxPool", Pooling::globalMax);
    BY_OPERATOR.put("GlobalAveragePool", Pooling::globalAverage);
    BY_OPERATOR.put("ReduceMean", Pooling::reduceMean);
    BY_OPERATOR.put("ReduceMax", Pooling::reduceMax);
    BY_OPERATOR.put("ReduceSum", Pooling::reduceSum);
    BY_OPERATOR.put("RNN", RecurrentOperators::rnn);
    BY_OPERATOR.put("LSTM", RecurrentOperators::lstm);
    BY_OPERATOR.put("Gemm", Dense::gemm);
    BY_OPERATOR.put("MatMul", Dense::matMul);
    BY_OPERATOR.put("BatchNormalization", Normalization::batch);
    BY_OPERATOR.put("LRN", Normalization::localResponse);
    BY_OPERATOR.put("Dropout", Normalization::dropout);
    BY_OPERATOR.put("Add", Elementwise::add);
    BY_OPERATOR.put("Sub", Elementwise::subtract);
    BY_OPERATOR.put("Mul", Elementwise::multiply);
    BY_OPERATOR.put("Div", Elementwise::divide);
    BY_OPERATOR.put("Neg", Elementwise::negate);
    BY_OPERATOR.put("Sum", Elementwise::sum);
    BY_OPERATOR.put("Mean", Elementwise::mean);
    BY_OPERATOR.put("Max", Elementwise::max);
    BY_OPERATOR.put("PRelu", Slopes::prelu);
    BY_OPERATOR.put("Gather", Selection::gather);
    BY_OPERATOR.put("Slice", Selection::slice);
    BY_OPERATOR.put("DepthToSpace", BlockLayouts::depthToSpace);
    BY_OPERATOR.put("SpaceToDepth", BlockLayouts::spaceToDepth);
    BY_OPERATOR.put("Transpose", Movement::transpose);
    BY_OPERATOR.put("Cast", Movement::cast);
    BY_OPERATOR.put("Identity", Movement::identity);
    BY_OPERATOR.put("Flatten", Movement::flatten);
    BY_OPERATOR.put("Reshape", Movement::reshape);
    BY_OPERATOR.put("Squeeze", Movement::squeeze);
    BY_OPERATOR.put("Unsqueeze", Movement::unsqueeze);
    BY_OPERATOR.put("Concat", Movement::concat);
    BY_OPERATOR.put("Split", Movement::split);
    BY_OPERATOR.put("Pad", Movement::pad);
    BY_OPERATOR.put("Resize", Movement::upsample);
    BY_OPERATOR.put("Upsample", Movement::upsample);
    for (String activation : Activations.operators()) {
      BY_OPERATOR.put(activation, Activations::lower);
    }
  }

  private Lowerings() {}

  /** The operators of ONNX's own domain that can be compiled, sorted by name. */
  public static Set<String> operators() {
    return Collections.unmodifiableSet(new TreeSet<>(BY_OPERATOR.keySet()));
  }

  /** Whether the operator only moves numbers about, indices of an embedding as well as floats. */
  static boolean isMove(Node node) {
    return MOVES.contains(node.opType());
  }

  static @Nullable Lowering of(Node node) {
    return node.is(node.opType()) ? BY_OPERATOR.get(node.opType()) : null;
  }
}
