package dev.sardonyx.ir.infer.constraint;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Recurrent networks and attention. */
final class RecurrentConstraints {
  private static final Set<String> ACTIVATIONS =
      Set.of(
          "relu",
          "tanh",
          "sigmoid",
          "affine",
          "leakyrelu",
          "thresholdedrelu",
          "scaledtanh",
          "hardsigmoid",
          "elu",
          "softsign",
          "softplus");

  private RecurrentConstraints() {}

  static void addTo(Constraints all) {
    Map.of("RNN", 1, "GRU", 2, "LSTM", 3)
        .forEach(
            (name, functions) ->
                all.add(name, Demand.within("layout", 0, 1), c -> activations(c, functions)));
    all.add(
        "Attention",
        Demand.within("is_causal", 0, 1),
        Demand.within("qk_matmul_output_mode", 0, 3),
        Demand.within("q_num_heads", 0, Integer.MAX_VALUE),
        Demand.within("kv_num_heads", 0, Integer.MAX_VALUE),
        Demand.within("left_window_size", -1, Integer.MAX_VALUE),
        Demand.within("right_window_size", -1, Integer.MAX_VALUE),
        RecurrentConstraints::heads,
        RecurrentConstraints::cache);
    all.add(
        Constraints.PREVIEW,
        "FlexAttention",
        Demand.elementType(
            "softmax_precision",
            ElementType.FLOAT,
            ElementType.FLOAT16,
            ElementType.DOUBLE,
            ElementType.BFLOAT16));
    all.add("LinearAttention", RecurrentConstraints::gates);
    all.add("Loop", Demand.oneElement(0), Demand.oneElement(1));
    all.add(
        "RotaryEmbedding",
        Demand.within("num_heads", 0, Integer.MAX_VALUE),
        Demand.within("rotary_embedding_dim", 0, Integer.MAX_VALUE));
  }

  /**
   * A decay is one number for each head or for each of its elements, beta for all heads or each.
   */
  private static void gates(InferenceContext c) {
    long heads = c.intAttribute("kv_num_heads");
    for (int input = 4; input <= 5; input++) {
      if (c.hasInput(input) && c.inputShape(input).isRanked() && c.inputShape(input).rank() != 3) {
        throw c.rankError(input, "3");
      }
    }
    Dim keys = c.inputDim(1, 2);
    gate(c, 4, heads, keys.isFixed() ? keys.value() : -1);
    gate(c, 5, heads, 1);
  }

  private static void gate(InferenceContext c, int input, long heads, long other) {
    Dim size = c.hasInput(input) ? c.inputDim(input, 2) : Dim.UNKNOWN;
    if (size.isFixed() && other >= 0 && !size.isFixed(heads) && !size.isFixed(other)) {
      throw c.shapeError(
          input,
          heads + " or " + other + " as last dimension",
          c.inputName(input)
              + " has shape "
              + c.inputShape(input)
              + ", but its last dimension must be "
              + heads
              + " or "
              + other);
    }
  }

  /** Data of rank 4 has an axis of heads, so that their number is not told again. */
  private static void heads(InferenceContext c) {
    boolean told = c.hasAttribute("q_num_heads") || c.hasAttribute("kv_num_heads");
    if (told && c.inputShape(0).isRanked() && c.inputShape(0).rank() == 4) {
      throw Demand.wrong(
          c, "q_num_heads", "left out for inputs of rank 4", "given for " + c.inputShape(0));
    }
  }

  /**
   * Every direction has its functions.
   *
   * @param functions how many a direction has
   */
  private static void activations(InferenceContext c, int functions) {
    int directions = c.stringAttribute("direction", "forward").equals("bidirectional") ? 2 : 1;
    int count = functions * directions;
    List<String> names = c.stringsAttribute("activations");
    if (names != null && c.hasAttribute("activations")) {
      if (names.size() != count) {
        throw Demand.wrong(c, "activations", count + " names", names.size() + " names: " + names);
      }
      for (String name : names) {
        if (!ACTIVATIONS.contains(name.toLowerCase(Locale.ROOT))) {
          throw Demand.wrong(c, "activations", "names of activations", "'" + name + "'");
        }
      }
    }
    // One number for the functions of both directions ends the process in ONNX Runtime's RNN.
    int least = functions == 1 ? count : 1;
    parameters(c, "activation_alpha", least, count);
    parameters(c, "activation_beta", least, count);
  }

  /** Keys and values of the past are given, and given back, together. */
  private static void cache(InferenceContext c) {
    if (c.hasInput(4) != c.hasInput(5)) {
      throw missing(ProblemCode.MISSING_INPUT, c.hasInput(4) ? "past_value" : "past_key");
    }
    if (c.node().hasOutput(1) != c.node().hasOutput(2)) {
      boolean keys = c.node().hasOutput(1);
      throw missing(ProblemCode.MISSING_OUTPUT, keys ? "present_value" : "present_key");
    }
  }

  private static InferenceException missing(ProblemCode code, String which) {
    return new InferenceException(
        code, which, which, "none", which + " is missing; keys and values go together");
  }

  /** A number for a function at most; a list that is there and empty crashes ONNX Runtime. */
  private static void parameters(InferenceContext c, String attribute, int least, int count) {
    float[] numbers = c.floatsAttribute(attribute);
    if (numbers != null
        && c.hasAttribute(attribute)
        && (numbers.length < least || numbers.length > count)) {
      throw Demand.wrong(
          c,
          attribute,
          least + " to " + count + " numbers, or left out",
          numbers.length + " numbers");
    }
  }
}
