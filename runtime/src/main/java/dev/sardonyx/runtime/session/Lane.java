package dev.sardonyx.runtime.session;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The native buffers of one run, kept for the next: inputs that lie on the heap are copied into
 * them, and outputs of known shape are written into them. Used by one thread at a time.
 */
final class Lane implements AutoCloseable {
  private final Map<String, Slot> inputs = new HashMap<>();
  private final Map<String, Slot> outputs = new HashMap<>();
  private final List<OnnxTensor> passing = new ArrayList<>();
  private final OrtSession.RunOptions options;

  Lane() throws OrtException {
    this.options = new OrtSession.RunOptions();
  }

  /** What its runs are run with. */
  OrtSession.RunOptions options() {
    return options;
  }

  /** A direct buffer and the native tensor over its beginning. */
  private record Slot(ByteBuffer buffer, OnnxTensor tensor, ElementType type, long[] dims) {
    boolean holds(ElementType otherType, long[] otherDims) {
      return type == otherType && Arrays.equals(dims, otherDims);
    }
  }

  /** A native tensor with the elements of an input, valid until {@link #endRun}. */
  OnnxTensor input(String name, Tensor tensor) throws OrtException {
    if (tensor.elementType() == ElementType.STRING) {
      return pass(OrtValues.ofStrings(tensor.strings(), tensor.dims()));
    }
    ByteBuffer bytes = tensor.bytes();
    if (bytes.isDirect()) {
      return pass(OrtValues.wrap(bytes, javaType(tensor.elementType()), tensor.dims()));
    }
    Slot slot = slot(inputs, name, tensor.elementType(), tensor.dims());
    slot.buffer.clear().put(bytes);
    return slot.tensor;
  }

  private OnnxTensor pass(OnnxTensor tensor) {
    passing.add(tensor);
    return tensor;
  }

  /** A native tensor for ONNX Runtime to write an output into. */
  OnnxTensor output(String name, ElementType type, long[] dims) throws OrtException {
    return slot(outputs, name, type, dims).tensor;
  }

  /** A copy of what was written into an {@link #output}. */
  Tensor written(String name) {
    Slot slot = outputs.get(name);
    if (slot == null) {
      throw new IllegalStateException("There is no buffer for output '" + name + "'");
    }
    long size = Arrays.stream(slot.dims).reduce(1, (a, b) -> a * b);
    ByteBuffer copy = Tensor.allocate(slot.type, size);
    copy.put(slot.buffer.clear().limit(copy.capacity())).flip();
    return Tensor.of(slot.type, slot.dims, copy);
  }

  private static Slot slot(Map<String, Slot> slots, String name, ElementType type, long[] dims)
      throws OrtException {
    Slot last = slots.get(name);
    if (last != null && last.holds(type, dims)) {
      return last;
    }
    long size = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    int bytes = Math.toIntExact(type.byteSize(size));
    ByteBuffer buffer =
        last != null && last.buffer.capacity() >= bytes
            ? last.buffer
            : ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer window = buffer.clear().slice(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
    Slot next = new Slot(buffer, OrtValues.wrap(window, javaType(type), dims), type, dims);
    slots.put(name, next);
    if (last != null) {
      last.tensor.close();
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
    options.close();
  }
}
