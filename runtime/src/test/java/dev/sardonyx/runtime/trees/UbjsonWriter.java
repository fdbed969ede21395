package dev.sardonyx.runtime.trees;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Writes maps, lists, texts and numbers as Universal Binary JSON, in any of the ways it allows. */
final class UbjsonWriter {
  private static final String NUMBERS = "iUIlLdD";

  private final Random random;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  UbjsonWriter(Random random) {
    this.random = random;
  }

  byte[] write(Map<String, Object> content) {
    value(content);
    return out.toByteArray();
  }

  private void value(Object value) {
    if (value instanceof Map<?, ?> map) {
      out.write('{');
      boolean counted = counted(map.size());
      map.forEach(
          (name, each) -> {
            text((String) name);
            value(each);
          });
      end(counted, '}');
    } else if (value instanceof List<?> list) {
      out.write('[');
      boolean counted = counted(list.size());
      list.forEach(this::value);
      end(counted, ']');
    } else if (value instanceof double[] numbers) {
      numbers(numbers);
    } else {
      out.write('S');
      text((String) value);
    }
  }

  private boolean counted(int size) {
    boolean counted = random.nextBoolean();
    if (counted) {
      out.write('#');
      number(size);
    }
    return counted;
  }

  private void end(boolean counted, char end) {
    if (!counted) {
      if (random.nextInt(4) == 0) {
        out.write('N'); // which means nothing
      }
      out.write(end);
    }
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    number(bytes.length);
    out.writeBytes(bytes);
  }

  private void numbers(double[] numbers) {
    out.write('[');
    char type = type(numbers);
    if (random.nextBoolean()) {
      out.write('$');
      out.write(type);
      out.write('#');
      number(numbers.length);
      for (double each : numbers) {
        payload(type, each);
      }
      return;
    }
    boolean counted = counted(numbers.length);
    for (double each : numbers) {
      char own = type(each);
      out.write(own);
      payload(own, each);
    }
    end(counted, ']');
  }

  /** A count, of a type of whole numbers. */
  private void number(int count) {
    char type;
    do {
      type = NUMBERS.charAt(random.nextInt(5));
    } while (!holds(type, count));
    out.write(type);
    payload(type, count);
  }

  /** A type that holds all. */
  private char type(double... numbers) {
    char type;
    do {
      type = NUMBERS.charAt(random.nextInt(NUMBERS.length()));
    } while (!holds(type, numbers));
    return type;
  }

  private static boolean holds(char type, double... numbers) {
    for (double each : numbers) {
      boolean holds =
          switch (type) {
            case 'i' -> (byte) each == each;
            case 'U' -> each >= 0 && each < 256 && each == Math.rint(each);
            case 'I' -> (short) each == each;
            case 'l' -> (int) each == each;
            case 'L' -> (long) each == each && Math.abs(each) < 1e15;
            case 'd' -> (float) each == each;
            default -> true;
          };
      if (!holds || Double.compare(each, -0.0) == 0 && type != 'd' && type != 'D') {
        return false;
      }
    }
    return true;
  }

  private void payload(char type, double value) {
    ByteBuffer bytes = ByteBuffer.allocate(8);
    switch (type) {
      case 'i', 'U' -> bytes.put((byte) (int) value);
      case 'I' -> bytes.putShort((short) value);
      case 'l' -> bytes.putInt((int) value);
      case 'L' -> bytes.putLong((long) value);
      case 'd' -> bytes.putFloat((float) value);
      default -> bytes.putDouble(value);
    }
    out.write(bytes.array(), 0, bytes.position());
  }
}
