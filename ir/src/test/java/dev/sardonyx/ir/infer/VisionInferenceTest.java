package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class VisionInferenceTest {
  @Test
  void decodedImagesHaveThreeChannelsOrOne() {
    assertEquals("uint8[?,?,3]", NodeCase.of("ImageDecoder", 20).in("uint8[N]").types());
    assertEquals(
        "uint8[?,?,1]",
        NodeCase.of("ImageDecoder", 20).in("uint8[N]").with("pixel_format", "Grayscale").types());
    assertEquals(
        "SX-305 pixel_format: ImageDecoder: attribute pixel_format is CMYK; it takes RGB, BGR or"
            + " Grayscale",
        NodeCase.of("ImageDecoder", 20).in("uint8[N]").with("pixel_format", "CMYK").problem());
  }

  @Test
  void regions() {
    NodeCase.inAllVersions(
        "MaxRoiPool",
        n -> n.in("float[1,C,9,9]", "float[R,5]").ints("pooled_shape", 2, 3),
        "float[R,C,2,3]");
    NodeCase.inAllVersions(
        "RoiAlign",
        n ->
            n.in("float[1,C,9,9]", "float[?,4]", "int64[R]")
                .with("output_height", 5)
                .with("output_width", 6),
        "float[R,C,5,6]");
    NodeCase.inAllVersions(
        "RoiAlign", n -> n.in("float[1,C,9,9]", "float[R,4]", "int64[R]"), "float[R,C,1,1]");
    assertEquals(
        "SX-303 c: RoiAlign: the number of regions of b [3,4] is 3 (axis 0), but that of c [2] is 2"
            + " (axis 0); they must be equal",
        NodeCase.of("RoiAlign", 22).in("float[1,2,9,9]", "float[3,4]", "int64[2]").problem());
    assertEquals(
        "SX-303 b: MaxRoiPool: b [R,4] has 4 on axis 1, but must have 5, an image's number and two"
            + " corners",
        NodeCase.of("MaxRoiPool", 22)
            .in("float[1,C,9,9]", "float[R,4]")
            .ints("pooled_shape", 2, 3)
            .problem());
  }

  @Test
  void nonMaxSuppression() {
    NodeCase.inAllVersions(
        "NonMaxSuppression", n -> n.in("float[1,N,4]", "float[1,2,N]"), "int64[?,3]");
    assertEquals(
        "SX-303 b: NonMaxSuppression: the number of boxes of a [1,6,4] is 6 (axis 1), but that of b"
            + " [1,2,7] is 7 (axis 2); they must be equal",
        NodeCase.of("NonMaxSuppression", 11).in("float[1,6,4]", "float[1,2,7]").problem());
  }
}
