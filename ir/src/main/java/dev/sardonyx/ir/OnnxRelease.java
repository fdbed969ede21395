package dev.sardonyx.ir;

import java.util.List;

/**
 * A release of ONNX: which version of the file format and of the operators it brought. This is
 * ONNX's own table; a test compares them.
 *
 * @param name such as {@code 1.22.0}
 * @param irVersion the version of the file format
 * @param opset the version of ONNX's own operators
 * @param mlOpset the version of the operators of {@code ai.onnx.ml}
 */
public record OnnxRelease(String name, long irVersion, long opset, long mlOpset) {
  private static final List<OnnxRelease> ALL =
      List.of(
          new OnnxRelease("1.0", 3, 1, 1),
          new OnnxRelease("1.1", 3, 5, 1),
          new OnnxRelease("1.1.2", 3, 6, 1),
          new OnnxRelease("1.2", 3, 7, 1),
          new OnnxRelease("1.3", 3, 8, 1),
          new OnnxRelease("1.4.1", 4, 9, 1),
          new OnnxRelease("1.5.0", 5, 10, 1),
          new OnnxRelease("1.6.0", 6, 11, 2),
          new OnnxRelease("1.7.0", 7, 12, 2),
          new OnnxRelease("1.8.0", 7, 13, 2),
          new OnnxRelease("1.8.1", 7, 13, 2),
          new OnnxRelease("1.9.0", 7, 14, 2),
          new OnnxRelease("1.10.0", 8, 15, 2),
          new OnnxRelease("1.10.1", 8, 15, 2),
          new OnnxRelease("1.10.2", 8, 15, 2),
          new OnnxRelease("1.11.0", 8, 16, 3),
          new OnnxRelease("1.12.0", 8, 17, 3),
          new OnnxRelease("1.13.0", 8, 18, 3),
          new OnnxRelease("1.13.1", 8, 18, 3),
          new OnnxRelease("1.14.0", 9, 19, 3),
          new OnnxRelease("1.14.1", 9, 19, 3),
          new OnnxRelease("1.15.0", 9, 20, 4),
          new OnnxRelease("1.16.0", 10, 21, 5),
          new OnnxRelease("1.16.1", 10, 21, 5),
          new OnnxRelease("1.16.2", 10, 21, 5),
          new OnnxRelease("1.17.0", 10, 22, 5),
          new OnnxRelease("1.18.0", 11, 23, 5),
          new OnnxRelease("1.19.0", 12, 24, 5),
          new OnnxRelease("1.19.1", 12, 24, 5),
          new OnnxRelease("1.20.0", 13, 25, 5),
          new OnnxRelease("1.20.1", 13, 25, 5),
          new OnnxRelease("1.21.0", 13, 26, 5),
          new OnnxRelease("1.22.0", 13, 27, 5),
          new OnnxRelease("1.23.0", 14, 28, 5));

  /** All releases known, oldest first. */
  public static List<OnnxRelease> all() {
    return ALL;
  }

  /** The newest release known. */
  public static OnnxRelease newest() {
    return ALL.get(ALL.size() - 1);
  }

  /**
   * The version of the file format of the first release that has an operator set of ONNX's own
   * domain; of the newest for one that is newer still.
   */
  public static long irVersionFor(long opset) {
    for (OnnxRelease release : ALL) {
      if (release.opset >= opset) {
        return release.irVersion;
      }
    }
    return newest().irVersion;
  }
}
