package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.TypeMerge;
import java.util.List;

/**
 * Attention and what stands beside it in transformers. Heads are an axis of their own ({@code
 * [batch,heads,sequence,size]}) or packed into the last one ({@code [batch,sequence,heads*size]}).
 */
final class AttentionInference {
  private AttentionInference() {}

  static void addTo(Rules rules) {
    rules.add("Attention", AttentionInference::attention);
    rules.add("LinearAttention", AttentionInference::linearAttention);
    rules.add("RotaryEmbedding", AttentionInference::rotaryEmbedding);
    rules.add("SwiGLU", AttentionInference::swiGlu);
    rules.add(Rules.PREVIEW, "FlexAttention", AttentionInference::flexAttention);
  }

  /** One of Q, K and V with its heads apart, whichever way it is given. */
  private record Heads(Dim batch, Dim heads, Dim sequence, Dim size) {
    static Heads of(InferenceContext c, int input, String headsAttribute) {
      Shape shape = Expect.rankEither(c, input, 3, 4);
      if (!shape.isRanked()) {
        return new Heads(Dim.UNKNOWN, Dim.UNKNOWN, Dim.UNKNOWN, Dim.UNKNOWN);
      }
      if (shape.rank() == 4) {
        return new Heads(shape.dim(0), shape.dim(1), shape.dim(2), shape.dim(3));
      }
      long heads = headCount(c, input, headsAttribute);
      return new Heads(shape.dim(0), Dim.of(heads), shape.dim(1), shape.dim(2).floorDiv(heads));
    }
  }

  /** The number of heads that an input's last axis packs. */
  private static long headCount(InferenceContext c, int input, String attribute) {
    long heads = c.intAttribute(attribute, 0);
    Dim packed = c.inputDim(input, -1);
    if (heads < 1 || packed.isFixed() && packed.value() % heads != 0) {
      throw c.attributeError(
          attribute,
          "a divisor of " + packed,
          heads == 0 ? "none" : Long.toString(heads),
          "input "
              + Expect.described(c, input)
              + " packs its heads into "
              + packed
              + ", so attribute "
              + attribute
              + " must be given and divide it, but is "
              + (heads == 0 ? "missing" : heads));
    }
    return heads;
  }

  private static void attention(InferenceContext c) {
    Heads q = Heads.of(c, 0, "q_num_heads");
    Heads k = Heads.of(c, 1, "kv_num_heads");
    Heads v = Heads.of(c, 2, "kv_num_heads");
    Dim batch = same(c, "batch size", 0, q.batch, 1, k.batch);
    batch = TypeMerge.both(batch, same(c, "batch size", 0, q.batch, 2, v.batch));
    Dim headSize = same(c, "head size", 0, q.size, 1, k.size);
    Dim keyHeads = same(c, "number of heads", 1, k.heads, 2, v.heads);
    Dim keys = same(c, "sequence length", 1, k.sequence, 2, v.sequence);
    groups(c, q.heads, keyHeads);
    if (c.inputShape(6).isRanked()) {
      Expect.rank(c, 6, 1);
      same(c, "batch size", 0, batch, 6, c.inputDim(6, 0));
    }
    Dim total = keys;
    if (c.hasInput(4)) {
      Expect.rank(c, 4, 4);
      total = c.inputDim(4, 2).plus(keys);
    } else if (c.hasInput(5)) {
      total = c.inputDim(5, 2).plus(keys);
    }
    Shape query = c.inputShape(0);
    if (query.isRanked()) {
      c.setOutputShape(
          0,
          query.rank() == 4
              ? Shape.of(batch, q.heads, q.sequence, v.size)
              : Shape.of(batch, q.sequence, v.size.times(q.heads)));
    }
    c.setOutputShape(1, Shape.of(batch, keyHeads, total, headSize));
    c.setOutputShape(2, Shape.of(batch, keyHeads, total, v.size));
    c.setOutputShape(3, Shape.of(batch, q.heads, q.sequence, total));
  }

  private static void groups(InferenceContext c, Dim queryHeads, Dim keyHeads) {
    if (queryHeads.isFixed()
        && keyHeads.isFixed()
        && (keyHeads.value() == 0 || queryHeads.value() % keyHeads.value() != 0)) {
      throw c.shapeError(
          1,
          "a divisor of " + queryHeads + " heads",
          "the "
              + queryHeads
              + " heads of "
              + Expect.described(c, 0)
              + " are not a multiple of the "
              + keyHeads
              + " heads of "
              + Expect.described(c, 1));
    }
  }

  private static Dim same(InferenceContext c, String what, int input, Dim a, int other, Dim b) {
    if (!a.isCompatibleWith(b)) {
      throw c.shapeError(
          other,
          what + " " + a,
          "the "
              + what
              + " of "
              + Expect.described(c, input)
              + " is "
              + a
              + ", but that of "
              + Expect.described(c, other)
              + " is "
              + b
              + "; they must be equal");
    }
    return TypeMerge.both(a, b);
  }

