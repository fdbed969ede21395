package dev.sardonyx.training.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.dnnl_memory_desc_handle;
import org.bytedeco.dnnl.dnnl_memory_handle;
import org.bytedeco.dnnl.dnnl_post_ops_handle;
import org.bytedeco.dnnl.dnnl_primitive_attr_handle;
import org.bytedeco.dnnl.dnnl_primitive_desc_handle;
import org.bytedeco.dnnl.dnnl_primitive_handle;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * The calls of oneDNN that make up a step of training for one shape of input: recorded once, with
 * all memory allocated, and played in every step.
 *
 * <p>Recording goes through the network forward; each part also says how its way back is to be
 * recorded, which {@link #turn} does in the opposite order. Gradients live in buffers that are used
 * again later in the same step, so that there are few, which stay in the processor's caches.
 */
final class Tape implements AutoCloseable {
  /** What belongs to a tape; ND4J's arrays, made at the same time, do not. */
  @SuppressWarnings("unchecked") // An array of a generic type.
  private static final Class<? extends Pointer>[] NATIVES =
      (Class<? extends Pointer>[])
          new Class<?>[] {
            dnnl_memory_handle.class,
            dnnl_memory_desc_handle.class,
            dnnl_primitive_handle.class,
            dnnl_primitive_desc_handle.class,
            dnnl_primitive_attr_handle.class,
            dnnl_post_ops_handle.class,
            IntMemoryMap.class
          };

  private final OneDnn oneDnn;
  private final PointerScope natives = new PointerScope(NATIVES);
  private final List<Runnable> forward = new ArrayList<>();
  private final List<Runnable> backward = new ArrayList<>();
  private final Deque<Runnable> wayBack = new ArrayDeque<>();
  private final List<Buffer> buffers = new ArrayList<>();
  private final List<memory> scratchpads = new ArrayList<>();
  private List<Runnable> recording = forward;
  private boolean isRecorded;

  Tape(OneDnn oneDnn) {
    this.oneDnn = oneDnn;
    natives.extend();
  }

  // ---- recording ----

  engine cpu() {
    return oneDnn.cpu();
  }

  /** What every primitive is made with: the same results in every run, scratch memory from here. */
  primitive_attr attributes() {
    primitive_attr attributes = new primitive_attr();
    attributes.set_scratchpad_mode(dnnl.scratchpad_mode.user);
    attributes.set_deterministic(true);
    return attributes;
  }

  /** Memory that keeps its content until the next step. */
  memory allocate(memory.desc order) {
    return new memory(order, cpu());
  }

  /** Memory in plain order, the last axis fastest. */
  static memory.desc plain(long... dims) {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dims[i];
    }
    return new memory.desc(dims, memory.data_type.f32, strides);
  }

  /** What stands for a bias that is not there. */
  static memory.desc none() {
    return new memory.desc();
  }

  /** Memory in whatever order a primitive likes best. */
  static memory.desc any(long... dims) {
    return new memory.desc(dims, memory.data_type.f32, memory.format_tag.any);
  }

  memory at(Pointer address, memory.desc order) {
    return new memory(order, cpu(), address);
  }

  /** Records a call. */
  void call(primitive_desc_base description, primitive made, PrimitiveArguments arguments) {
    IntMemoryMap map = arguments.map();
    memory.desc scratch = description.scratchpad_desc();
    if (scratch.get_size() > 0) {
      memory scratchpad = at(new Pointer(), scratch);
      scratchpads.add(scratchpad);
      map.put(DNNL_ARG_SCRATCHPAD, scratchpad);
    }
    run(() -> made.execute(oneDnn.calls(), map));
  }

  /** Records anything else that is to be done. */
  void run(Runnable task) {
    recording.add(task);
  }

  /** Copies memory into another arrangement. */
  void copy(memory from, memory to) {
    reorder.primitive_desc description =
        new reorder.primitive_desc(
            cpu(), from.get_desc(), cpu(), to.get_desc(), attributes(), false);
    call(
        description,
        new reorder(description),
        new PrimitiveArguments().with(DNNL_ARG_SRC, from).with(DNNL_ARG_DST, to));
  }

  /** The same numbers as a primitive wants them arranged: the memory itself, or a copy. */
  memory arranged(memory given, memory.desc wanted) {
    if (given.get_desc().equals(wanted)) {
      return given;
    }
    memory copy = allocate(wanted);
    copy(given, copy);
    return copy;
  }

  /** Says what is to be recorded for the way back. */
  void onTheWayBack(Runnable recorder) {
    wayBack.push(recorder);
  }

  /**
   * Records one of two things.
   *
   * @param otherwise what to record instead if {@code first} throws a {@link NotTakenException},
   *     which it is given
   */
  <T> T attempt(Supplier<T> first, Function<NotTakenException, T> otherwise) {
    int calls = recording.size();
    int ways = wayBack.size();
    try {
      return first.get();
    } catch (NotTakenException e) {
      recording.subList(calls, recording.size()).clear();
      while (wayBack.size() > ways) {
        wayBack.pop();
      }
      return otherwise.apply(e);
    }
  }

  // ---- gradients ----

  /** A gradient whose numbers are still to be written. */
  ValueGradient fresh(memory.desc order) {
    long size = order.get_size();
    Buffer buffer =
        buffers.stream()
            .filter(b -> b.isFree() && b.size() >= size)
            .min(Comparator.comparingLong(Buffer::size))
            .orElseGet(() -> newBuffer(size));
    buffer.retain();
    return new ValueGradient(at(buffer.address(), order), buffer);
  }

  private Buffer newBuffer(long size) {
    memory bytes =
        allocate(new memory.desc(new long[] {size}, memory.data_type.u8, memory.format_tag.a));
    Buffer buffer = new Buffer(bytes, size);
    buffers.add(buffer);
    return buffer;
  }

  /** Somewhere to write a gradient to that is computed from another, which is no longer needed. */
  ValueGradient replacing(ValueGradient gradient) {
    return gradient.buffer().isShared() ? fresh(gradient.data().get_desc()) : gradient;
  }

  /** Releases what another gradient was computed from, unless that has taken its place. */
  void releaseUnlessReused(ValueGradient gradient, ValueGradient computed) {
    if (gradient.buffer() != computed.buffer()) {
      release(gradient);
    }
  }

  void release(ValueGradient gradient) {
    gradient.buffer().release();
  }

  /** Adds to the gradient of a value, and takes over what is added. */
  void give(RecordedValue value, ValueGradient summand) {
    if (!value.learns()) {
      release(summand);
      return;
    }
    ValueGradient arranged = summand;
    if (!summand.data().get_desc().equals(value.order())) {
      arranged = fresh(value.order());
      copy(summand.data(), arranged.data());
      release(summand);
    }
    value.gradients().add(arranged);
  }

  /** The gradient of a value, arranged as the value, once all its users have added to it. */
  @Nullable ValueGradient take(RecordedValue value) {
    ValueGradient total = null;
    for (ValueGradient summand : value.gradients()) {
      total = total == null ? summand : sum(total, summand);
    }
    value.gradients().clear();
    return total;
  }

  private ValueGradient sum(ValueGradient a, ValueGradient b) {
    boolean swap = a.buffer().isShared();
    ValueGradient first = swap ? b : a;
    ValueGradient second = swap ? a : b;
    ValueGradient target = replacing(first);
    memory.desc order = target.data().get_desc();
    binary.primitive_desc description =
        new binary.primitive_desc(
            cpu(), dnnl.algorithm.binary_add, order, order, order, attributes(), false);
    call(
        description,
        new binary(description),
        new PrimitiveArguments()
            .with(DNNL_ARG_SRC_0, first.data())
            .with(DNNL_ARG_SRC_1, second.data())
            .with(DNNL_ARG_DST, target.data()));
    releaseUnlessReused(first, target);
    release(second);
    return target;
  }

  // ---- playing ----

  /** Records the way back, and ends the recording. */
  void turn() {
    recording = backward;
    while (!wayBack.isEmpty()) {
      wayBack.pop().run();
    }
    long size = scratchpads.stream().mapToLong(m -> m.get_desc().get_size()).max().orElse(0);
    if (size > 0) {
      Pointer shared = newBuffer(size).address();
      scratchpads.forEach(scratchpad -> scratchpad.set_data_handle(shared));
    }
    endRecording();
  }

  private void endRecording() {
    if (!isRecorded) {
      isRecorded = true;
      natives.close(); // The first time this frees nothing.
    }
  }

  void playForward() {
    forward.forEach(Runnable::run);
  }

  void playBackward() {
    backward.forEach(Runnable::run);
  }

  /** Gives all native memory back. */
  @Override
  public void close() {
    endRecording();
    natives.close();
  }
}
