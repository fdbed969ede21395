package dev.sardonyx.runtime.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Binding} has in native memory: the tensors over the caller's buffers, and the
 * outputs of the last run. For one thread at a time.
 */
final class BindingMemory implements AutoCloseable {
  private final Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> pinned = new LinkedHashMap<>();

  /**
   * The tensors over the caller's buffers; outputs that are fed back belong to the last result
   * instead.
   */
  private final Set<OnnxTensor> own = Collections.newSetFromMap(new IdentityHashMap<>());

  private OrtSession.@Nullable RunOptions options;
  private OrtSession.@Nullable Result last;

  /** The session's inputs, by name. */
  Map<String, OnnxTensor> feeds() {
    return feeds;
  }

  /** The outputs that are written into buffers, by name. */
  Map<String, OnnxTensor> pinned() {
    return pinned;
  }

  void feed(String name, OnnxTensor buffer) {
    own.add(buffer);
    release(feeds.put(name, buffer));
  }

  void pin(String name, OnnxTensor buffer) {
    own.add(buffer);
    release(pinned.put(name, buffer));
  }

  private void release(@Nullable OnnxTensor tensor) {
    if (tensor != null && own.remove(tensor)) {
      tensor.close();
    }
  }

  /** What runs without options of their own are run with. */
  OrtSession.RunOptions options() throws OrtException {
    OrtSession.RunOptions made = options;
    if (made == null) {
      made = new OrtSession.RunOptions();
      options = made;
    }
    return made;
  }

  /** Discards the options of a failed run: they may still have their terminate flag set. */
  void forgetOptions() {
    if (options != null) {
      options.close();
      options = null;
    }
  }

  /**
   * Keeps a run's outputs, and closes the previous run's.
   *
   * @param loops the outputs that are fed back, by the inputs that they become
   */
  void adopt(OrtSession.Result result, Map<String, String> loops) {
    loops.forEach(
        (input, output) ->
            release(feeds.put(input, (OnnxTensor) result.get(output).orElseThrow())));
    if (last != null) {
      last.close();
    }
    last = result;
  }

  /** An output of the last run, if there was one. */
  Optional<OnnxValue> output(String name) {
    if (last == null) {
      return Optional.empty();
    }
    OnnxValue written = pinned.get(name);
    return written == null ? last.get(name) : Optional.of(written);
  }

  @Override
  public void close() {
    if (last != null) {
      last.close();
      last = null;
    }
    own.forEach(OnnxTensor::close);
    own.clear();
    forgetOptions();
  }
}
