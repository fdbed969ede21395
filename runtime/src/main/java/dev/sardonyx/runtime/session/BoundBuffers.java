package dev.sardonyx.runtime.session;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;

/** Direct buffers as native tensors. */
final class BoundBuffers {
  private BoundBuffers() {}

  /** Whether ONNX Runtime's Java API passes the elements unchanged. */
  static boolean isBindable(TensorType type) {
    ElementType element = type.elementType();
    return Carrier.forInput(element)
        .map(Carrier::carried)
        .filter(carried -> carried.bits() == element.bits() && Carrier.isBuffer(carried))
        .isPresent();
  }

  /**
   * @param what {@code Input} or {@code Output}, for messages
   */
  static ByteBuffer allocate(String what, String name, TensorType type, long... dims) {
    requireShape(what, name, type, dims);
    long bytes = type.elementType().byteSize(InputTensors.size(dims));
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          what
              + " '"
              + name
              + "': "
              + TensorType.of(type.elementType(), dims)
              + " takes "
              + bytes
              + " bytes, and a buffer of Java's holds at most "
              + Integer.MAX_VALUE);
    }
    return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
  }

  private static void requireShape(String what, String name, TensorType type, long... dims) {
    InputTensors.requireDims(what, name, dims);
    if (!type.shape().isCompatibleWith(Shape.of(dims))) {
      throw new IllegalArgumentException(
          what + " '" + name + "' is " + type + ", which cannot be " + Arrays.toString(dims));
    }
  }

  /**
   * @param what {@code Input} or {@code Output}, for messages
   */
  static OnnxTensor wrap(String what, String name, TensorType type, Buffer buffer, long... dims) {
    requireShape(what, name, type, dims);
    requireFit(what + " '" + name + "'", type, buffer, dims);
    ElementType carried =
        Carrier.forInput(type.elementType()).map(Carrier::carried).orElse(type.elementType());
    OnnxJavaType javaType = Carrier.javaType(carried);
    try {
      OrtEnvironment environment = Environments.shared();
      if (buffer instanceof FloatBuffer floats) {
        return OnnxTensor.createTensor(environment, floats, dims);
      } else if (buffer instanceof DoubleBuffer doubles) {
        return OnnxTensor.createTensor(environment, doubles, dims);
      } else if (buffer instanceof LongBuffer longs) {
        return OnnxTensor.createTensor(environment, longs, dims);
      } else if (buffer instanceof IntBuffer ints) {
        return OnnxTensor.createTensor(environment, ints, dims);
      } else if (buffer instanceof ShortBuffer shorts) {
        return OnnxTensor.createTensor(environment, shorts, dims, javaType);
      }
      return OnnxTensor.createTensor(environment, (ByteBuffer) buffer, dims, javaType);
    } catch (OrtException e) {
      throw OrtFailure.onRunning(e);
    }
  }

  private static void requireFit(String what, TensorType type, Buffer buffer, long[] dims) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException(
          what + ": a binding needs a direct buffer, such as ByteBuffer.allocateDirect makes");
    }
    if (order(buffer) != ByteOrder.nativeOrder()
        && !(buffer instanceof ByteBuffer && type.elementType().bits() == 8)) {
      throw new IllegalArgumentException(
          what
              + ": the buffer's byte order is "
              + order(buffer)
              + ", that of the machine is needed: order(ByteOrder.nativeOrder())");
    }
    long bytes = (long) buffer.remaining() * width(what, type.elementType(), buffer);
    long needed = type.elementType().byteSize(InputTensors.size(dims));
    if (bytes != needed) {
      throw new IllegalArgumentException(
          what
              + ": "
              + TensorType.of(type.elementType(), dims)
              + " takes "
              + needed
              + " bytes, and the buffer has "
              + bytes);
    }
  }

  private static ByteOrder order(Buffer buffer) {
    if (buffer instanceof FloatBuffer floats) {
      return floats.order();
    } else if (buffer instanceof DoubleBuffer doubles) {
      return doubles.order();
    } else if (buffer instanceof LongBuffer longs) {
      return longs.order();
    } else if (buffer instanceof IntBuffer ints) {
      return ints.order();
    } else if (buffer instanceof ShortBuffer shorts) {
      return shorts.order();
    }
    return buffer instanceof ByteBuffer bytes ? bytes.order() : ByteOrder.nativeOrder();
  }

  /** Bytes of one of the buffer's elements. */
  private static int width(String what, ElementType type, Buffer buffer) {
    if (buffer instanceof ByteBuffer) {
      return 1;
    } else if (buffer instanceof FloatBuffer && type == ElementType.FLOAT) {
      return Float.BYTES;
    } else if (buffer instanceof DoubleBuffer && type == ElementType.DOUBLE) {
      return Double.BYTES;
    } else if (buffer instanceof LongBuffer && InputTensors.is64(type)) {
      return Long.BYTES;
    } else if (buffer instanceof IntBuffer && InputTensors.is32(type)) {
      return Integer.BYTES;
    } else if (buffer instanceof ShortBuffer && InputTensors.is16(type)) {
      return Short.BYTES;
    }
    throw new IllegalArgumentException(
        what + " has elements of type " + type + ", which no " + kind(buffer) + " holds");
  }

  private static String kind(Buffer buffer) {
    Class<?> kind = buffer.getClass();
    while (kind.getSuperclass() != Buffer.class) {
      kind = kind.getSuperclass();
    }
    return kind.getSimpleName();
  }
}
