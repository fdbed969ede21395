package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementCodec;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.Models;
import dev.sardonyx.runtime.OrtBackend;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every element type goes in and comes out bit by bit, or is refused. */
class OrtTypesTest {
  /** What ONNX Runtime 1.28 has no kernels for on the CPU. */
  private static final Set<ElementType> NOT_IN_ORT =
      EnumSet.of(
          ElementType.UNDEFINED,
          ElementType.COMPLEX64,
          ElementType.COMPLEX128,
          ElementType.FLOAT4E2M1,
          ElementType.FLOAT6E2M3,
          ElementType.FLOAT6E3M2);

  /** All numbers of the type if it has few, random bits otherwise, NaNs left out. */
  private static Tensor tensor(ElementType type) {
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(List.of("", "a", "ü\uD83D\uDE00", "x y"), 2, 2);
    }
    if (type == ElementType.BOOL) {
      return Tensor.ofBooleans(new boolean[] {true, false, true, false}, 2, 2);
    }
    int count = type.bits() <= 8 ? 1 << type.bits() : 4096;
    ByteBuffer bytes = Tensor.allocate(type, count);
    byte[] random = new byte[bytes.capacity()];
    new Random(1).nextBytes(random);
    bytes.put(random).rewind();
    if (type.bits() == 8) {
      for (int i = 0; i < count; i++) {
        bytes.put(i, (byte) i);
      }
    }
    if (type.isFloat()) {
      withoutNaN(type, bytes, count);
    }
    return Tensor.of(type, new long[] {2, count / 2}, bytes);
  }

  /** Which of many NaNs a NaN becomes is nobody's promise. */
  private static void withoutNaN(ElementType type, ByteBuffer bytes, int count) {
    ElementCodec codec = ElementCodec.of(type);
    for (int i = 0; i < count; i++) {
      if (Double.isNaN(codec.getDouble(bytes, i))) {
        codec.putDouble(bytes, i, 1);
      }
    }
  }

  private static TensorType type(ElementType type, Tensor tensor) {
    return TensorType.of(type, tensor.dims());
  }

  @ParameterizedTest
  @EnumSource
  void identity(ElementType type) {
    if (NOT_IN_ORT.contains(type)) {
      TensorType two = TensorType.of(type, 2);
      Model model = Models.unary("Identity", 25, two, two);
      assertThrows(UnsupportedModelException.class, () -> OrtBackend.cpu().prepare(model));
      return;
    }
    Tensor x = tensor(type);
    Model model = Models.unary("Identity", 25, type(type, x), type(type, x));
    try (PreparedModel prepared = OrtBackend.cpu().prepare(model)) {
      assertEquals(x, prepared.run(Map.of("x", x)).get("y"));
    }
  }

  /** A model without any node: what goes in comes out. */
  @ParameterizedTest
  @EnumSource
  void passedThrough(ElementType type) {
    if (NOT_IN_ORT.contains(type)) {
      return;
    }
    Tensor x = tensor(type);
    Model model =
        Models.of(
            25,
            List.of(Input.of("x", type(type, x))),
            List.of(Output.of("x", type(type, x))),
            List.of());
    try (PreparedModel prepared = OrtBackend.cpu().prepare(model)) {
      assertEquals(x, prepared.run(Map.of("x", x)).get("x"));
    }
  }

  @Test
  void theNumbersArriveNotJustTheBits() {
    List<Node> nodes = new ArrayList<>();
    List<Input> inputs = new ArrayList<>();
    List<Output> outputs = new ArrayList<>();
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (ElementType type : ElementType.values()) {
      if (NOT_IN_ORT.contains(type) || type == ElementType.STRING) {
        continue;
      }
      String name = type.onnxName();
      Tensor numbers = Tensor.ofNumbers(type, new double[] {1, 0, 1, 2}, 4);
      given.put(name, numbers);
      inputs.add(Input.of(name, type(type, numbers)));
      nodes.add(
          Node.of(
              "Cast",
              List.of(name),
              List.of(Result.of(name + "_out")),
              Attribute.ofInt("to", ElementType.FLOAT.code())));
      outputs.add(Output.of(name + "_out", TensorType.of(ElementType.FLOAT, 4)));
    }
    Model model = Model.of(Graph.of("casts", inputs, outputs, nodes, List.of()), 25);
    try (PreparedModel prepared = OrtBackend.cpu().prepare(model)) {
      prepared
          .run(given)
          .forEach(
              (name, floats) -> {
                Tensor numbers = given.get(name.replace("_out", ""));
                Tensor expected = Tensor.ofNumbers(ElementType.FLOAT, numbers.toDoubles(), 4);
                assertEquals(expected, floats, name);
              });
    }
  }

  @Test
  void stringsOfAnyShape() {
    for (long[] dims : new long[][] {{}, {1}, {2, 0}, {1, 2, 1}}) {
      Tensor x =
          dims.length == 0
              ? Tensor.ofStrings(List.of("one"))
              : dims.length == 2
                  ? Tensor.ofStrings(List.of(), dims)
                  : Tensor.ofStrings(dims.length == 1 ? List.of("a") : List.of("a", "b"), dims);
      Model model = Models.unary("Identity", 17, x.type(), x.type());
      try (PreparedModel prepared = OrtBackend.cpu().prepare(model)) {
        assertEquals(x, prepared.run(Map.of("x", x)).get("y"), x.toString());
      }
    }
  }
}
