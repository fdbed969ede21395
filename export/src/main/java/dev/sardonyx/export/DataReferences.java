package dev.sardonyx.export;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.sardonyx.export.proto.StringStringEntryProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds the data files that an ONNX file refers to. It goes through the messages on the disk and
 * steps over tensors' bytes, so that it takes neither time nor memory for them.
 */
final class DataReferences {
  private final CodedInputStream in;
  private final Set<String> locations = new HashSet<>();

  private DataReferences(CodedInputStream in) {
    this.in = in;
  }

  /**
   * The locations as the file has them; of a file that is damaged, or no model at all, those before
   * the damage.
   *
   * @throws IOException if it cannot be read
   */
  static Set<String> of(Path file) throws IOException {
    try (InputStream bytes = Files.newInputStream(file)) {
      DataReferences references = new DataReferences(CodedInputStream.newInstance(bytes));
      try {
        references.message(MessageKind.MODEL, 0);
      } catch (InvalidProtocolBufferException damaged) {
        return references.locations;
      }
      return references.locations;
    }
  }

  private void message(MessageKind kind, int depth) throws IOException {
    if (depth > MessageKind.DEEPEST) {
      throw new IOException("a model is nested too deeply");
    }
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      boolean hasLength = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      MessageKind inner = hasLength ? kind.inner(WireFormat.getTagFieldNumber(tag)) : null;
      if (inner == null) {
        if (!in.skipField(tag)) {
          return;
        }
      } else if (inner == MessageKind.ENTRY) {
        StringStringEntryProto entry = StringStringEntryProto.parseFrom(in.readByteArray());
        if (entry.getKey().equals("location")) {
          locations.add(entry.getValue());
        }
      } else {
        int limit = in.pushLimit(in.readRawVarint32());
        message(inner, depth + 1);
        in.popLimit(limit);
      }
    }
  }
}
