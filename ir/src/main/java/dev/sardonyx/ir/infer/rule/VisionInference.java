package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import java.util.Arrays;

/** Images as files, and regions of images. */
final class VisionInference {
  private VisionInference() {}

  static void addTo(Rules rules) {
    rules.add("ImageDecoder", VisionInference::imageDecoder);
    rules.add("MaxRoiPool", VisionInference::maxRoiPool);
    rules.add("RoiAlign", VisionInference::roiAlign);
    rules.add("NonMaxSuppression", VisionInference::nonMaxSuppression);
  }

  /** The decoded image is [height,width,channels]. */
  private static void imageDecoder(InferenceContext c) {
    Expect.rank(c, 0, 1);
    String format = c.stringAttribute("pixel_format", "RGB");
    long channels =
        switch (format) {
          case "RGB", "BGR" -> 3;
          case "Grayscale" -> 1;
          default ->
              throw c.attributeError(
                  "pixel_format",
                  "RGB, BGR or Grayscale",
                  format,
                  "attribute pixel_format is " + format + "; it takes RGB, BGR or Grayscale");
        };
    c.setOutputShape(0, Shape.of(Dim.UNKNOWN, Dim.UNKNOWN, Dim.of(channels)));
  }

  /** Regions are [regions,5]: the image's number and two corners. */
  private static void maxRoiPool(InferenceContext c) {
    Shape data = Expect.rank(c, 0, 4);
    Shape regions = Expect.rank(c, 1, 2);
    Expect.size(c, 1, 1, Dim.of(5), "an image's number and two corners");
    long[] size = c.intsAttribute("pooled_shape");
    if (size == null || size.length != 2 || size[0] < 1 || size[1] < 1) {
      throw c.attributeError(
          "pooled_shape",
          "two positive numbers",
          size == null ? "none" : Arrays.toString(size),
          "attribute pooled_shape is "
              + (size == null ? "missing" : Arrays.toString(size))
              + ", but must give a positive height and width");
    }
    c.setOutputShape(0, Shape.of(regions.dim(0), data.dim(1), Dim.of(size[0]), Dim.of(size[1])));
  }

  /** Regions are [regions,4]: two corners; a third input has the image's number of each. */
  private static void roiAlign(InferenceContext c) {
    Shape data = Expect.rank(c, 0, 4);
    Expect.rank(c, 1, 2);
    Expect.rank(c, 2, 1);
    Expect.size(c, 1, 1, Dim.of(4), "two corners");
    Dim regions = Expect.same(c, "number of regions", 1, 0, 2, 0);
    c.setOutputShape(
        0,
        Shape.of(
            regions,
            data.dim(1),
            Dim.of(c.intAttribute("output_height", 1)),
            Dim.of(c.intAttribute("output_width", 1))));
  }

  /** Boxes are [batch,boxes,4], scores [batch,classes,boxes]; how many are kept is not known. */
  private static void nonMaxSuppression(InferenceContext c) {
    Expect.rank(c, 0, 3);
    Expect.rank(c, 1, 3);
    Expect.size(c, 0, 2, Dim.of(4), "two corners or centre and size");
    Expect.same(c, "batch size", 0, 0, 1, 0);
    Expect.same(c, "number of boxes", 0, 1, 1, 2);
    c.setOutputShape(0, Shape.of(Dim.UNKNOWN, Dim.of(3)));
  }
}
