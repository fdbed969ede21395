package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.ElementType;
import java.util.List;
import org.junit.jupiter.api.Test;

class RandomInferenceTest {
  @Test
  void ofAShape() {
    for (String operator : List.of("RandomNormal", "RandomUniform")) {
      NodeCase.inAllVersions(operator, n -> n.ints("shape", 2, 3), "float[2,3]");
      NodeCase.inAllVersions(
          operator, n -> n.ints("shape", 2).with("dtype", ElementType.DOUBLE), "double[2]");
      assertEquals(
          "SX-305 shape: "
              + operator
              + ": attribute shape is [2, -1], but must give sizes of at least 0",
          NodeCase.of(operator, 22).ints("shape", 2, -1).problem());
    }
  }

  @Test
  void likeAnotherTensor() {
    for (String operator : List.of("RandomNormalLike", "RandomUniformLike", "Bernoulli")) {
      NodeCase.inAllVersions(operator, n -> n.in("double[N,3]"), "double[N,3]");
      NodeCase.inAllVersions(
          operator, n -> n.in("double[N,3]").with("dtype", ElementType.FLOAT16), "float16[N,3]");
    }
  }

  @Test
  void multinomial() {
    NodeCase.inAllVersions("Multinomial", n -> n.in("float[N,5]"), "int32[N,1]");
    NodeCase.inAllVersions(
        "Multinomial",
        n -> n.in("float[N,5]").with("sample_size", 7).with("dtype", ElementType.INT64),
        "int64[N,7]");
  }

  @Test
  void aNumberThatIsNoElementType() {
    assertEquals(
        "SX-305 dtype: Bernoulli: dtype 99 is not the number of an element type",
        NodeCase.of("Bernoulli", 22).in("float[N]").with("dtype", 99).problem());
  }
}
