package dev.sardonyx.training;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * Writes how a training goes as an event file of TensorBoard's, with the scalars {@code batch/loss}
 * by step, {@code epoch/loss}, {@code epoch/images_per_second}, {@code validation/loss} and {@code
 * validation/accuracy} by epoch:
 *
 * <pre>{@code
 * Training.of(model).progress(TensorBoard.in(folder)).run(images);
 * }</pre>
 *
 * <p>A file is a sequence of records (TFRecord): length, its checksum, an Event message of protocol
 * buffers, its checksum. Every record is on the disk when it is written, so that a run can be
 * watched.
 */
public final class TensorBoard implements TrainingProgress {
  private static final String VERSION = "brain.Event:2";

  private final Path file;
  private long steps;

  private TensorBoard(Path file) {
    this.file = file;
  }

  /**
   * A new event file in a folder, which is made if it is not there.
   *
   * @param folder of one run; TensorBoard shows each folder as a run
   */
  public static TensorBoard in(Path folder) throws IOException {
    Files.createDirectories(folder);
    double now = System.currentTimeMillis() / 1e3;
    Path file =
        Files.createTempFile(
            folder, "events.out.tfevents.%010d.".formatted((long) now), ".sardonyx");
    TensorBoard board = new TensorBoard(file);
    board.write(event(now, 0, message -> message.text(3, VERSION)));
    return board;
  }

  /** The event file. */
  public Path file() {
    return file;
  }

  @Override
  public void batchDone(Step step) {
    scalar("batch/loss", ++steps, step.loss());
  }

  @Override
  public void epochDone(EpochResult result) {
    int epoch = result.epoch();
    scalar("epoch/loss", epoch, result.loss());
    scalar("epoch/images_per_second", epoch, result.imagesPerSecond());
    result.validationLoss().ifPresent(loss -> scalar("validation/loss", epoch, loss));
    result
        .validationAccuracy()
        .ifPresent(accuracy -> scalar("validation/accuracy", epoch, accuracy));
  }

  /**
   * Writes a scalar of one's own.
   *
   * @param tag its name; a slash puts it into a group
   */
  public void scalar(String tag, long step, double value) {
    Message number = new Message().text(1, tag).number(2, (float) value);
    Message summary = new Message().message(1, number);
    try {
      write(event(System.currentTimeMillis() / 1e3, step, event -> event.message(5, summary)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] event(
      double time, long step, java.util.function.UnaryOperator<Message> content) {
    return content.apply(new Message().number(1, time).whole(2, step)).bytes();
  }

  private void write(byte[] event) throws IOException {
    ByteBuffer record =
        ByteBuffer.allocate(event.length + 16).order(ByteOrder.LITTLE_ENDIAN).putLong(event.length);
    record.putInt(checksum(record.array(), 8)).put(event).putInt(checksum(event, event.length));
    Files.write(file, record.array(), StandardOpenOption.APPEND);
  }

  /**
   * TFRecord's masked CRC-32C: rotated and offset, since the CRC of data that contain CRCs is weak.
   */
  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  /** The few kinds of fields that an Event has, in protocol buffers' encoding. */
  private static final class Message {
    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int LENGTH = 2;
    private static final int FOUR_BYTES = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Message text(int field, String text) {
      return bytes(field, text.getBytes(StandardCharsets.UTF_8));
    }

    private Message message(int field, Message message) {
      return bytes(field, message.bytes());
    }

    private Message bytes(int field, byte[] bytes) {
      varint((long) field << 3 | LENGTH);
      varint(bytes.length);
      out.writeBytes(bytes);
      return this;
    }

    private Message whole(int field, long number) {
      varint((long) field << 3 | VARINT);
      varint(number);
      return this;
    }

    private Message number(int field, double number) {
      varint((long) field << 3 | EIGHT_BYTES);
      out.writeBytes(littleEndian(8).putDouble(number).array());
      return this;
    }

    private Message number(int field, float number) {
      varint((long) field << 3 | FOUR_BYTES);
      out.writeBytes(littleEndian(4).putFloat(number).array());
      return this;
    }

    private static ByteBuffer littleEndian(int size) {
      return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void varint(long number) {
      long rest = number;
      while ((rest & ~0x7fL) != 0) {
        out.write((int) (rest & 0x7f | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }

    private byte[] bytes() {
      return out.toByteArray();
    }
  }
}