  private static void linearAttention(InferenceContext c) {
    for (int i = 0; i < 3; i++) {
      Expect.rank(c, i, 3);
      Expect.same(c, "batch size", 0, 0, i, 0);
      Expect.same(c, "sequence length", 0, 1, i, 1);
    }
    for (int i = 4; i < 6; i++) {
      if (c.inputShape(i).isRanked()) {
        Expect.rank(c, i, 3);
        Expect.same(c, "batch size", 0, 0, i, 0);
        Expect.same(c, "sequence length", 0, 1, i, 1);
      }
    }
    updateRule(c);
    long queryHeads = headCount(c, 0, "q_num_heads");
    long keyHeads = headCount(c, 1, "kv_num_heads");
    groups(c, Dim.of(queryHeads), Dim.of(keyHeads));
    Dim keySize =
        same(
            c,
            "head size",
            0,
            c.inputDim(0, 2).floorDiv(queryHeads),
            1,
            c.inputDim(1, 2).floorDiv(headCount(c, 1, "kv_num_heads")));
    Dim valueSize = c.inputDim(2, 2).floorDiv(headCount(c, 2, "kv_num_heads"));
    Shape state = Shape.of(c.inputDim(0, 0), Dim.of(keyHeads), keySize, valueSize);
    if (!c.inputShape(3).isCompatibleWith(state)) {
      throw c.shapeError(
          3,
          state.toString(),
          "past state " + Expect.described(c, 3) + " must have shape " + state);
    }
    c.setOutputShape(0, Shape.of(c.inputDim(0, 0), c.inputDim(0, 1), valueSize.times(queryHeads)));
    c.setOutputShape(1, TypeMerge.both(state, c.inputShape(3)));
    if (!c.hasInput(3)) {
      c.setOutputElementType(1, c.inputElementType(0));
    }
  }

  /** The update rule says which of decay and beta are needed. */
  private static void updateRule(InferenceContext c) {
    String rule = c.stringAttribute("update_rule", "gated_delta");
    if (!List.of("linear", "gated", "delta", "gated_delta").contains(rule)) {
      throw c.attributeError(
          "update_rule",
          "linear, gated, delta or gated_delta",
          rule,
          "attribute update_rule is " + rule + "; it takes linear, gated, delta or gated_delta");
    }
    boolean lacksDecay = rule.startsWith("gated") && !c.hasInput(4);
    if (lacksDecay || rule.endsWith("delta") && !c.hasInput(5)) {
      throw c.attributeError(
          "update_rule",
          "a rule without " + (lacksDecay ? "decay" : "beta"),
          rule,
          "update_rule "
              + rule
              + " needs input "
              + (lacksDecay ? "decay" : "beta")
              + ", which is not given");
    }
  }

  private static void rotaryEmbedding(InferenceContext c) {
    Shape data = Expect.rankEither(c, 0, 3, 4);
    int cacheRank = c.hasInput(3) ? 2 : 3;
    Expect.rank(c, 1, cacheRank);
    Expect.rank(c, 2, cacheRank);
    Broadcasting.same(c, 1, 2);
    if (c.hasInput(3)) {
      Expect.rank(c, 3, 2);
    }
    if (data.isRanked()) {
      Dim headSize =
          data.rank() == 4 ? data.dim(3) : data.dim(2).floorDiv(headCount(c, 0, "num_heads"));
      long part = c.intAttribute("rotary_embedding_dim", 0);
      Dim rotated = part == 0 ? headSize : Dim.of(part);
      if (rotated.isFixed() && rotated.value() % 2 != 0) {
        throw c.shapeError(
            0,
            "an even head size",
            "input "
                + Expect.described(c, 0)
                + " has heads of size "
                + rotated
                + ", but only an even number can be rotated in pairs");
      }
      Expect.size(c, 1, cacheRank - 1, rotated.floorDiv(2), "half of the rotated " + rotated);
    }
    c.setOutputShape(0, data);
  }

  private static void swiGlu(InferenceContext c) {
    c.setOutputShape(0, Broadcasting.same(c, 0, 1));
  }

  /** The subgraphs see the scores, and must keep their shape. */
  private static void flexAttention(InferenceContext c) {
    for (int i = 0; i < 3; i++) {
      Expect.rank(c, i, 4);
      Expect.same(c, "batch size", 0, 0, i, 0);
    }
    Expect.same(c, "head size", 0, 3, 1, 3);
    Expect.same(c, "number of heads", 1, 1, 2, 1);
    Expect.same(c, "sequence length", 1, 2, 2, 2);
    groups(c, c.inputDim(0, 1), c.inputDim(1, 1));
    ElementType otherwise =
        c.inputElementType(0) == ElementType.DOUBLE ? ElementType.DOUBLE : ElementType.FLOAT;
    TensorType scores =
        TensorType.of(
            c.elementTypeAttribute("softmax_precision").orElse(otherwise),
            Shape.of(c.inputDim(0, 0), c.inputDim(0, 1), c.inputDim(0, 2), c.inputDim(1, 2)));
    for (String modifier : List.of("score_mod", "prob_mod")) {
      c.graphAttribute(modifier)
          .ifPresent(g -> modifier(c, modifier, c.subgraph(g, List.of(scores)), scores));
    }
    c.setOutputShape(
        0, Shape.of(c.inputDim(0, 0), c.inputDim(0, 1), c.inputDim(0, 2), c.inputDim(2, 3)));
  }

  private static void modifier(
      InferenceContext c, String name, List<ValueType> outputs, TensorType scores) {
    if (outputs.size() != 1 || TypeMerge.both(outputs.get(0), scores).isEmpty()) {
      throw c.attributeError(
          name,
          "a graph that gives one " + scores,
          outputs.toString(),
          "the graph of attribute "
              + name
              + " gives "
              + outputs
              + ", but must give one tensor of the scores' type "
              + scores);
    }
  }
}
