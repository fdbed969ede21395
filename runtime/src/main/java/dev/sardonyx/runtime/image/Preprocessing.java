package dev.sardonyx.runtime.image;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What is done to an image before a network sees it: resized, cropped in the middle, its channels
 * put in order, its pixels scaled and normalised, in this order. Alpha is dropped.
 *
 * <pre>{@code
 * Tensor x = Preprocessing.torchvision().apply(ImageIO.read(file)); // float[1,3,224,224]
 * }</pre>
 *
 * @param resize to what size
 * @param resampling how pixels are found in between
 * @param cropHeight rows that are kept in the middle, 0 for all
 * @param cropWidth columns that are kept in the middle, 0 for all
 * @param channels which channels, in which order
 * @param scale what pixels from 0 to 255 are multiplied by
 * @param mean what is then subtracted, one number a channel or one for all
 * @param std what the result is divided by, one number a channel or one for all
 * @param layout the order of the tensor's dimensions
 */
public record Preprocessing(
    Resize resize,
    Resampling resampling,
    int cropHeight,
    int cropWidth,
    Channels channels,
    double scale,
    List<Double> mean,
    List<Double> std,
    Layout layout) {
  /** The order of the tensor's dimensions. */
  public enum Layout {
    /** {@code [N,channels,height,width]}. */
    NCHW,
    /** {@code [N,height,width,channels]}. */
    NHWC
  }

  /** Which channels, in which order. */
  public enum Channels {
    RGB(3),
    BGR(3),
    /** Luminance, by ITU-R 601-2. */
    GRAY(1);

    private final int count;

    Channels(int count) {
      this.count = count;
    }
  }

  /** To what size an image is resized. */
  public sealed interface Resize {
    /** As it is. */
    record None() implements Resize {}

    /** To this size, whatever the proportions. */
    record Exactly(int height, int width) implements Resize {
      /**
       * @throws IllegalArgumentException if a size is not positive
       */
      public Exactly {
        requirePixels(height, width);
      }
    }

    /** The shorter side gets this many pixels; the proportions are kept. */
    record ShorterSide(int pixels) implements Resize {
      /**
       * @throws IllegalArgumentException if the size is not positive
       */
      public ShorterSide {
        requirePixels(pixels, pixels);
      }
    }

    private static void requirePixels(int height, int width) {
      if (height < 1 || width < 1) {
        throw new IllegalArgumentException(
            "An image cannot be resized to " + height + " x " + width + "; both are at least 1");
      }
    }
  }

  /**
   * @throws IllegalArgumentException if a size is negative, there are not as many means or standard
   *     deviations as channels, or one is 0
   */
  public Preprocessing {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (cropHeight < 0 || cropWidth < 0) {
      throw new IllegalArgumentException(
          "An image cannot be cropped to "
              + cropHeight
              + " x "
              + cropWidth
              + "; both are at least 0, which keeps all");
    }
    for (List<Double> numbers : List.of(mean, std)) {
      if (numbers.size() != 1 && numbers.size() != channels.count) {
        throw new IllegalArgumentException(
            channels + " has " + channels.count + " channels, but there are " + numbers);
      }
    }
    if (std.contains(0.0)) {
      throw new IllegalArgumentException("A standard deviation is not 0: " + std);
    }
  }

  /**
   * As torchvision's classifiers expect: the shorter side 256, the middle 224 x 224, normalised by
   * ImageNet's means and deviations, RGB, NCHW.
   */
  public static Preprocessing torchvision() {
    return new Preprocessing(
        new Resize.ShorterSide(256),
        Resampling.BILINEAR,
        224,
        224,
        Channels.RGB,
        1 / 255.0,
        List.of(0.485, 0.456, 0.406),
        List.of(0.229, 0.224, 0.225),
        Layout.NCHW);
  }

  /** As Keras's ResNet and VGG expect: 224 x 224, BGR without ImageNet's means, NHWC. */
  public static Preprocessing kerasCaffe() {
    return keras(Channels.BGR, 1, List.of(103.939, 116.779, 123.68), List.of(1.0));
  }

  /** As Keras's MobileNet, ResNetV2 and Inception expect: from -1 to 1, RGB, NHWC. */
  public static Preprocessing kerasTf() {
    return keras(Channels.RGB, 1 / 127.5, List.of(1.0), List.of(1.0));
  }

  /** As Keras's DenseNet expects: ImageNet's means and deviations, RGB, NHWC. */
  public static Preprocessing kerasTorch() {
    return keras(
        Channels.RGB, 1 / 255.0, List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));
  }

  private static Preprocessing keras(
      Channels channels, double scale, List<Double> mean, List<Double> std) {
    return new Preprocessing(
        new Resize.Exactly(224, 224),
        Resampling.NEAREST,
        0,
        0,
        channels,
        scale,
        mean,
        std,
        Layout.NHWC);
  }

  /** Pixels from 0 to 1, all of them, NCHW. */
  public static Preprocessing plain(Channels channels) {
    return new Preprocessing(
        new Resize.None(),
        Resampling.BILINEAR,
        0,
        0,
        channels,
        1 / 255.0,
        List.of(0.0),
        List.of(1.0),
        Layout.NCHW);
  }

  public Preprocessing withResize(Resize changed) {
    return new Preprocessing(
        changed, resampling, cropHeight, cropWidth, channels, scale, mean, std, layout);
  }

  public Preprocessing withResampling(Resampling changed) {
    return new Preprocessing(
        resize, changed, cropHeight, cropWidth, channels, scale, mean, std, layout);
  }

  /** Keeps the middle; 0 for all rows or columns. */
  public Preprocessing withCrop(int height, int width) {
    return new Preprocessing(resize, resampling, height, width, channels, scale, mean, std, layout);
  }

  public Preprocessing withLayout(Layout changed) {
    return new Preprocessing(
        resize, resampling, cropHeight, cropWidth, channels, scale, mean, std, changed);
  }

  /** Normalises by other numbers, one a channel or one for all. */
  public Preprocessing withNormalization(List<Double> newMean, List<Double> newStd) {
    return new Preprocessing(
        resize, resampling, cropHeight, cropWidth, channels, scale, newMean, newStd, layout);
  }

  /** The tensor of one image, a batch of one. */
  public Tensor apply(BufferedImage image) {
    return apply(List.of(image));
  }

  /**
   * The tensor of several images.
   *
   * @throws IllegalArgumentException if there is none, they come to different sizes, or one is
   *     smaller than the crop
   */
  public Tensor apply(List<BufferedImage> images) {
    List<Pixels> prepared = images.stream().map(this::prepared).toList();
    if (prepared.isEmpty()) {
      throw new IllegalArgumentException("There is no image");
    }
    Pixels first = prepared.get(0);
    for (Pixels other : prepared) {
      if (other.height() != first.height() || other.width() != first.width()) {
        throw new IllegalArgumentException(
            "Images of %d x %d and %d x %d cannot be one batch; have them resized or cropped"
                .formatted(first.height(), first.width(), other.height(), other.width()));
      }
    }
    long[] dims =
        layout == Layout.NCHW
            ? new long[] {prepared.size(), channels.count, first.height(), first.width()}
            : new long[] {prepared.size(), first.height(), first.width(), channels.count};
    ByteBuffer bytes =
        Tensor.allocate(ElementType.FLOAT, Arrays.stream(dims).reduce(1, Math::multiplyExact));
    FloatBuffer floats = bytes.asFloatBuffer();
    prepared.forEach(pixels -> write(pixels, floats));
    return Tensor.of(ElementType.FLOAT, dims, bytes);
  }

  private Pixels prepared(BufferedImage image) {
    Pixels pixels = Pixels.of(Objects.requireNonNull(image, "no image"));
    Pixels sized = resized(pixels);
    int height = cropHeight == 0 ? sized.height() : cropHeight;
    int width = cropWidth == 0 ? sized.width() : cropWidth;
    Pixels cropped = sized.center(height, width);
    return switch (channels) {
      case RGB -> cropped;
      case BGR -> cropped.reversed();
      case GRAY -> cropped.gray();
    };
  }

  private Pixels resized(Pixels pixels) {
    if (resize instanceof Resize.Exactly size) {
      return resampling.resize(pixels, size.height(), size.width());
    }
    if (resize instanceof Resize.ShorterSide shorter) {
      long side = shorter.pixels();
      return pixels.height() <= pixels.width()
          ? resampling.resize(pixels, (int) side, (int) (side * pixels.width() / pixels.height()))
          : resampling.resize(pixels, (int) (side * pixels.height() / pixels.width()), (int) side);
    }
    return pixels;
  }

  private void write(Pixels pixels, FloatBuffer floats) {
    int area = pixels.height() * pixels.width();
    int count = channels.count;
    float[] values = new float[area * count];
    for (int c = 0; c < count; c++) {
      double subtract = mean.get(mean.size() == 1 ? 0 : c);
      double divide = std.get(std.size() == 1 ? 0 : c);
      int start = layout == Layout.NCHW ? c * area : c;
      int step = layout == Layout.NCHW ? 1 : count;
      for (int i = 0; i < area; i++) {
        values[start + i * step] = (float) ((pixels.at(i, c) * scale - subtract) / divide);
      }
    }
    floats.put(values);
  }
}
