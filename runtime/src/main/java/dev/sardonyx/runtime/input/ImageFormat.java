package dev.sardonyx.runtime.input;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.runtime.image.ImageBytes;
import dev.sardonyx.runtime.image.Preprocessing;
import dev.sardonyx.runtime.image.Preprocessing.Channels;
import dev.sardonyx.runtime.image.Preprocessing.Layout;
import dev.sardonyx.runtime.image.Preprocessing.Resize;
import dev.sardonyx.runtime.image.Resampling;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** An image, in the size, layout and range that the input's type suggests. */
final class ImageFormat implements InputFormat {
  /** The largest photographs have fewer. */
  private static final long MOST_PIXELS = 1L << 28;

  @Override
  public List<String> endings() {
    return List.of(".png", ".jpg", ".jpeg", ".bmp", ".gif");
  }

  @Override
  public Datum read(Path file, String entry, Input input) throws IOException {
    TensorType type = Fitting.tensorType(file.toString(), input);
    Preprocessing preprocessing = preprocessing(file, input, type);
    Tensor pixels = preprocessing.apply(image(file));
    if (type.shape().isRanked() && type.shape().rank() == 3) {
      pixels = pixels.reshape(Arrays.copyOfRange(pixels.dims(), 1, 4));
    }
    return type.elementType().isInteger()
        ? Tensor.ofNumbers(type.elementType(), pixels.toDoubles(), pixels.dims())
        : Fitting.toTypeOf(input, pixels, file.toString());
  }

  private static BufferedImage image(Path file) throws IOException {
    return ImageBytes.decode(file.toString(), Files.readAllBytes(file), MOST_PIXELS);
  }

  private static Preprocessing preprocessing(Path file, Input input, TensorType type)
      throws IOException {
    Shape shape = type.shape();
    int rank = shape.isRanked() ? shape.rank() : 4;
    boolean last = rank >= 3 && !isChannels(shape, rank - 3) && isChannels(shape, rank - 1);
    if (rank < 3
        || rank > 4
        || !type.elementType().isFloat() && !type.elementType().isInteger()
        || !last && shape.isRanked() && !mayBeChannels(shape.dim(rank - 3))) {
      throw new IOException(
          "%s: holds an image, but input '%s' takes %s"
              .formatted(file, input.name(), input.type()));
    }
    int channelAxis = last ? rank - 1 : rank - 3;
    boolean gray = shape.isRanked() && shape.dim(channelAxis).equals(Dim.of(1));
    boolean whole = type.elementType().isInteger();
    return new Preprocessing(
        resize(shape, last ? rank - 3 : rank - 2),
        Resampling.BILINEAR,
        0,
        0,
        gray ? Channels.GRAY : Channels.RGB,
        whole ? 1 : 1 / 255.0,
        List.of(0.0),
        List.of(1.0),
        last ? Layout.NHWC : Layout.NCHW);
  }

  private static boolean isChannels(Shape shape, int axis) {
    return shape.isRanked()
        && shape.dim(axis).isFixed()
        && (shape.dim(axis).value() == 1 || shape.dim(axis).value() == 3);
  }

  private static boolean mayBeChannels(Dim dim) {
    return !dim.isFixed() || dim.value() == 1 || dim.value() == 3;
  }

  private static Resize resize(Shape shape, int height) {
    return shape.isRanked() && shape.dim(height).isFixed() && shape.dim(height + 1).isFixed()
        ? new Resize.Exactly((int) shape.dim(height).value(), (int) shape.dim(height + 1).value())
        : new Resize.None();
  }
}
