package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ConvolutionInferenceTest {
  @Test
  void symbolsBecomeExpressions() {
    NodeCase.inAllVersions(
        "Conv",
        n ->
            n.in("float[N,3,H,W]", "float[8,3,3,3]", "float[8]")
                .ints("strides", 2, 1)
                .ints("pads", 1, 1, 1, 1),
        "float[N,8,(H+1)/2,W]");
  }

  @Test
  void sizesFollowStridesDilationsAndPads() {
    NodeCase.inAllVersions(
        "Conv",
        n ->
            n.in("float[2,3,17,20]", "float[8,3,3,3]")
                .ints("strides", 2, 3)
                .ints("pads", 0, 1, 2, 3)
                .ints("dilations", 2, 1),
        "float[2,8,8,8]");
  }

  @Test
  void autoPadKeepsOrShrinks() {
    assertEquals("float[N,8,9,(W+1)/2]", autoPadded("SAME_UPPER"));
    assertEquals("float[N,8,9,(W+1)/2]", autoPadded("SAME_LOWER"));
    assertEquals("float[N,8,8,(W+1)/2-1]", autoPadded("VALID"));
    assertEquals("float[N,8,8,(W+1)/2-1]", autoPadded("NOTSET"));
  }

  private static String autoPadded(String autoPad) {
    return NodeCase.of("Conv", 11)
        .in("float[N,3,17,W]", "float[8,3,3,3]")
        .ints("strides", 2, 2)
        .with("auto_pad", autoPad)
        .types();
  }

  /** What no window can have is refused before any arithmetic, which 64 bits would not hold. */
  @Test
  void padsBeyond31BitsAreRefused() {
    long most = Long.MAX_VALUE;
    NodeCase conv =
        NodeCase.of("Conv", 22)
            .in("float[1,3,4,4]", "float[4,3,3,3]")
            .ints("pads", most, most, most, most);
    assertTrue(conv.problem().contains("pads must be numbers from 0 to 2147483647"));
    NodeCase pool =
        NodeCase.of("MaxPool", 22)
            .in("float[1,3,4,4]")
            .ints("kernel_shape", 1, 1)
            .ints("pads", most, 0, most, 0);
    assertTrue(pool.problem().contains("pads"), pool.problem());
  }

  @Test
  void oneAxisThreeAxesGroupsAndHalfPrecision() {
    assertEquals(
        "float16[1,8,7]",
        NodeCase.of("Conv", 22).in("float16[1,4,9]", "float16[8,2,3]").with("group", 2).types());
    assertEquals(
        "float[1,8,D-2,7,6]",
        NodeCase.of("Conv", 22).in("float[1,4,D,9,8]", "float[8,4,3,3,3]").types());
  }

  @Test
  void whatIsNotKnownStaysOpen() {
    assertEquals("float[?,8,?,?]", NodeCase.of("Conv", 22).in("float", "float[8,3,3,3]").types());
    assertEquals(
        "float[N,?,6,6]",
        NodeCase.of("Conv", 22).in("float[N,3,8,8]", "float").ints("kernel_shape", 3, 3).types());
    assertEquals("float", NodeCase.of("Conv", 22).in("float", "float").types());
    assertEquals(
        "float[N,M,H+1-K]", NodeCase.of("Conv", 22).in("float[N,C,H]", "float[M,C,K]").types());
  }

  @Test
  void integerConvolutions() {
    assertEquals(
        "int32[1,1,2,2]",
        NodeCase.of("ConvInteger", 10).in("uint8[1,1,3,3]", "int8[1,1,2,2]", "uint8[]").types());
    assertEquals(
        "uint8[1,1,7,7]",
        NodeCase.of("QLinearConv", 10)
            .in("uint8[1,1,7,7]", "float[]", "uint8[]", "int8[1,1,1,1]", "float[1]", "int8[1]")
            .in("float[]", "uint8[]", "int32[1]")
            .types());
  }

  @Test
  void transposedSizes() {
    NodeCase.inAllVersions(
        "ConvTranspose",
        n ->
            n.in("float[N,8,H,6]", "float[8,3,3,3]")
                .ints("strides", 2, 2)
                .ints("pads", 1, 0, 1, 0)
                .ints("output_padding", 1, 0),
        "float[N,3,2*H,13]");
    NodeCase.inAllVersions(
        "ConvTranspose",
        n -> n.in("float[N,8,5,6]", "float[8,3,3,3]").with("group", 2).ints("dilations", 2, 1),
        "float[N,6,9,8]");
  }

  @Test
  void transposedWithOutputShapeOrAutoPad() {
    NodeCase.inAllVersions(
        "ConvTranspose",
        n -> n.in("float[N,8,H,W]", "float[8,3,3,3]").ints("output_shape", 10, 8),
        "float[N,3,10,8]");
    NodeCase.inAllVersions(
        "ConvTranspose",
        n ->
            n.in("float[N,8,H,5]", "float[8,3,3,3]")
                .ints("strides", 2, 2)
                .with("auto_pad", "SAME_UPPER"),
        "float[N,3,2*H,10]");
    // A kernel smaller than the stride leaves nothing to cut off.
    assertEquals(
        "float[N,3,9]",
        NodeCase.of("ConvTranspose", 11)
            .in("float[N,8,5]", "float[8,3,1]")
            .ints("strides", 2)
            .with("auto_pad", "SAME_LOWER")
            .types());
  }

  @Test
  void deformable() {
    NodeCase.inAllVersions(
        "DeformConv",
        n -> n.in("float[N,3,9,9]", "float[8,3,3,3]", "float[N,18,7,7]", "", "float[N,9,7,7]"),
        "float[N,8,7,7]");
  }

  @Test
  void causalWithState() {
    assertEquals(
        "float[B,5,L]; float[B,5,3]",
        NodeCase.of("CausalConvWithState", 27)
            .in("float[B,5,L]", "float[5,1,4]")
            .outputs(2)
            .types());
    assertEquals(
        "float[2,5,L]; float[2,5,3]",
        NodeCase.of("CausalConvWithState", 27)
            .in("float[B,5,L]", "float[5,1,K]", "", "float[2,5,3]")
            .outputs(2)
            .types());
  }

  @Test
  void wrongChannelsNameBothShapes() {
    assertEquals(
        "SX-303 a: Conv: input a [N,3,8,8] has 3 channels, but weight b [8,2,3,3] with group 2"
            + " expects 4 (2*2)",
        NodeCase.of("Conv", 22).in("float[N,3,8,8]", "float[8,2,3,3]").with("group", 2).problem());
    assertEquals(
        "SX-303 b: ConvTranspose: the number of channels of a [N,3,8,8] is 3 (axis 1), but that of b"
            + " [8,2,3,3] is 8 (axis 0); they must be equal",
        NodeCase.of("ConvTranspose", 22).in("float[N,3,8,8]", "float[8,2,3,3]").problem());
    assertEquals(
        "SX-303 c: Conv: c [7] has 7 on axis 0, but must have 8, the filters of weight b [8,3,3,3]",
        NodeCase.of("Conv", 22).in("float[N,3,8,8]", "float[8,3,3,3]", "float[7]").problem());
  }

  @Test
  void wrongRanksAndAttributes() {
    assertEquals(
        "SX-304 a: Conv: input a has shape [8,8], but Conv takes rank at least 3",
        NodeCase.of("Conv", 22).in("float[8,8]", "float[8,3,3,3]").problem());
    assertEquals(
        "SX-303 b: Conv: weight b [8,3,3] must have the rank of a [N,3,8,8]",
        NodeCase.of("Conv", 22).in("float[N,3,8,8]", "float[8,3,3]").problem());
    assertEquals(
        "SX-305 strides: Conv: strides [2] must have 2 numbers",
        NodeCase.of("Conv", 22)
            .in("float[N,3,8,8]", "float[8,3,3,3]")
            .ints("strides", 2)
            .problem());
    assertEquals(
        "SX-305 kernel_shape: Conv: kernel_shape [2, 2] is not the weight's [3,3]",
        NodeCase.of("Conv", 22)
            .in("float[N,3,8,8]", "float[8,3,3,3]")
            .ints("kernel_shape", 2, 2)
            .problem());
    assertEquals(
        "SX-305 group: Conv: attribute group is 3, which does not divide the 8 channels of b"
            + " [8,1,3,3]",
        NodeCase.of("Conv", 22).in("float[N,3,8,8]", "float[8,1,3,3]").with("group", 3).problem());
    assertEquals(
        "SX-305 pads: ConvTranspose: the pads [4, 4] leave a size of -3 on spatial axis 0 of input a"
            + " [1,1,3]; pad less",
        NodeCase.of("ConvTranspose", 22)
            .in("float[1,1,3]", "float[1,1,3]")
            .ints("pads", 4, 4)
            .problem());
    assertEquals(
        "SX-305 activation: CausalConvWithState: attribute activation is relu; it takes none, silu"
            + " or swish",
        NodeCase.of("CausalConvWithState", 27)
            .in("float[B,5,L]", "float[5,1,4]")
            .with("activation", "relu")
            .outputs(2)
            .problem());
  }

  @Test
  void aWindowThatDoesNotFit() {
    assertEquals(
        "SX-303 a: Conv: a window of 3 does not fit into 2 (with padding 2) of spatial axis 0 of a"
            + " [1,4,2]",
        NodeCase.of("Conv", 22).in("float[1,4,2]", "float[8,4,3]").problem());
  }
}
