package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Value;
import org.jspecify.annotations.Nullable;

/**
 * The form of a multi-head attention layer. Sizes: N sequences, S queries, T keys.
 *
 * @param heads of the queries
 * @param keyValueHeads of keys and values, a divisor of {@code heads}; fewer than those are shared
 *     among the queries' (Ainslie et al. 2023)
 * @param headSize elements of a head; 0 for the size of {@code x} divided by the heads
 * @param bias whether the four projections have biases
 * @param causal whether a position sees only itself and those before it
 * @param rotaryBase 0 for none, or the base of rotary position embeddings (Su et al. 2021; 10,000
 *     there), which turn the first half of a head's elements against the second; self-attention
 *     only
 * @param mask added to the scores (or boolean: false leaves out), broadcast to {@code
 *     [N,heads,S,T]}, past keys included; null for none
 */
public record AttentionOptions(
    long heads,
    long keyValueHeads,
    long headSize,
    boolean bias,
    boolean causal,
    double rotaryBase,
    @Nullable Value mask) {
  /** As many heads of keys and values, with biases, no mask. */
  public static AttentionOptions of(long heads) {
    return new AttentionOptions(heads, heads, 0, true, false, 0, null);
  }

  public AttentionOptions withKeyValueHeads(long changed) {
    return new AttentionOptions(heads, changed, headSize, bias, causal, rotaryBase, mask);
  }

  public AttentionOptions withHeadSize(long changed) {
    return new AttentionOptions(heads, keyValueHeads, changed, bias, causal, rotaryBase, mask);
  }

  public AttentionOptions withBias(boolean changed) {
    return new AttentionOptions(heads, keyValueHeads, headSize, changed, causal, rotaryBase, mask);
  }

  public AttentionOptions withCausal(boolean changed) {
    return new AttentionOptions(heads, keyValueHeads, headSize, bias, changed, rotaryBase, mask);
  }

  public AttentionOptions withRotaryBase(double changed) {
    return new AttentionOptions(heads, keyValueHeads, headSize, bias, causal, changed, mask);
  }

  public AttentionOptions withMask(Value changed) {
    return new AttentionOptions(heads, keyValueHeads, headSize, bias, causal, rotaryBase, changed);
  }
}
