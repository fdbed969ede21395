package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.WireFormat;
import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Limits;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts the messages of a file before protobuf makes objects of them: an empty message takes two
 * bytes in the file, but hundreds in memory. Unknown fields count too, since they are kept.
 */
final class MessageCount {
  private static final int SHORTEST_MESSAGE = 2;

  /** A message type, which has a type for each of its fields that is a message. */
  private static final class Type {
    /** The types by field number; null for fields that are not messages. */
    private @Nullable Type[] messages = new Type[0];

    private boolean[] known = new boolean[0];

    static Type of(Descriptor descriptor, Map<Descriptor, Type> made) {
      Type before = made.get(descriptor);
      if (before != null) {
        return before;
      }
      Type type = new Type();
      made.put(descriptor, type);
      int largest =
          descriptor.getFields().stream().mapToInt(FieldDescriptor::getNumber).max().orElse(0);
      type.messages = new Type[largest + 1];
      type.known = new boolean[largest + 1];
      for (FieldDescriptor field : descriptor.getFields()) {
        type.known[field.getNumber()] = true;
        if (field.getJavaType() == JavaType.MESSAGE) {
          type.messages[field.getNumber()] = of(field.getMessageType(), made);
        }
      }
      return type;
    }

    @Nullable Type message(int field) {
      return field < messages.length ? messages[field] : null;
    }

    boolean knows(int field) {
      return field < known.length && known[field];
    }
  }

  /** A message that is being read, and the end of the message around it. */
  private record Open(Type type, int outerLimit) {}

  private MessageCount() {}

  /**
   * Refuses bytes that hold more messages than the limits allow. Bytes that are not valid protobuf
   * are left to protobuf's parser to report.
   */
  static void require(ByteString bytes, Descriptor descriptor, Limits limits, String file)
      throws OnnxFormatException {
    if (bytes.size() / SHORTEST_MESSAGE <= limits.objects()) {
      return;
    }
    try {
      count(bytes.newCodedInput(), Type.of(descriptor, new HashMap<>()), limits);
    } catch (LimitExceededException e) {
      throw new OnnxFormatException(file, "is refused. " + e.getMessage(), e);
    } catch (IOException e) {
      return;
    }
  }

  private static void count(CodedInputStream in, Type root, Limits limits) throws IOException {
    Deque<Open> open = new ArrayDeque<>();
    Type type = root;
    long objects = 0;
    while (true) {
      if (in.isAtEnd()) {
        if (open.isEmpty()) {
          return;
        }
        Open inner = open.pop();
        in.popLimit(inner.outerLimit);
        type = inner.type;
        continue;
      }
      int tag = in.readTag();
      int field = WireFormat.getTagFieldNumber(tag);
      Type message =
          WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED
              ? type.message(field)
              : null;
      if (message != null) {
        limits.requireObjects(++objects, "The file");
        open.push(new Open(type, in.pushLimit(in.readRawVarint32())));
        type = message;
      } else {
        if (!type.knows(field)) {
          limits.requireObjects(++objects, "The file");
        }
        in.skipField(tag);
      }
    }
  }
}
