package dev.sardonyx.samples.read.samediff;

import java.util.List;
import org.nd4j.autodiff.samediff.ops.SDImage;
import org.nd4j.enums.ImageResizeMethod;
import org.nd4j.enums.Mode;
import org.nd4j.linalg.factory.Nd4j;

/** Images {@code [N,H,W,C]}. */
final class ImageCases {
  private ImageCases() {}

  static List<OperatorCase> all() {
    OperatorCases cases = new OperatorCases(SDImage.class);
    resized(cases);
    colours(cases);
    return cases.list();
  }

  private static SDImage image(Bench b) {
    return b.sd().image();
  }

  private static void resized(OperatorCases cases) {
    for (boolean corners : new boolean[] {false, true}) {
      for (boolean centers : new boolean[] {false, true}) {
        if (!corners || !centers) {
          String what = corners ? "corners aligned" : centers ? "from the pixels' centers" : "";
          cases.of(
              "resizeBiLinear",
              what,
              b -> image(b).resizeBiLinear(b.x(2, 4, 5, 3), 7, 3, corners, centers));
        }
      }
    }
    cases
        .refused(
            "resizeBiCubic",
            b -> image(b).resizeBiCubic(b.x(2, 4, 5, 3), b.constant(7, 9), false, true))
        .of(
            "imageResize",
            "nearest, by no whole factor",
            b ->
                image(b)
                    .imageResize(
                        b.x(2, 4, 5, 3), b.constant(7, 8), ImageResizeMethod.ResizeNearest))
        .of(
            "imageResize",
            b ->
                image(b)
                    .imageResize(
                        b.x(2, 4, 5, 3), b.constant(8, 10), ImageResizeMethod.ResizeNearest))
        .of(
            "imageResize",
            "bilinear",
            b ->
                image(b)
                    .imageResize(
                        b.x(2, 4, 5, 3), b.constant(7, 9), ImageResizeMethod.ResizeBilinear))
        .refused(
            "imageResize",
            "by Lanczos' filter",
            b ->
                image(b)
                    .imageResize(
                        b.x(2, 4, 5, 3), b.constant(7, 9), ImageResizeMethod.ResizeLanczos3))
        .refused(
            "cropAndResize",
            b ->
                image(b)
                    .cropAndResize(
                        b.x(2, 6, 5, 3),
                        b.of(new float[] {0.1f, 0.2f, 0.8f, 0.9f, 0, 0, 1, 0.5f}, 2, 4),
                        b.of(new int[] {1, 0}, 2),
                        b.constant(3, 4)))
        .of(
            "pad",
            b ->
                image(b)
                    .pad(
                        b.x(3, 4),
                        b.constant(Nd4j.createFromArray(new int[][] {{0, 1}, {2, 1}})),
                        Mode.CONSTANT,
                        0.5))
        .refused(
            "extractImagePatches",
            b ->
                image(b)
                    .extractImagePatches(
                        b.x(2, 6, 5, 3),
                        new int[] {2, 2},
                        new int[] {1, 1},
                        new int[] {1, 1},
                        true))
        .refused("randomCrop", b -> image(b).randomCrop(b.x(6, 5, 3), b.constant(3, 3, 3)))
        .refused(
            "nonMaxSuppression",
            b -> image(b).nonMaxSuppression(b.positive(4, 4), b.positive(4), 2, 0.5, 0.1));
  }

  private static void colours(OperatorCases cases) {
    cases
        .of("adjustContrast", b -> image(b).adjustContrast(b.positive(2, 4, 5, 3), 1.5))
        .refused("adjustHue", b -> image(b).adjustHue(b.positive(2, 4, 5, 3), 0.2))
        .refused("adjustSaturation", b -> image(b).adjustSaturation(b.positive(2, 4, 5, 3), 1.5))
        .refused("hsvToRgb", b -> image(b).hsvToRgb(b.positive(2, 4, 5, 3)))
        .refused("rgbToHsv", b -> image(b).rgbToHsv(b.positive(2, 4, 5, 3)))
        .of("rgbToYiq", b -> image(b).rgbToYiq(b.positive(2, 4, 5, 3)))
        .of("rgbToYuv", b -> image(b).rgbToYuv(b.positive(2, 4, 5, 3)))
        .of("yiqToRgb", b -> image(b).yiqToRgb(b.x(2, 4, 5, 3)))
        .of("yuvToRgb", b -> image(b).yuvToRgb(b.x(2, 4, 5, 3)));
  }
}
