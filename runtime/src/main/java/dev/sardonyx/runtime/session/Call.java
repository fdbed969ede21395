package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Outputs;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One run of a session being put together; see {@link InferenceSession#call}. For one thread, and
 * one run or several with the same inputs.
 *
 * <pre>{@code
 * Outputs outputs =
 *     session.call()
 *         .with("ids", new long[][] {{101, 2023, 102}})
 *         .with("mask", new long[] {1, 1, 1}, 1, 3)
 *         .timeout(Duration.ofSeconds(2))
 *         .run();
 * }</pre>
 */
public final class Call {
  private final InferenceSession session;
  private final Map<String, Datum> inputs = new LinkedHashMap<>(4);
  private RunOptions options = RunOptions.DEFAULT;

  Call(InferenceSession session) {
    this.session = session;
  }

  /**
   * Gives an input. The element type is the input's, so that a {@code short[]} may be int16, uint16
   * or the bits of a float16, a {@code byte[]} int8, uint8, bool or float8, an {@code int[]} may go
   * into an int64, and a {@code float[]} is rounded for narrower floating-point types.
   *
   * @param name the input's name
   * @param value a {@link Datum}, such as a {@link Tensor}; an array of float, double, long, int,
   *     short, byte, boolean or String; an array of such arrays; a buffer; or one number, boolean
   *     or text. Arrays of numbers and little-endian {@link java.nio.ByteBuffer}s are not copied
   *     here, but read when the model runs, and must not change before
   * @param dims the dimensions; may be left out for nested arrays, and where they follow from the
   *     number of elements
   * @throws IllegalArgumentException if there is no such input, or it cannot be made of the value
   */
  public Call with(String name, Object value, long... dims) {
    inputs.put(name, InputTensors.of(session.input(name), value, dims));
    return this;
  }

  /** Ends the run if it takes longer. */
  public Call timeout(Duration time) {
    return options(options.withTimeout(time));
  }

  /** Lets another thread end the run. */
  public Call cancelledBy(Cancellation cancellation) {
    return options(options.withCancellation(cancellation));
  }

  public Call options(RunOptions changed) {
    options = changed;
    return this;
  }

  /**
   * Runs the model.
   *
   * @throws IllegalArgumentException if an input is missing, or of the wrong type, naming it
   * @throws ModelRunException if a node fails, naming it, or if the run ends early, saying why
   */
  public Outputs run() {
    return session.run(inputs, options);
  }
}
