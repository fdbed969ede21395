package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.runtime.Models;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a Java program gives a session for an input of each element type, and what it gets. */
class CallTypesTest {
  private static final String NOT_IN_ORT =
      "UNDEFINED|COMPLEX64|COMPLEX128|FLOAT4E2M1|FLOAT6E2M3|FLOAT6E3M2";

  private static Model identity(ElementType type) {
    return Models.unary("Identity", 25, TensorType.of(type, 4), TensorType.of(type, 4));
  }

  /** The elements as the array that a Java program has of them; packed bytes below a byte. */
  private static Object natural(ElementType type) {
    return switch (type) {
      case FLOAT -> new float[] {1, -2, 0.5f, 3};
      case DOUBLE -> new double[] {1, -2, 0.1, 3};
      case STRING -> new String[] {"a", "", "\u00fc", "d e"};
      case BOOL -> new boolean[] {true, false, false, true};
      case INT64, UINT64 -> new long[] {1, -2, Long.MAX_VALUE, 3};
      case INT32, UINT32 -> new int[] {1, -2, Integer.MAX_VALUE, 3};
      case INT16, UINT16 -> new short[] {1, -2, Short.MAX_VALUE, 3};
      case FLOAT16, BFLOAT16 -> new short[] {0x3c00, 0x4000, 0, (short) 0xbc00};
      default ->
          type.bits() == 8
              ? new byte[] {1, 2, 0x30, 3}
              : ByteBuffer.wrap(type.bits() == 4 ? new byte[] {0x21, 0x43} : new byte[] {0x1b});
    };
  }

  private static Tensor tensor(ElementType type, Object array) {
    if (array instanceof ByteBuffer packed) {
      return Tensor.of(type, new long[] {4}, packed);
    } else if (array instanceof String[] texts) {
      return Tensor.ofStrings(List.of(texts), 4);
    } else if (array instanceof boolean[] bits) {
      return Tensor.ofBooleans(bits, 4);
    }
    return Tensor.of(type, new long[] {4}, NestedArrays.toTensor(array).bytes());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = NOT_IN_ORT)
  void arraysAndBuffers(ElementType type) {
    Object array = natural(type);
    Tensor expected = tensor(type, array);
    try (InferenceSession session = InferenceSession.of(identity(type))) {
      assertEquals(expected, session.call().with("x", array).run().tensor("y"));
      assertEquals(expected, session.call().with("x", expected).run().tensor("y"));
      if (type != ElementType.STRING) {
        ByteBuffer bytes = expected.bytes();
        ByteBuffer direct =
            ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        direct.put(bytes).flip();
        assertEquals(expected, session.call().with("x", direct, 4).run().tensor("y"));
      }
    }
  }

  /**
   * All but text and what the Java API carries as wider numbers; unsigned integers of several bytes
   * go in only.
   */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.MATCH_NONE,
      names = {NOT_IN_ORT, "STRING|U?INT[24]|FLOAT8.*"})
  void boundBuffers(ElementType type) {
    Tensor expected = tensor(type, natural(type));
    try (InferenceSession session = InferenceSession.of(identity(type));
        Binding binding = session.bind()) {
      binding.allocateInput("x", 4).put(expected.bytes());
      if (type.name().matches("UINT(16|32|64)")) {
        for (Executable bound :
            List.<Executable>of(
                () -> binding.allocateOutput("y", 4), () -> binding.feedBack("y", "x"))) {
          String message = assertThrows(IllegalArgumentException.class, bound).getMessage();
          assertTrue(message.startsWith("Output 'y' of type uint"), message);
          assertTrue(message.contains("take it by tensor(\"y\")"), message);
        }
        binding.run();
      } else {
        ByteBuffer written = binding.allocateOutput("y", 4).order(ByteOrder.LITTLE_ENDIAN);
        binding.run();
        assertEquals(expected, Tensor.of(type, new long[] {4}, written));
      }
      assertEquals(expected, binding.tensor("y"));
    }
  }
}
