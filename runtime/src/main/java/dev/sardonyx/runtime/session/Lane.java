package dev.sardonyx.runtime.session;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The native buffers of one run, kept for the next: inputs that lie on the heap are copied into
 * them, and outputs of known shape are written into them. Used by one thread at a time.
 */
final class Lane implements AutoCloseable {
  private final DirectMemory memory = new DirectMemory();
  private final Map<String, Slot> inputs = new HashMap<>();
  private final Map<String, Slot> outputs = new HashMap<>();
  private final List<OnnxTensor> passing = new ArrayList<>();
  private final Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
  private final OrtSession.RunOptions options;
  private long @Nullable [] @Nullable [] dims;
  private Pins pins = new Pins(Map.of(), Set.of());

  Lane() throws OrtException {
    this.options = new OrtSession.RunOptions();
  }

  /** What its runs are run with. */
  OrtSession.RunOptions options() {
    return options;
  }

  /**
   * Where the outputs go.
   *
   * @param pinned the native tensors that they are written into, by name
   * @param requested those that ONNX Runtime allocates itself
   */
  record Pins(Map<String, OnnxTensor> pinned, Set<String> requested) {}

  /** Makes the tensors for outputs. */
  interface Pinning {
    Pins pin() throws OrtException;
  }

  /** A direct buffer and the native tensor over its beginning. */
  private record Slot(
      ByteBuffer buffer, OnnxTensor tensor, ElementType type, long[] dims, long size) {
    boolean holds(ElementType otherType, Tensor other) {
      if (type != otherType || dims.length != other.rank()) {
        return false;
      }
      for (int axis = 0; axis < dims.length; axis++) {
        if (dims[axis] != other.dim(axis)) {
          return false;
        }
      }
      return true;
    }
  }

  /** Gives the next run an input, valid until {@link #endRun}. */
  void feed(String name, Tensor tensor) throws OrtException {
    feeds.put(name, input(name, tensor));
  }

  /** The inputs of the next run. */
  Map<String, OnnxTensor> feeds() {
    return feeds;
  }

  private OnnxTensor input(String name, Tensor tensor) throws OrtException {
    if (tensor.elementType() == ElementType.STRING) {
      return pass(OrtValues.ofStrings(tensor.strings(), tensor.dims()));
    }
    if (tensor.source() instanceof ArraySource array) {
      Slot slot = inputSlot(name, tensor);
      array.copyTo(slot.buffer.clear());
      return slot.tensor;
    }
    ByteBuffer bytes = tensor.bytes();
    if (bytes.isDirect()) {
      return pass(OrtValues.wrap(bytes, javaType(tensor.elementType()), tensor.dims()));
    }
    Slot slot = inputSlot(name, tensor);
    slot.buffer.clear().put(bytes);
    return slot.tensor;
  }

  private OnnxTensor pass(OnnxTensor tensor) {
    passing.add(tensor);
    return tensor;
  }

  private Slot inputSlot(String name, Tensor tensor) throws OrtException {
    Slot last = inputs.get(name);
    return last != null && last.holds(tensor.elementType(), tensor)
        ? last
        : slot(inputs, name, tensor.elementType(), tensor.dims());
  }

  /**
   * Where the outputs go; asked anew only if the inputs have other dimensions than in the last run.
   */
  Pins pins(List<Input> given, Map<String, ? extends Datum> values, Pinning pinning)
      throws OrtException {
    if (!isAsLast(given, values)) {
      dims = null;
      pins = pinning.pin();
      dims = dims(given, values);
    }
    return pins;
  }

  private boolean isAsLast(List<Input> given, Map<String, ? extends Datum> values) {
    long @Nullable [] @Nullable [] last = dims;
    if (last == null) {
      return false;
    }
    for (int i = 0; i < last.length; i++) {
      if (!isAsLast(last[i], values.get(given.get(i).name()))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isAsLast(long @Nullable [] last, @Nullable Datum value) {
    if (last == null || !(value instanceof Tensor tensor)) {
      return last == null && !(value instanceof Tensor);
    }
    if (last.length != tensor.rank()) {
      return false;
    }
    for (int axis = 0; axis < last.length; axis++) {
      if (last[axis] != tensor.dim(axis)) {
        return false;
      }
    }
    return true;
  }

  private static long @Nullable [] @Nullable [] dims(
      List<Input> given, Map<String, ? extends Datum> values) {
    long @Nullable [] @Nullable [] dims = new long[given.size()][];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = values.get(given.get(i).name()) instanceof Tensor tensor ? tensor.dims() : null;
    }
    return dims;
  }

  /** A native tensor for ONNX Runtime to write an output into. */
  OnnxTensor output(String name, ElementType type, long[] dims) throws OrtException {
    return slot(outputs, name, type, dims).tensor;
  }

  /** A copy of what was written into an {@link #output}. */
  Tensor written(String name) {
    Slot slot = outputSlot(name);
    ByteBuffer copy = Tensor.allocate(slot.type, slot.size);
    copy.put(slot.buffer.clear().limit(copy.capacity())).flip();
    return Tensor.of(slot.type, slot.dims, copy);
  }

  /**
   * What was written into an {@link #output}, until the next run. Its memory is not freed under who
   * holds on to it for longer: reading it then gives other numbers, but crashes no process.
   */
  Tensor view(String name) {
    Slot slot = outputSlot(name);
    memory.leave(slot.buffer);
    int bytes = Math.toIntExact(slot.type.byteSize(slot.size));
    ByteBuffer view = slot.buffer.slice(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
    return Tensor.of(slot.type, slot.dims, view);
  }

  private Slot outputSlot(String name) {
    Slot slot = outputs.get(name);
    if (slot == null) {
      throw new IllegalStateException("There is no buffer for output '" + name + "'");
    }
    return slot;
  }

  private Slot slot(Map<String, Slot> slots, String name, ElementType type, long[] dims)
      throws OrtException {
    Slot last = slots.get(name);
    long size = InputTensors.size(dims);
    int bytes = Math.toIntExact(type.byteSize(size));
    boolean fits = last != null && last.buffer.capacity() >= bytes;
    ByteBuffer buffer = last != null && fits ? last.buffer : memory.allocate(bytes);
    ByteBuffer window = buffer.clear().slice(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
    Slot next = new Slot(buffer, OrtValues.wrap(window, javaType(type), dims), type, dims, size);
    slots.put(name, next);
    if (last != null) {
      last.tensor.close();
      if (!fits) {
        memory.free(last.buffer);
      }
    }
    return next;
  }

  private static OnnxJavaType javaType(ElementType type) {
    @Nullable OnnxJavaType javaType = Carrier.javaType(type);
    if (javaType == null) {
      throw new IllegalStateException("ONNX Runtime's Java API has no type " + type);
    }
    return javaType;
  }

  /** Releases what belongs to the last run only. */
  void endRun() {
    feeds.clear();
    passing.forEach(OnnxTensor::close);
    passing.clear();
  }

  @Override
  public void close() {
    endRun();
    for (Map<String, Slot> slots : List.of(inputs, outputs)) {
      slots.values().forEach(slot -> slot.tensor.close());
      slots.clear();
    }
    memory.close();
    options.close();
  }
}
