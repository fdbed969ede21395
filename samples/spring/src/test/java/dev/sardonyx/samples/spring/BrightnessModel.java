package dev.sardonyx.samples.spring;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * A network whose answers are known: class 0 is a bright image, class 1 a dark one. It takes as
 * many steps as its largest pixel says, so that numbers far above 1 take long.
 */
final class BrightnessModel {
  private BrightnessModel() {}

  private static final String TEXT =
      """
      <ir_version: 10, opset_import: ["": 21]>
      brightness (float[N,1,28,28] image) => (float[N,2] probabilities)
      <int64[2] axes = {2, 3}, int64[2] shape = {-1, 1}, float one = {1}, float nothing = {0},
       bool go = {1}, int64 zero = {0}, int64 step = {1}> {
        largest = ReduceMax <keepdims = 0> (image)
        trips = Cast <to = 7> (largest)
        count = Loop (trips, go, zero)
          <body = b (int64 i, bool c, int64 a) => (bool d, int64 e) {
            d = Identity (c)
            e = Add (a, step)
          }>
        steps = Cast <to = 1> (count)
        more = Mul (steps, nothing)
        mean = ReduceMean <keepdims = 0> (image, axes)
        light = Reshape (mean, shape)
        bright = Add (light, more)
        dark = Sub (one, bright)
        probabilities = Concat <axis = 1> (bright, dark)
      }
      """;

  /** Writes it into a new folder, which is deleted at exit. */
  static Path write() {
    try {
      Path folder = Files.createTempDirectory("brightness");
      Path file = folder.resolve("brightness.onnx");
      folder.toFile().deleteOnExit();
      OnnxWriter.write(ModelParser.parse(TEXT), file);
      file.toFile().deleteOnExit();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A grey picture of one brightness, from 0 to 255. */
  static byte[] png(int brightness, int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, brightness * 0x010101);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }
}
