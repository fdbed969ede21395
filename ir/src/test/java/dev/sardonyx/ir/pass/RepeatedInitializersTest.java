package dev.sardonyx.ir.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepeatedInitializersTest {
  private static Model model(int opset, Tensor tensor) {
    GraphBuilder b = GraphBuilder.of("main", opset);
    b.output(b.identity(b.constant("zeros", tensor)), "y");
    return b.buildModel();
  }

  /** ConstantOfShape has not made every type from its beginning, and complex numbers never. */
  @ParameterizedTest
  @CsvSource({
    "FLOAT, 9, true",
    "BFLOAT16, 13, false",
    "BFLOAT16, 20, true",
    "COMPLEX64, 21, false",
  })
  void onlyTypesThatConstantOfShapeMakes(ElementType type, int opset, boolean isMade) {
    Tensor zeros = Tensor.of(type, new long[] {400}, Tensor.allocate(type, 400));
    Model after = new RepeatedInitializers().apply(model(opset, zeros)).model();
    assertEquals(isMade ? 2 : 1, after.graph().nodes().size());
    assertEquals(List.of(), Checker.check(after).errors());
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 2"})
  void anyLeastSize(int length, int nodes) {
    Tensor zeros = Tensor.ofFloats(new float[length], length);
    Model after = new RepeatedInitializers(0).apply(model(21, zeros)).model();
    assertEquals(nodes, after.graph().nodes().size());
  }
}
