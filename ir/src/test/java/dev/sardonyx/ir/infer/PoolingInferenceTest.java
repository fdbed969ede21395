package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolingInferenceTest {
  @Test
  void windowsAreCounted() {
    for (String pool : List.of("MaxPool", "AveragePool", "LpPool")) {
      NodeCase.inAllVersions(
          pool,
          n -> n.in("float[N,C,H,9]").ints("kernel_shape", 2, 3).ints("strides", 2, 2),
          "float[N,C,H/2,4]");
    }
  }

  @Test
  void indicesHaveTheShapeOfTheResult() {
    NodeCase.inVersions(
        "MaxPool",
        8,
        22,
        n -> n.in("float[N,3,8,8]").ints("kernel_shape", 2, 2).outputs(2),
        "float[N,3,7,7]; int64[N,3,7,7]");
  }

  /** Each of the second pair would start in the padding, and does not count. */
  @Test
  void ceilModeCountsWindowsThatStartInTheData() {
    assertEquals("float[1,2,3]", pooled(7, 2, 3, 0, 0, 1));
    assertEquals("float[1,2,2]", pooled(7, 2, 3, 0, 0, 0));
    assertEquals("float[1,2,2]", pooled(4, 2, 3, 0, 1, 1));
    assertEquals("float[1,2,1]", pooled(3, 2, 3, 0, 1, 1));
    assertEquals("float[1,2,2]", pooled(5, 3, 2, 0, 0, 1));
  }

  private static String pooled(int size, int kernel, int stride, int begin, int end, int ceil) {
    return NodeCase.of("MaxPool", 22)
        .in("float[1,2," + size + "]")
        .ints("kernel_shape", kernel)
        .ints("strides", stride)
        .ints("pads", begin, end)
        .with("ceil_mode", ceil)
        .types();
  }

  @Test
  void dilationWhereTheVersionHasIt() {
    NodeCase.inVersions(
        "MaxPool",
        10,
        22,
        n -> n.in("float[N,3,8]").ints("kernel_shape", 2).ints("dilations", 3),
        "float[N,3,5]");
    NodeCase.inVersions(
        "AveragePool",
        19,
        22,
        n -> n.in("float[N,3,8]").ints("kernel_shape", 2).ints("dilations", 3),
        "float[N,3,5]");
    NodeCase.inVersions(
        "LpPool",
        18,
        22,
        n -> n.in("float[N,3,8]").ints("kernel_shape", 2).ints("dilations", 3),
        "float[N,3,5]");
  }

  @Test
  void integersArePooledFromVersion12On() {
    NodeCase.inVersions(
        "MaxPool", 12, 22, n -> n.in("uint8[N,3,8]").ints("kernel_shape", 2), "uint8[N,3,7]");
  }

  @Test
  void aKernelAloneGivesTheRank() {
    assertEquals(
        "float[?,?,?,?]",
        NodeCase.of("MaxPool", 22).in("float").ints("kernel_shape", 2, 2).types());
  }

  @Test
  void theFirstLpPoolMayLackItsKernel() {
    assertEquals("float[N,3,?,?]", NodeCase.of("LpPool", 1).in("float[N,3,8,8]").types());
  }

  @Test
  void globalPoolsLeaveOnePosition() {
    for (String pool : List.of("GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool")) {
      NodeCase.inAllVersions(pool, n -> n.in("float[N,C,H,W]"), "float[N,C,1,1]");
      NodeCase.inAllVersions(pool, n -> n.in("float[N,C,8]"), "float[N,C,1]");
    }
  }

  @Test
  void unpooling() {
    NodeCase.inAllVersions(
        "MaxUnpool",
        n ->
            n.in("float[N,C,2,H]", "int64[N,C,2,H]")
                .ints("kernel_shape", 2, 2)
                .ints("strides", 2, 2),
        "float[N,C,4,2*H]");
    NodeCase.inAllVersions(
        "MaxUnpool",
        n ->
            n.in("float[1,1,2,2]", "int64[1,1,2,2]")
                .in(Tensor.ofLongs(new long[] {1, 1, 5, 5}, 4))
                .ints("kernel_shape", 2, 2),
        "float[1,1,5,5]");
    NodeCase.inAllVersions(
        "MaxUnpool",
        n -> n.in("float[1,1,2,2]", "int64[1,1,2,2]", "int64[4]").ints("kernel_shape", 2, 2),
        "float[1,1,?,?]");
  }

  @Test
  void problems() {
    assertEquals(
        "SX-305 kernel_shape: MaxPool: attribute kernel_shape is missing",
        NodeCase.of("MaxPool", 22).in("float[1,2,8,8]").problem());
    assertEquals(
        "SX-305 auto_pad: MaxPool: auto_pad is 'SAME'; it must be NOTSET, VALID, SAME_UPPER or"
            + " SAME_LOWER",
        NodeCase.of("MaxPool", 22)
            .in("float[1,2,8,8]")
            .ints("kernel_shape", 2, 2)
            .with("auto_pad", "SAME")
            .problem());
    assertEquals(
        "SX-305 strides: MaxPool: strides [0, 1] must be at least 1 everywhere",
        NodeCase.of("MaxPool", 22)
            .in("float[1,2,8,8]")
            .ints("kernel_shape", 2, 2)
            .ints("strides", 0, 1)
            .problem());
    assertEquals(
        "SX-303 b: MaxUnpool: shapes [1,1,2,2] of a and [1,1,2,3] of b must be equal",
        NodeCase.of("MaxUnpool", 22)
            .in("float[1,1,2,2]", "int64[1,1,2,3]")
            .ints("kernel_shape", 2, 2)
            .problem());
  }
}
