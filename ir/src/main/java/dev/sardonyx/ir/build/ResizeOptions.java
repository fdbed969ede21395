package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import java.util.List;

/**
 * How an image is resized, in the words of ONNX's {@code Resize}.
 *
 * @param mode {@code nearest}, {@code linear} or {@code cubic}
 * @param coordinates which point of the input a point of the output stands for: {@code half_pixel},
 *     {@code align_corners}, {@code asymmetric}, ...
 * @param nearest how {@code nearest} rounds: {@code round_prefer_floor}, {@code floor}, ...
 */
public record ResizeOptions(String mode, String coordinates, String nearest) {
  /** ONNX's defaults. */
  public static final ResizeOptions NEAREST =
      new ResizeOptions("nearest", "half_pixel", "round_prefer_floor");

  public static final ResizeOptions LINEAR =
      new ResizeOptions("linear", "half_pixel", "round_prefer_floor");

  public static final ResizeOptions CUBIC =
      new ResizeOptions("cubic", "half_pixel", "round_prefer_floor");

  public ResizeOptions withCoordinates(String changed) {
    return new ResizeOptions(mode, changed, nearest);
  }

  public ResizeOptions withNearest(String changed) {
    return new ResizeOptions(mode, coordinates, changed);
  }

  List<Attribute> attributes(int opset) {
    Attribute how = Attribute.ofString("mode", mode);
    return opset < 11
        ? List.of(how)
        : List.of(
            how,
            Attribute.ofString("coordinate_transformation_mode", coordinates),
            Attribute.ofString("nearest_mode", nearest));
  }
}
