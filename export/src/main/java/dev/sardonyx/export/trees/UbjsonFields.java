package dev.sardonyx.export.trees;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads Universal Binary JSON (ubjson.org, draft 12): a letter for the type of each value, numbers
 * big-endian, and lists that may say their type and length once.
 */
final class UbjsonFields {
  private final ByteBuffer in;
  private final Set<String> unwanted;
  private int depth;

  private UbjsonFields(ByteBuffer in, Set<String> unwanted) {
    this.in = in;
    this.unwanted = unwanted;
  }

  /**
   * @param unwanted names of fields that are left out
   * @throws TreeFault if it is no UBJSON
   */
  static Fields read(byte[] bytes, Set<String> unwanted) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      UbjsonFields reader = new UbjsonFields(in, unwanted);
      if (reader.type() != '{') {
        throw new TreeFault("is no UBJSON: it does not start with an object");
      }
      Fields root = reader.object("");
      if (in.hasRemaining()) {
        throw new TreeFault("goes on after its UBJSON");
      }
      return root;
    } catch (BufferUnderflowException e) {
      throw new TreeFault("ends in the midst of its UBJSON; it is truncated", e);
    }
  }

  /** The next type; {@code N}, which means nothing, is passed over. */
  private char type() {
    char type;
    do {
      type = (char) (in.get() & 0xff);
    } while (type == 'N');
    return type;
  }

  private Fields object(String place) {
    enter();
    Fields fields = new Fields(place);
    Header header = header();
    for (long i = 0; header.hasNext(i, '}'); i++) {
      String name = string();
      Object value = value(header.type == 0 ? type() : header.type, name);
      fields.put(name, unwanted.contains(name) ? null : value);
    }
    depth--;
    return fields;
  }

  private void enter() {
    if (++depth > JsonFields.DEPTH) {
      throw new TreeFault("nests deeper than " + JsonFields.DEPTH + " levels");
    }
  }

  /**
   * What a list or object says before its values.
   *
   * @param type of all values, or 0 if each says its own
   * @param count how many there are, or -1 if a letter ends them
   */
  private record Header(char type, long count, UbjsonFields reader) {
    boolean hasNext(long i, char end) {
      if (count >= 0) {
        return i < count;
      }
      while (reader.peek() == 'N') {
        reader.in.get();
      }
      if (reader.peek() == end) {
        reader.in.get();
        return false;
      }
      return true;
    }
  }

  private Header header() {
    char type = 0;
    if (peek() == '$') {
      in.get();
      type = (char) (in.get() & 0xff);
      if (peek() != '#') {
        throw fault("a list tells its type but not its length");
      }
    }
    long count = -1;
    if (peek() == '#') {
      in.get();
      count = length(type());
      // A value that takes no bytes would make a few bytes a list of any length.
      if (type == 'Z' || type == 'N' || type == 'T' || type == 'F' || count > in.remaining()) {
        throw fault("a list of " + count + " values of type '" + type + "' cannot be here");
      }
    }
    return new Header(type, count, this);
  }

  private char peek() {
    if (!in.hasRemaining()) {
      throw new BufferUnderflowException();
    }
    return (char) (in.get(in.position()) & 0xff);
  }

  private TreeFault fault(String problem) {
    return new TreeFault("at byte " + in.position() + ": " + problem);
  }

  private long length(char type) {
    if (!isNumber(type) || type == 'd' || type == 'D') {
      throw fault("a length is of type '" + type + "'");
    }
    long length = (long) number(type);
    if (length < 0 || length > Integer.MAX_VALUE) {
      throw fault("a length is " + length);
    }
    return length;
  }

  private String string() {
    int length = (int) length(type());
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static boolean isNumber(char type) {
    return "iUIlLdD".indexOf(type) >= 0;
  }

  private double number(char type) {
    return switch (type) {
      case 'i' -> in.get();
      case 'U' -> in.get() & 0xff;
      case 'I' -> in.getShort();
      case 'l' -> in.getInt();
      case 'L' -> in.getLong();
      case 'd' -> in.getFloat();
      case 'D' -> in.getDouble();
      case 'T' -> 1;
      case 'F' -> 0;
      default -> throw fault("there is no type '" + type + "'");
    };
  }

  private @Nullable Object value(char type, String name) {
    return switch (type) {
      case '{' -> object(name);
      case '[' -> array(name);
      case 'S', 'H' -> string();
      case 'C' -> String.valueOf((char) in.get());
      case 'Z' -> null;
      default -> number(type);
    };
  }

  private Object array(String name) {
    enter();
    Header header = header();
    Object result = isNumber(header.type) ? typed(header) : list(header, name);
    depth--;
    return result;
  }

  private double[] typed(Header header) {
    double[] numbers = new double[(int) header.count];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(header.type);
    }
    return numbers;
  }

  /** A list whose values tell their types; numbers alone become a list of numbers. */
  private Object list(Header header, String name) {
    double[] numbers = new double[16];
    int count = 0;
    List<Object> all = new ArrayList<>();
    for (long i = 0; header.hasNext(i, ']'); i++) {
      char type = header.type == 0 ? type() : header.type;
      if (all.isEmpty() && (isNumber(type) || type == 'T' || type == 'F')) {
        numbers = count == numbers.length ? Arrays.copyOf(numbers, 2 * count) : numbers;
        numbers[count++] = number(type);
      } else {
        Object value = value(type, name + "[" + i + "]");
        if (count > 0) {
          throw fault(name + " mixes numbers with other values");
        }
        if (value == null) {
          throw fault(name + "[" + i + "] is null");
        }
        all.add(value);
      }
    }
    return all.isEmpty() ? Arrays.copyOf(numbers, count) : all;
  }
}
