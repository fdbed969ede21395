package dev.sardonyx.samples;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.AttentionLayers.AttentionWithPast;
import dev.sardonyx.ir.nn.AttentionOptions;
import dev.sardonyx.ir.nn.Layers;

/**
 * A decoder-only transformer as exporters make them: it takes token ids and, for each layer, the
 * keys and values of earlier positions, and gives logits and the keys and values with the new
 * positions. Input and output names are those of onnxruntime-genai.
 *
 * @param vocabulary how many tokens there are
 * @param size of a token's vector
 * @param heads of attention
 * @param layers each of attention and two dense layers
 */
record SmallDecoder(long vocabulary, long size, long heads, int layers) {
  /** {@code past_key_values.LAYER.key} and so on. */
  static String past(int layer, String what) {
    return "past_key_values." + layer + "." + what;
  }

  static String present(int layer, String what) {
    return "present." + layer + "." + what;
  }

  /** The size of one head's vector. */
  long headSize() {
    return size / heads;
  }

  /** The model with initial weights; the same seed gives the same weights. */
  Model build(long seed) {
    GraphBuilder b = GraphBuilder.of("decoder");
    Layers nn = Layers.of(b, seed);
    Value ids = b.input("input_ids", TensorType.of(ElementType.INT64, Shape.parse("N,T")));
    Value x = nn.embedding(ids, vocabulary, size);
    AttentionOptions attention = AttentionOptions.of(heads).withCausal(true).withRotaryBase(10_000);
    TensorType cache =
        TensorType.of(ElementType.FLOAT, Shape.parse("N," + heads + ",P," + headSize()));
    for (int layer = 0; layer < layers; layer++) {
      Value key = b.input(past(layer, "key"), cache);
      Value value = b.input(past(layer, "value"), cache);
      AttentionWithPast seen = nn.multiHeadAttentionWithPast(nn.rmsNorm(x), key, value, attention);
      b.output(seen.presentKey(), present(layer, "key"));
      b.output(seen.presentValue(), present(layer, "value"));
      x = b.add(x, seen.output());
      x = b.add(x, nn.dense(b.gelu(nn.dense(nn.rmsNorm(x), 4 * size)), size));
    }
    b.output(nn.dense(nn.rmsNorm(x), vocabulary), "logits");
    return b.buildModel();
  }
}
