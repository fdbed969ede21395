package dev.sardonyx.runtime.spark;

import dev.sardonyx.runtime.image.ImageBytes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.Row;

/** The two ways in which Spark holds images: the bytes of a file, and its image data source's. */
final class SparkImages {
  /** As decoded, and as the preprocessing reads it. */
  private static final long BYTES_PER_PIXEL = 8;

  private SparkImages() {}

  /**
   * @param value the bytes of an image file, or a row of Spark's image data source
   * @throws IllegalArgumentException if it is no image
   */
  static BufferedImage of(Object value, String column) {
    return value instanceof Row row ? ofStruct(row, column) : ofFile((byte[]) value, column);
  }

  /** A few bytes can announce an image that would take all memory, which ends the process. */
  private static BufferedImage ofFile(byte[] bytes, String column) {
    long mostPixels = Runtime.getRuntime().maxMemory() / 2 / BYTES_PER_PIXEL;
    try {
      return ImageBytes.decode("Column '" + column + "'", bytes, mostPixels);
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Rows from the top, of pixels in the order blue, green, red and alpha, or grey ones. */
  private static BufferedImage ofStruct(Row row, String column) {
    for (String field : List.of("height", "width", "nChannels", "data")) {
      if (row.isNullAt(row.fieldIndex(field))) {
        throw new IllegalArgumentException(
            "Column '%s' has an image whose %s is null".formatted(column, field));
      }
    }
    int height = row.getInt(row.fieldIndex("height"));
    int width = row.getInt(row.fieldIndex("width"));
    int channels = row.getInt(row.fieldIndex("nChannels"));
    byte[] data = row.getAs("data");
    if (height < 1
        || width < 1
        || (channels != 1 && channels != 3 && channels != 4)
        || data.length != (long) height * width * channels) {
      throw new IllegalArgumentException(
          "Column '%s' has an image of %d x %d with %d channels in %,d bytes"
              .formatted(column, height, width, channels, data.length));
    }
    BufferedImage image =
        new BufferedImage(
            width,
            height,
            channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    if (channels == 1) {
      image.getRaster().setDataElements(0, 0, width, height, data);
      return image;
    }
    int[] line = new int[width];
    int place = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int blue = data[place] & 0xff;
        int green = data[place + 1] & 0xff;
        int red = data[place + 2] & 0xff;
        line[x] = red << 16 | green << 8 | blue;
        place += channels;
      }
      image.setRGB(0, y, width, 1, line, 0, width);
    }
    return image;
  }
}
