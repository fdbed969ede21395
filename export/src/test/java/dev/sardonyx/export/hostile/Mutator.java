package dev.sardonyx.export.hostile;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Changes a message somewhere: numbers become extreme, strings become others of the model (which
 * makes cycles, duplicates and wrong types), parts are left out, doubled, swapped, and taken from
 * another model.
 */
final class Mutator {
  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    3,
    7,
    8,
    16,
    64,
    127,
    255,
    1000,
    65_536,
    1 << 20,
    1 << 30,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 31,
    1L << 32,
    1L << 40,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -2,
    -3
  };

  private static final int POOL = 2_000;

  private final Random random;
  private final List<String> strings = new ArrayList<>();
  private final Map<Descriptor, List<Message>> parts = new HashMap<>();

  /**
   * @param donors models whose strings and parts may be used
   */
  Mutator(Random random, Message... donors) {
    this.random = random;
    for (Message donor : donors) {
      collect(donor);
    }
    strings.addAll(List.of("", "x", "\u001b[2J\n", "Loop", "If", "Identity", "ai.onnx"));
  }

  private void collect(Message message) {
    parts.computeIfAbsent(message.getDescriptorForType(), d -> new ArrayList<>()).add(message);
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      List<?> values = field.getValue() instanceof List<?> list ? list : List.of(field.getValue());
      for (Object value : values) {
        if (value instanceof Message inner) {
          collect(inner);
        } else if (value instanceof String text && strings.size() < POOL) {
          strings.add(text);
        }
      }
    }
  }

  /** The message with a few changes. */
  Message mutate(Message message) {
    Message changed = message;
    for (int i = 0; i <= random.nextInt(4); i++) {
      changed = once(changed);
    }
    return changed;
  }

  private Message once(Message message) {
    List<FieldDescriptor> set = new ArrayList<>(message.getAllFields().keySet());
    if (set.isEmpty() || random.nextInt(12) == 0) {
      return withAnyField(message);
    }
    FieldDescriptor field = set.get(random.nextInt(set.size()));
    Message.Builder builder = message.toBuilder();
    if (!field.isRepeated()) {
      if (random.nextInt(10) == 0) {
        return builder.clearField(field).build();
      }
      return builder.setField(field, value(field, message.getField(field))).build();
    }
    List<Object> values = new ArrayList<>((List<?>) message.getField(field));
    int at = random.nextInt(values.size());
    switch (random.nextInt(10)) {
      case 0 -> values.remove(at);
      case 1 -> values.add(random.nextInt(values.size() + 1), values.get(at));
      case 2 -> java.util.Collections.swap(values, at, random.nextInt(values.size()));
      case 3 -> values.add(value(field, values.get(at)));
      default -> values.set(at, value(field, values.get(at)));
    }
    return builder.setField(field, values).build();
  }

  /** Sets a field that may not have been set before. */
  private Message withAnyField(Message message) {
    List<FieldDescriptor> fields = message.getDescriptorForType().getFields();
    FieldDescriptor field = fields.get(random.nextInt(fields.size()));
    Message.Builder builder = message.toBuilder();
    Object before =
        switch (field.getJavaType()) {
          case MESSAGE -> part(builder.newBuilderForField(field).getDefaultInstanceForType());
          case ENUM -> field.getEnumType().getValues().get(0);
          case STRING -> "";
          case BYTE_STRING -> ByteString.EMPTY;
          case BOOLEAN -> false;
          case INT -> 0;
          case LONG -> 0L;
          case FLOAT -> 0f;
          case DOUBLE -> 0d;
        };
    Object value = value(field, before);
    return field.isRepeated()
        ? builder.addRepeatedField(field, value).build()
        : builder.setField(field, value).build();
  }

  private Message part(Message otherwise) {
    List<Message> all = parts.getOrDefault(otherwise.getDescriptorForType(), List.of());
    return all.isEmpty() ? otherwise : all.get(random.nextInt(all.size()));
  }

  private Object value(FieldDescriptor field, Object before) {
    return switch (field.getJavaType()) {
      case MESSAGE -> random.nextInt(8) == 0 ? part((Message) before) : once((Message) before);
      case ENUM -> {
        List<EnumValueDescriptor> values = field.getEnumType().getValues();
        yield values.get(random.nextInt(values.size()));
      }
      case STRING -> strings.get(random.nextInt(strings.size()));
      case BYTE_STRING -> bytes((ByteString) before);
      case BOOLEAN -> random.nextBoolean();
      case INT -> (int) number(((Number) before).longValue());
      case LONG -> number(((Number) before).longValue());
      case FLOAT -> (float) real();
      case DOUBLE -> real();
    };
  }

  private long number(long before) {
    return switch (random.nextInt(4)) {
      case 0 -> before + 1;
      case 1 -> before - 1;
      case 2 -> random.nextInt(30);
      default -> NUMBERS[random.nextInt(NUMBERS.length)];
    };
  }

  private double real() {
    double[] reals = {0, -0.0, 1, -1, 0.5, 1e-40, 1e30, Double.NaN, Double.POSITIVE_INFINITY};
    return reals[random.nextInt(reals.length)];
  }

  /** Bytes are strings of attributes, or numbers of tensors. */
  private ByteString bytes(ByteString before) {
    if (before.isEmpty() || random.nextInt(6) == 0) {
      return ByteString.copyFrom(
          strings.get(random.nextInt(strings.size())), StandardCharsets.UTF_8);
    }
    byte[] bytes = before.toByteArray();
    int width = 1 << random.nextInt(4);
    if (bytes.length >= width) {
      int at = random.nextInt(bytes.length / width) * width;
      long number = number(bytes[at]);
      for (int i = 0; i < width; i++) {
        bytes[at + i] = (byte) (number >> 8 * i);
      }
    }
    return ByteString.copyFrom(bytes);
  }

  /** The bytes with a few of them changed, or cut short. */
  byte[] mutate(byte[] file) {
    byte[] changed =
        random.nextInt(4) == 0
            ? Arrays.copyOf(file, random.nextInt(file.length + 1))
            : file.clone();
    for (int i = 0; i <= random.nextInt(8) && changed.length > 0; i++) {
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
    }
    return changed;
  }
}
