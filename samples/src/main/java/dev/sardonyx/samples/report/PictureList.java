package dev.sardonyx.samples.report;

import java.util.Arrays;
import java.util.List;

/**
 * Pictures beside each other.
 *
 * @param id where links lead to, of small letters, digits and hyphens; empty if there are none
 * @param caption what they are
 */
public record PictureList(String id, String caption, List<Picture> pictures) implements ReportPart {
  public PictureList {
    pictures = List.copyOf(pictures);
    if (!id.matches("[a-z0-9-]*")) {
      throw new IllegalArgumentException("not an id: " + id);
    }
  }

  /**
   * A picture.
   *
   * @param mediaType such as {@code image/png}
   * @param bytes its file
   * @param alt what is to be seen, for those who do not see it
   * @param caption what stands beneath, empty for nothing
   * @param isSmall whether its pixels are to be seen
   */
  public record Picture(
      String mediaType, byte[] bytes, String alt, String caption, boolean isSmall) {
    public Picture {
      bytes = bytes.clone();
    }

    @Override
    public byte[] bytes() {
      return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Picture that
          && mediaType.equals(that.mediaType)
          && Arrays.equals(bytes, that.bytes)
          && alt.equals(that.alt)
          && caption.equals(that.caption)
          && isSmall == that.isSmall;
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }
}
