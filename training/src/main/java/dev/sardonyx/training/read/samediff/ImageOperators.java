package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import java.util.ArrayList;
import java.util.List;

/** Images {@code [N,H,W,C]}. */
final class ImageOperators {
  private static final double[] RGB_TO_YIQ = {
    0.299, 0.59590059, 0.2115, 0.587, -0.27455667, -0.52273617, 0.114, -0.32134392, 0.31119955
  };
  private static final double[] YIQ_TO_RGB = {
    1, 1, 1, 0.95598634, -0.27201283, -1.10674021, 0.6208248, -0.64720424, 1.70423049
  };
  private static final double[] RGB_TO_YUV = {
    0.299, -0.14714119, 0.61497538, 0.587, -0.28886916, -0.51496512, 0.114, 0.43601035, -0.10001026
  };
  private static final double[] YUV_TO_RGB = {
    1, 1, 1, 0, -0.394642334, 2.03206185, 1.13988303, -0.58062185, 0
  };

  private ImageOperators() {}

  static void add(OperatorTable.Builder table) {
    table.one("resize_bilinear", site -> resized(site, "linear", true));
    table.one("image_resize", ImageOperators::resized);
    table.one("adjust_contrast_v2", ImageOperators::contrast);
    table.one("rgb_to_yiq", site -> colours(site, RGB_TO_YIQ));
    table.one("yiq_to_rgb", site -> colours(site, YIQ_TO_RGB));
    table.one("rgb_to_yuv", site -> colours(site, RGB_TO_YUV));
    table.one("yuv_to_rgb", site -> colours(site, YUV_TO_RGB));
  }

  private static Value resized(OperatorSite site) {
    if (site.flag(0) || site.flag(1)) {
      throw site.refuse("it keeps the aspect ratio or smooths");
    }
    return switch ((int) site.integer(0)) {
      case 0 -> resized(site, "linear", false);
      case 1 -> resized(site, "nearest", false);
      default -> throw site.refuse("ONNX has no such filter");
    };
  }

  /** With flags that say which points of both images lie on each other, or from the centers. */
  private static Value resized(OperatorSite site, String mode, boolean hasFlags) {
    GraphBuilder b = site.b();
    long[] sizes = site.has(1) ? site.longs(1, "its sizes") : site.integers();
    String coordinates = "half_pixel";
    if (hasFlags) {
      coordinates = site.flag(1) ? "half_pixel" : "asymmetric";
      coordinates = site.flag(0) ? "align_corners" : coordinates;
    }
    List<Attribute> attributes =
        new ArrayList<>(
            List.of(
                Attribute.ofString("mode", mode),
                Attribute.ofString("coordinate_transformation_mode", coordinates)));
    if (mode.equals("nearest")) {
      boolean isCentered = coordinates.equals("half_pixel");
      attributes.add(
          Attribute.ofString("nearest_mode", isCentered ? "round_prefer_ceil" : "floor"));
    }
    Value size = b.longs("sizes", sizes[0], sizes[1]);
    Value absent = OperatorBuilder.ABSENT;
    Value image = site.cast(site.x(), site.types().get(0));
    return ConvolutionOperators.channelsFirst(
        site,
        image,
        true,
        x -> {
          Value all = b.concat(0, b.shape(x, 0, 2), size);
          return b.node("Resize", List.of(x, absent, absent, all), attributes);
        });
  }

  /** Farther from the mean of each channel. */
  private static Value contrast(OperatorSite site) {
    GraphBuilder b = site.b();
    Value x = site.x();
    Value factor = site.has(1) ? site.in(1) : site.like(x, site.number(0));
    Value mean = b.reduceMean(x, true, -3, -2);
    return b.add(b.mul(b.sub(x, mean), factor), mean);
  }

  private static Value colours(OperatorSite site, double[] matrix) {
    if (site.hasInteger(0) && site.axis(site.x(), site.integer(0)) != site.rank(site.x()) - 1) {
      throw site.refuse("its channels are not last");
    }
    Value w = site.b().constant(Tensor.ofNumbers(site.type(site.x()), matrix, 3, 3));
    return site.b().matMul(site.x(), w);
  }
}
