package dev.sardonyx.runtime.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.lang.ref.Reference;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Inputs and outputs that are fixed for many runs: ONNX Runtime reads the inputs from the caller's
 * buffers and writes the outputs into the caller's buffers, so that a run copies nothing and
 * allocates almost nothing. See {@link InferenceSession#bind}.
 *
 * <pre>{@code
 * try (Binding binding = session.bind()) {
 *   FloatBuffer x = binding.allocateInput("x", 1, 128).asFloatBuffer();
 *   FloatBuffer y = binding.allocateOutput("y", 1, 10).asFloatBuffer();
 *   while (...) {
 *     x.put(0, next);
 *     binding.run();
 *     ... y.get(0) ...
 *   }
 * }
 * }</pre>
 *
 * <p>An output that is fed back ({@link #feedBack}) stays in ONNX Runtime's memory and is an input
 * of the next run: the state of a recurrent model, or the keys and values of a decoder. On a GPU it
 * still travels through the CPU's memory, for ONNX Runtime's Java API has no binding to a device.
 *
 * <p>For one thread at a time; any number of bindings may share a session. Tensors with elements of
 * less than a byte, and other values than tensors, cannot be bound.
 */
public final class Binding implements AutoCloseable {
  private final InferenceSession session;
  private final Signature signature;
  private final BindingMemory memory = new BindingMemory();
  private final Lifetime lifetime;

  /** The outputs that are fed back, by the names of the inputs they become. */
  private final Map<String, String> loops = new LinkedHashMap<>();

  private final Set<String> requested = new LinkedHashSet<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final RunScope scope;
  private boolean closed;

  Binding(InferenceSession session) {
    this.session = session;
    this.signature = session.signature();
    this.scope = session.scope(RunOptions.DEFAULT);
    for (Output output : session.outputs()) {
      fetch(output.name()).ifPresent(fetch -> requested.add(fetch.source()));
    }
    this.lifetime = Lifetime.of(this, "A Binding of model '" + scope.model() + "'", memory::close);
  }

  /**
   * Reads an input out of a buffer, whose contents may change between runs.
   *
   * @param buffer a direct buffer in the machine's byte order; its remaining elements count
   * @param dims the dimensions
   * @throws IllegalArgumentException if there is no such input, it takes another type, or the
   *     buffer is not direct
   */
  public Binding input(String name, Buffer buffer, long... dims) {
    TensorType type = inputType(name);
    return using(
        () -> {
          Input input = Input.of(name, type);
          memory.feed(feedName(input), BoundBuffers.wrap("Input", name, type, buffer, dims));
          loops.remove(name);
        });
  }

  /** A new buffer of zeros for an input, already bound. */
  public ByteBuffer allocateInput(String name, long... dims) {
    ByteBuffer buffer = BoundBuffers.allocate("Input", name, inputType(name), dims);
    input(name, buffer, dims);
    return buffer;
  }

  /**
   * Writes an output into a buffer.
   *
   * @param buffer a direct buffer in the machine's byte order, of exactly the output's size
   * @param dims the output's dimensions, which it must have in each run
   * @throws IllegalArgumentException if there is no such output, it has another type or is fed
   *     back, or the buffer is not direct or cannot be written
   */
  public Binding output(String name, Buffer buffer, long... dims) {
    Fetch fetch = requirePassed(name);
    TensorType type = (TensorType) fetch.type();
    if (buffer.isReadOnly()) {
      // It may be a read-only mapped file, and writing to it natively would crash the process.
      throw new IllegalArgumentException("Output '" + name + "': the buffer is read-only");
    }
    return using(
        () -> {
          if (loops.containsValue(name)) {
            throw fedBackAndWritten(name);
          }
          memory.pin(fetch.source(), BoundBuffers.wrap("Output", name, type, buffer, dims));
          requested.remove(fetch.source());
        });
  }

  /** A new buffer for an output, already bound. */
  public ByteBuffer allocateOutput(String name, long... dims) {
    ByteBuffer buffer =
        BoundBuffers.allocate("Output", name, (TensorType) requirePassed(name).type(), dims);
    output(name, buffer, dims);
    return buffer;
  }

  /**
   * Makes an output of each run an input of the next one; may be called for several outputs. For
   * the first run the input is bound to a buffer, which may have no elements.
   *
   * @throws IllegalArgumentException if there are none of these names, their types do not fit, or
   *     the output is written into a buffer, which the next run would read and overwrite at once
   */
  public Binding feedBack(String output, String input) {
    Fetch fetch = requirePassed(output);
    TensorType from = (TensorType) fetch.type();
    TensorType to = inputType(input);
    if (from.elementType() != to.elementType() || !from.shape().isCompatibleWith(to.shape())) {
      throw new IllegalArgumentException(
          "Output '"
              + output
              + "' of type "
              + from
              + " cannot be input '"
              + input
              + "' of type "
              + to);
    }
    return using(
        () -> {
          if (memory.pinned().containsKey(fetch.source())) {
            throw fedBackAndWritten(output);
          }
          loops.put(input, output);
        });
  }

  private static IllegalArgumentException fedBackAndWritten(String output) {
    return new IllegalArgumentException(
        "Output '"
            + output
            + "' is either written into a buffer or fed back; put what it gives into the input's"
            + " buffer instead");
  }

  /**
   * Runs the model. The outputs that are not bound are kept for {@link #tensor}.
   *
   * @throws IllegalStateException naming an input that is not bound
   */
  public void run() {
    run(scope);
  }

  /** The same with options. */
  public void run(RunOptions options) {
    run(session.scope(options));
  }

  private void run(RunScope within) {
    using(
        () -> {
          requireInputs();
          session.within(this::dims, program -> runIn(program, within));
        });
  }

  private void requireInputs() {
    if (memory.feeds().size() == session.inputs().size()) {
      return;
    }
    session
        .missing(bound())
        .ifPresent(
            input -> {
              throw new IllegalStateException(
                  "Input '%s' of type %s is not bound to a buffer; allocateInput and input do that"
                      .formatted(input.name(), input.type()));
            });
  }

  private Set<String> bound() {
    return session.inputs().stream()
        .filter(input -> input.type() instanceof TensorType)
        .filter(input -> memory.feeds().containsKey(feedName(input)))
        .map(Input::name)
        .collect(Collectors.toSet());
  }

  private long @Nullable [] dims(String input) {
    OnnxTensor tensor = memory.feeds().get(feedName(Input.of(input, inputType(input))));
    return tensor == null ? null : tensor.getInfo().getShape();
  }

  private boolean runIn(OrtProgram program, RunScope within) {
    try {
      OrtSession.Result result =
          program.run(memory.feeds(), requested, memory.pinned(), memory.options(), within);
      memory.adopt(result, sources());
      return true;
    } catch (OrtException e) {
      memory.forgetOptions();
      throw otherShape(program, within, e)
          .orElseGet(() -> OrtFailure.onRunning(e, session.inputs(), this::dims));
    } catch (RuntimeException e) {
      memory.forgetOptions();
      throw e;
    }
  }

  /** Which output has another shape than its buffer, if the run fails for that. */
  private Optional<ModelRunException> otherShape(
      OrtProgram program, RunScope within, OrtException failure) {
    if (memory.pinned().isEmpty()) {
      return Optional.empty();
    }
    try (OrtSession.RunOptions options = new OrtSession.RunOptions();
        OrtSession.Result given =
            program.run(memory.feeds(), memory.pinned().keySet(), Map.of(), options, within)) {
      for (Fetch fetch : signature.fetches()) {
        OnnxTensor bound = memory.pinned().get(fetch.source());
        OnnxValue value = given.get(fetch.source()).orElse(null);
        if (bound != null && value instanceof OnnxTensor tensor) {
          long[] shape = tensor.getInfo().getShape();
          long[] bufferShape = bound.getInfo().getShape();
          if (!Arrays.equals(shape, bufferShape)) {
            return Optional.of(
                new ModelRunException(
                    "Output '%s' is bound to a buffer of shape %s, but these inputs give %s"
                        .formatted(
                            fetch.name(), Arrays.toString(bufferShape), Arrays.toString(shape)),
                    "",
                    "",
                    failure));
          }
        }
      }
      return Optional.empty();
    } catch (OrtException | ModelRunException e) {
      // It fails anyway, and for another reason.
      return Optional.empty();
    }
  }

  /** The native outputs that are fed back, by the native inputs that they become. */
  private Map<String, String> sources() {
    if (loops.isEmpty()) {
      return Map.of();
    }
    Map<String, String> sources = new LinkedHashMap<>();
    loops.forEach(
        (input, output) ->
            sources.put(
                feedName(Input.of(input, inputType(input))), requireFetch(output).source()));
    return sources;
  }

  /** What is freed at its end. */
  BindingMemory memory() {
    return memory;
  }

  /**
   * A copy of an output of the last run.
   *
   * @throws IllegalStateException if there was none
   */
  public Tensor tensor(String name) {
    Fetch fetch = requireFetch(name);
    lock.lock();
    try {
      requireOpen();
      OnnxValue value =
          memory
              .output(fetch.source())
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "There is no output '" + name + "' before the first run"));
      Datum datum = fetch.from(source -> read(value, signature.outputs().get(source)));
      return (Tensor) datum;
    } finally {
      lock.unlock();
      Reference.reachabilityFence(this);
    }
  }

  private static Datum read(OnnxValue value, @Nullable ValueType type) {
    try {
      return OrtValues.read(value, type == null ? ValueType.unknown() : type);
    } catch (OrtException e) {
      throw OrtFailure.onRunning(e);
    }
  }

  private Binding using(Runnable use) {
    if (!lock.tryLock()) {
      throw new IllegalStateException(
          "The binding is in use by another thread; each thread needs one of its own");
    }
    try {
      requireOpen();
      use.run();
      return this;
    } finally {
      lock.unlock();
      Reference.reachabilityFence(this);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The binding has been closed");
    }
  }

  private TensorType inputType(String name) {
    ValueType declared = session.input(name).type();
    if (declared instanceof TensorType type && BoundBuffers.isBindable(type)) {
      return type;
    }
    throw new IllegalArgumentException(
        "Input '" + name + "' of type " + declared + " cannot be bound to a buffer");
  }

  /**
   * The name of the session's input for it; the tensor passed there may have another type of the
   * same bits.
   */
  private static String feedName(Input input) {
    TensorType type = (TensorType) input.type();
    boolean carried = Carrier.forInput(type.elementType()).map(Carrier::needsCast).orElse(false);
    return carried ? InputBridge.tensorName(input.name()) : input.name();
  }

  private Optional<Fetch> fetch(String name) {
    return signature.fetches().stream().filter(fetch -> fetch.name().equals(name)).findFirst();
  }

  /** An output whose native tensor is of a type that ONNX Runtime's Java API makes and takes. */
  private Fetch requirePassed(String name) {
    Fetch fetch = requireFetch(name);
    if (!Carrier.isBuffer(((TensorType) fetch.type()).elementType())) {
      throw new IllegalArgumentException(
          "Output '"
              + name
              + "' of type "
              + fetch.type()
              + " can neither be written into a buffer nor fed back, for ONNX Runtime's Java API"
              + " makes no such tensors; take it by tensor(\""
              + name
              + "\") after each run");
    }
    return fetch;
  }

  private Fetch requireFetch(String name) {
    Fetch fetch =
        fetch(name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "The model has no output '"
                            + name
                            + "'; it gives "
                            + String.join(
                                ", ", session.outputs().stream().map(Output::name).toList())));
    if (fetch.flag() != null
        || !(fetch.type() instanceof TensorType type)
        || !BoundBuffers.isBindable(type)) {
      throw new IllegalArgumentException(
          "Output '" + name + "' of type " + fetch.type() + " cannot be bound to a buffer");
    }
    return fetch;
  }

  /** Releases the buffers. Waits for a run under way; to end that run, close the session. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      lifetime.end();
    } finally {
      lock.unlock();
    }
  }
}
