package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.List;

/** The sum of the embeddings of words, positions and segments, normalised. */
final class EmbeddingForms {
  private EmbeddingForms() {}

  static void addTo(ContribOperators operators) {
    operators.add("EmbedLayerNormalization", EmbeddingForms::embed);
    operators.add("QEmbedLayerNormalization", EmbeddingForms::quantized);
  }

  private static List<Value> embed(ContribNode n) {
    Value segments = n.has(1) && n.has(4) ? n.in(4) : OperatorBuilder.ABSENT;
    Value positions = n.has(8) ? n.in(8) : OperatorBuilder.ABSENT;
    Value sum = sum(n, n.in(2), n.in(3), positions, segments);
    float epsilon = n.number("epsilon", 1e-12f);
    Value y = n.to().layerNormalization(sum, n.in(5), n.in(6), -1, epsilon);
    return List.of(y, lengths(n), sum);
  }

  private static List<Value> quantized(ContribNode n) {
    Value words = dequantized(n, 2, 8, 13);
    Value positions = dequantized(n, 3, 9, 14);
    Value segments = n.has(1) && n.has(4) ? dequantized(n, 4, 10, 15) : OperatorBuilder.ABSENT;
    Value sum = sum(n, words, positions, OperatorBuilder.ABSENT, segments);
    Value gamma = dequantized(n, 5, 11, 16);
    Value beta = dequantized(n, 6, 12, 17);
    float epsilon = n.number("epsilon", 1e-12f);
    return List.of(n.to().layerNormalization(sum, gamma, beta, -1, epsilon), lengths(n));
  }

  private static Value dequantized(ContribNode n, int q, int scale, int zeroPoint) {
    return n.to().dequantizeLinear(n.in(q), n.in(scale), n.optional(zeroPoint));
  }

  private static Value sum(
      ContribNode n, Value words, Value positions, Value positionIds, Value segments) {
    StandardOps to = n.to();
    Value sum = to.gather(words, n.in(0), 0);
    Value position =
        positionIds.name().isEmpty()
            ? to.gather(positions, numbers(n), 0)
            : to.gather(positions, positionIds, 0);
    sum = to.add(sum, position);
    return segments.name().isEmpty() ? sum : to.add(sum, to.gather(segments, n.in(1), 0));
  }

  /** 0, 1, ... as many as a sequence is long. */
  private static Value numbers(ContribNode n) {
    StandardOps to = n.to();
    Value length = to.squeeze(to.shape(n.in(0), 1, 2), 0);
    return to.range(to.constant(0L), length, to.constant(1L));
  }

  /** How many ones the mask has for each sequence; 0 without a mask. */
  private static Value lengths(ContribNode n) {
    if (!n.wants(1)) {
      return OperatorBuilder.ABSENT;
    }
    StandardOps to = n.to();
    if (n.has(7)) {
      Value ones = to.cast(to.equal(n.in(7), to.scalarLike(n.in(7), 1)), ElementType.INT32);
      return to.reduceSum(ones, false, 1);
    }
    Value zero = to.scalarLike(n.in(0), 0);
    return to.expand(zero, to.shape(n.in(0), 0, 1));
  }
}
