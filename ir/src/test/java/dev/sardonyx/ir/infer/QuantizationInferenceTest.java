package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.ElementType;
import org.junit.jupiter.api.Test;

class QuantizationInferenceTest {
  @Test
  void theZeroPointGivesTheType() {
    NodeCase.inAllVersions(
        "QuantizeLinear", n -> n.in("float[N,3]", "float[]", "int8[]"), "int8[N,3]");
    NodeCase.inAllVersions("QuantizeLinear", n -> n.in("float[N,3]", "float[]"), "uint8[N,3]");
  }

  @Test
  void attributeOutputDtypeGivesTheTypeFromVersion21On() {
    NodeCase.inVersions(
        "QuantizeLinear",
        21,
        99,
        n -> n.in("float[N,3]", "float[]").with("output_dtype", ElementType.INT4),
        "int4[N,3]");
    assertEquals(
        "SX-305 output_dtype: QuantizeLinear: attribute output_dtype is int4, but zero point c has"
            + " type uint8; leave one of them out or make them equal",
        NodeCase.of("QuantizeLinear", 21)
            .in("float[N,3]", "float[]", "uint8[]")
            .with("output_dtype", ElementType.INT4)
            .problem());
  }

  @Test
  void dequantizedTypeIsTheScalesUnlessAsked() {
    NodeCase.inAllVersions(
        "DequantizeLinear", n -> n.in("uint8[N,3]", "float[]", "uint8[]"), "float[N,3]");
    NodeCase.inVersions(
        "DequantizeLinear", 19, 99, n -> n.in("int8[N,3]", "float16[]"), "float16[N,3]");
    NodeCase.inVersions(
        "DequantizeLinear",
        23,
        99,
        n -> n.in("int8[N,3]", "float16[]").with("output_dtype", ElementType.FLOAT),
        "float[N,3]");
    assertEquals(
        "SX-305 output_dtype: DequantizeLinear: scale b has type float8e8m0, which no result can"
            + " have; give attribute output_dtype",
        NodeCase.of("DequantizeLinear", 24).in("int8[N,3]", "float8e8m0[]").problem());
  }

  @Test
  void scalesForAnAxisOrForBlocks() {
    NodeCase.inVersions(
        "QuantizeLinear",
        13,
        99,
        n -> n.in("float[3,N,4]", "float[4]", "int8[4]").with("axis", -1),
        "int8[3,N,4]");
    NodeCase.inVersions(
        "QuantizeLinear",
        21,
        99,
        n -> n.in("float[N,6]", "float[N,2]", "int8[N,2]").with("block_size", 3),
        "int8[N,6]");
  }

  @Test
  void problems() {
    assertEquals(
        "SX-303 b: QuantizeLinear: b [5] has 5 on axis 0, but must have 4, axis 1 of a [N,4]",
        NodeCase.of("QuantizeLinear", 13).in("float[N,4]", "float[5]").problem());
    assertEquals(
        "SX-303 b: DequantizeLinear: b [N,3] has 3 on axis 1, but must have 2, the blocks of 3 along"
            + " axis 1 of a [N,6]",
        NodeCase.of("DequantizeLinear", 21)
            .in("int8[N,6]", "float[N,3]")
            .with("block_size", 3)
            .problem());
    assertEquals(
        "SX-303 c: QuantizeLinear: shapes [4] of b and [3] of c must be equal",
        NodeCase.of("QuantizeLinear", 13).in("float[N,4]", "float[4]", "int8[3]").problem());
  }

  @Test
  void dynamic() {
    assertEquals(
        "uint8[N,3]; float[]; uint8[]",
        NodeCase.of("DynamicQuantizeLinear", 11).in("float[N,3]").outputs(3).types());
  }

  @Test
  void quantisedMatrixProduct() {
    NodeCase.inAllVersions(
        "QLinearMatMul",
        n ->
            n.in("uint8[N,2,4]", "float[]", "uint8[]", "int8[4,3]", "float[]", "int8[]")
                .in("float[]", "uint8[]"),
        "uint8[N,2,3]");
  }
}
