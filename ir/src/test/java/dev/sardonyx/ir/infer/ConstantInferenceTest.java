package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import org.junit.jupiter.api.Test;

class ConstantInferenceTest {
  @Test
  void theResultIsDenseEvenIfTheAttributeIsSparse() {
    SparseTensor sparse =
        SparseTensor.of(
            Tensor.ofFloats(new float[] {5}, 1), Tensor.ofLongs(new long[] {4}, 1), 2, 3);
    Attribute attribute = Attribute.of("sparse_value", new AttributeValue.SparseTensor(sparse));
    assertEquals("float[2,3]", NodeCase.of("Constant", 13).with(attribute).types());
  }
}
