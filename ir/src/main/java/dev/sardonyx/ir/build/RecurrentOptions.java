package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Value;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The optional inputs and attributes of recurrent layers. Sizes: N sequences, H hidden units, D
 * directions.
 *
 * @param bias {@code [D, 2 * gates * H]}: that of the weights, then that of the recurrence
 * @param sequenceLengths int32 {@code [N]}
 * @param initialHidden {@code [D,N,H]}
 * @param initialCell {@code [D,N,H]}, LSTM only
 * @param activations names such as {@code Sigmoid}, {@code Tanh}; empty for the defaults
 */
public record RecurrentOptions(
    Direction direction,
    @Nullable Value bias,
    @Nullable Value sequenceLengths,
    @Nullable Value initialHidden,
    @Nullable Value initialCell,
    List<String> activations) {
  /** Which way a sequence is read. */
  public enum Direction {
    FORWARD,
    REVERSE,
    BIDIRECTIONAL;

    String onnxName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Forward, no bias, all sequences of full length, states zero at first. */
  public static final RecurrentOptions DEFAULT =
      new RecurrentOptions(Direction.FORWARD, null, null, null, null, List.of());

  public RecurrentOptions {
    activations = List.copyOf(activations);
  }

  public RecurrentOptions withDirection(Direction changed) {
    return new RecurrentOptions(
        changed, bias, sequenceLengths, initialHidden, initialCell, activations);
  }

  public RecurrentOptions withBias(Value changed) {
    return new RecurrentOptions(
        direction, changed, sequenceLengths, initialHidden, initialCell, activations);
  }

  public RecurrentOptions withSequenceLengths(Value changed) {
    return new RecurrentOptions(direction, bias, changed, initialHidden, initialCell, activations);
  }

  public RecurrentOptions withInitialHidden(Value changed) {
    return new RecurrentOptions(
        direction, bias, sequenceLengths, changed, initialCell, activations);
  }

  public RecurrentOptions withInitialCell(Value changed) {
    return new RecurrentOptions(
        direction, bias, sequenceLengths, initialHidden, changed, activations);
  }

  public RecurrentOptions withActivations(String... changed) {
    return new RecurrentOptions(
        direction, bias, sequenceLengths, initialHidden, initialCell, List.of(changed));
  }
}
