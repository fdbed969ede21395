package dev.sardonyx.ir.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Dimensions declared as -1 are no sizes, and sizes beyond 64 bits no numbers, for any pass. */
class OpenDimensionsTest {
  private final GraphBuilder b = GraphBuilder.of("main", 18);

  private static TensorType floats(long... dims) {
    return TensorType.of(ElementType.FLOAT, dims);
  }

  private static List<String> operators(Model model) {
    return model.graph().nodes().stream().map(Node::opType).toList();
  }

  @Test
  void theShapeOfAnOpenDimensionIsNotFolded() {
    Value x = b.input("x", floats(-1, 3));
    b.output(b.shape(x), "shape");
    b.output(b.size(x), "size");
    Model model = Passes.simplify().apply(b.buildModel()).model();
    assertEquals(List.of("Shape", "Size"), operators(model));
    for (int batch : new int[] {0, 1, 5}) {
      try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
        Map<String, Datum> results =
            prepared.run(Map.of("x", Tensor.ofFloats(new float[batch * 3], batch, 3)));
        assertEquals(Tensor.ofLongs(new long[] {batch, 3}, 2), results.get("shape"));
        assertEquals(Tensor.scalar(3L * batch), results.get("size"));
      }
    }
  }

  @Test
  void openDimensionsAreNotEqualOnes() {
    Value x = b.input("x", floats(-1, -1));
    Value shape = b.input("shape", TensorType.of(ElementType.INT64, 2));
    Value y = b.declare(b.reshape(x, shape), floats(-1, -1));
    b.output(y, "y");
    Model model = b.buildModel();
    assertSame(model, Passes.simplify().apply(model).model());
    assertEquals(Shape.of(-1, -1), ((TensorType) model.graph().outputs().get(0).type()).shape());
  }

  @Test
  void aSizeBeyond64BitsIsLeftToTheModel() {
    Value x = b.input("x", floats(1L << 40, 1L << 40));
    b.output(b.size(x), "size");
    Model model = b.buildModel();
    assertSame(model, Passes.simplify().apply(model).model());
  }
}
