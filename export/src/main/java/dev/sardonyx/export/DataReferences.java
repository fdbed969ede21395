package dev.sardonyx.export;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.sardonyx.export.proto.AttributeProto;
import dev.sardonyx.export.proto.FunctionProto;
import dev.sardonyx.export.proto.GraphProto;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.NodeProto;
import dev.sardonyx.export.proto.SparseTensorProto;
import dev.sardonyx.export.proto.StringStringEntryProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.proto.TrainingInfoProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the data files that an ONNX file refers to. It goes through the messages on the disk and
 * steps over tensors' bytes, so that it takes neither time nor memory for them.
 */
final class DataReferences {
  private static final int DEEPEST = 200;

  /** The messages that lead to references. */
  private enum Kind {
    MODEL,
    TRAINING_INFO,
    FUNCTION,
    GRAPH,
    NODE,
    ATTRIBUTE,
    SPARSE_TENSOR,
    TENSOR,
    ENTRY
  }

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
        references.message(Kind.MODEL, 0);
      } catch (InvalidProtocolBufferException damaged) {
        return references.locations;
      }
      return references.locations;
    }
  }

  private void message(Kind kind, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new IOException("a model is nested too deeply");
    }
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      boolean hasLength = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      Kind inner = hasLength ? inner(kind, WireFormat.getTagFieldNumber(tag)) : null;
      if (inner == null) {
        if (!in.skipField(tag)) {
          return;
        }
      } else if (inner == Kind.ENTRY) {
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

  private static @Nullable Kind inner(Kind kind, int field) {
    return switch (kind) {
      case MODEL ->
          switch (field) {
            case ModelProto.GRAPH_FIELD_NUMBER -> Kind.GRAPH;
            case ModelProto.TRAINING_INFO_FIELD_NUMBER -> Kind.TRAINING_INFO;
            case ModelProto.FUNCTIONS_FIELD_NUMBER -> Kind.FUNCTION;
            default -> null;
          };
      case TRAINING_INFO ->
          switch (field) {
            case TrainingInfoProto.INITIALIZATION_FIELD_NUMBER,
                TrainingInfoProto.ALGORITHM_FIELD_NUMBER ->
                Kind.GRAPH;
            default -> null;
          };
      case FUNCTION ->
          switch (field) {
            case FunctionProto.NODE_FIELD_NUMBER -> Kind.NODE;
            case FunctionProto.ATTRIBUTE_PROTO_FIELD_NUMBER -> Kind.ATTRIBUTE;
            default -> null;
          };
      case GRAPH ->
          switch (field) {
            case GraphProto.NODE_FIELD_NUMBER -> Kind.NODE;
            case GraphProto.INITIALIZER_FIELD_NUMBER -> Kind.TENSOR;
            case GraphProto.SPARSE_INITIALIZER_FIELD_NUMBER -> Kind.SPARSE_TENSOR;
            default -> null;
          };
      case NODE -> field == NodeProto.ATTRIBUTE_FIELD_NUMBER ? Kind.ATTRIBUTE : null;
      case ATTRIBUTE ->
          switch (field) {
            case AttributeProto.T_FIELD_NUMBER, AttributeProto.TENSORS_FIELD_NUMBER -> Kind.TENSOR;
            case AttributeProto.G_FIELD_NUMBER, AttributeProto.GRAPHS_FIELD_NUMBER -> Kind.GRAPH;
            case AttributeProto.SPARSE_TENSOR_FIELD_NUMBER,
                AttributeProto.SPARSE_TENSORS_FIELD_NUMBER ->
                Kind.SPARSE_TENSOR;
            default -> null;
          };
      case SPARSE_TENSOR ->
          switch (field) {
            case SparseTensorProto.VALUES_FIELD_NUMBER, SparseTensorProto.INDICES_FIELD_NUMBER ->
                Kind.TENSOR;
            default -> null;
          };
      case TENSOR -> field == TensorProto.EXTERNAL_DATA_FIELD_NUMBER ? Kind.ENTRY : null;
      case ENTRY -> null;
    };
  }
}
