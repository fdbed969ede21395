package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.RecurrentOptions.Direction;
import org.jspecify.annotations.Nullable;

/**
 * The form of a recurrent layer. Sizes: N sequences, T steps, C inputs, H units, D directions.
 *
 * @param direction which way sequences are read; both ways make D 2
 * @param batchFirst whether sequences are {@code [N,T,C]} and not {@code [T,N,C]}, and the result
 *     likewise
 * @param sequences whether the layer gives its state after each step, {@code [N,T,D*H]}, and not
 *     its last one, {@code [N,D*H]}
 * @param lengths int32 {@code [N]}, how many steps of each sequence count; null for all
 */
public record RecurrentLayerOptions(
    Direction direction, boolean batchFirst, boolean sequences, @Nullable Value lengths) {
  /** Forward over {@code [N,T,C]}, the last state, all steps. */
  public static final RecurrentLayerOptions DEFAULT =
      new RecurrentLayerOptions(Direction.FORWARD, true, false, null);

  public RecurrentLayerOptions withDirection(Direction changed) {
    return new RecurrentLayerOptions(changed, batchFirst, sequences, lengths);
  }

  /** Reads sequences both ways; forward states come first in the result. */
  public RecurrentLayerOptions bidirectional() {
    return withDirection(Direction.BIDIRECTIONAL);
  }

  public RecurrentLayerOptions withBatchFirst(boolean changed) {
    return new RecurrentLayerOptions(direction, changed, sequences, lengths);
  }

  public RecurrentLayerOptions withSequences(boolean changed) {
    return new RecurrentLayerOptions(direction, batchFirst, changed, lengths);
  }

  public RecurrentLayerOptions withLengths(Value changed) {
    return new RecurrentLayerOptions(direction, batchFirst, sequences, changed);
  }

  /** How many directions there are, 1 or 2. */
  int directions() {
    return direction == Direction.BIDIRECTIONAL ? 2 : 1;
  }
}
