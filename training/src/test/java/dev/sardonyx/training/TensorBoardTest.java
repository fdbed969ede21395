package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files, parsed by what the format says of them. */
class TensorBoardTest {
  /** A scalar of an event file. */
  private record Scalar(String tag, long step, float value) {}

  @Test
  void aTrainingIsWrittenBatchByBatchAndEpochByEpoch(@TempDir Path folder) throws IOException {
    TensorBoard board = TensorBoard.in(folder.resolve("run"));
    TrainingResult result =
        Training.of(Bars.network(0))
            .epochs(2)
            .batchSize(16)
            .validationShare(0.25)
            .progress(board)
            .run(Bars.images(64, 1));
    List<Scalar> scalars = read(board.file());
    assertEquals(6, scalars.stream().filter(s -> s.tag.equals("batch/loss")).count());
    for (EpochResult epoch : result.history()) {
      assertTrue(
          scalars.contains(new Scalar("epoch/loss", epoch.epoch(), (float) epoch.loss())),
          scalars::toString);
      assertTrue(
          scalars.contains(
              new Scalar(
                  "validation/loss", epoch.epoch(), (float) epoch.validationLoss().orElseThrow())));
      assertTrue(
          scalars.contains(
              new Scalar(
                  "validation/accuracy",
                  epoch.epoch(),
                  (float) epoch.validationAccuracy().orElseThrow())));
    }
  }

  @Test
  void numbersOfEverySizeComeBack(@TempDir Path folder) throws IOException {
    TensorBoard board = TensorBoard.in(folder);
    List<Scalar> written =
        List.of(
            new Scalar("größe", 0, 1.5f),
            new Scalar("a/b", 127, -0f),
            new Scalar("a/b", 128, Float.MIN_VALUE),
            new Scalar("a/b", 1L << 40, Float.POSITIVE_INFINITY));
    written.forEach(s -> board.scalar(s.tag, s.step, s.value));
    assertEquals(written, read(board.file()));
  }

  /** All scalars behind the version, each record's checksums compared. */
  private static List<Scalar> read(Path file) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Scalar> scalars = new ArrayList<>();
    boolean isFirst = true;
    while (all.hasRemaining()) {
      int start = all.position();
      int length = (int) all.getLong();
      assertEquals(crc(all.slice(start, 8)), unmasked(all.getInt()));
      ByteBuffer event = all.slice(all.position(), length).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(crc(event.duplicate()), unmasked(all.getInt(all.position() + length)));
      all.position(all.position() + length + 4);
      List<Object> fields = fields(event);
      assertTrue((double) fields.get(0) > 1e9, "seconds since 1970");
      if (isFirst) {
        assertEquals("brain.Event:2", text((ByteBuffer) fields.get(2)));
        isFirst = false;
      } else {
        List<Object> summary = fields((ByteBuffer) fields.get(2));
        List<Object> value = fields((ByteBuffer) summary.get(0));
        scalars.add(
            new Scalar(
                text((ByteBuffer) value.get(0)), (long) fields.get(1), (float) value.get(1)));
      }
    }
    return scalars;
  }

  private static List<Object> fields(ByteBuffer message) {
    List<Object> fields = new ArrayList<>();
    while (message.hasRemaining()) {
      int type = (int) varint(message) & 7;
      switch (type) {
        case 0 -> fields.add(varint(message));
        case 1 -> fields.add(message.getDouble());
        case 2 -> {
          int length = (int) varint(message);
          fields.add(message.slice(message.position(), length).order(ByteOrder.LITTLE_ENDIAN));
          message.position(message.position() + length);
        }
        case 5 -> fields.add(message.getFloat());
        default -> throw new IllegalStateException("a field of type " + type);
      }
    }
    return fields;
  }

  private static long varint(ByteBuffer from) {
    long number = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = from.get();
      number |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return number;
      }
    }
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }

  private static int unmasked(int checksum) {
    return Integer.rotateLeft(checksum - 0xa282ead8, 15);
  }

  /** CRC-32C, bit by bit. */
  private static int crc(ByteBuffer bytes) {
    int crc = ~0;
    while (bytes.hasRemaining()) {
      crc ^= bytes.get() & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc >>> 1 ^ ((crc & 1) == 1 ? 0x82f63b78 : 0);
      }
    }
    return ~crc;
  }
}
