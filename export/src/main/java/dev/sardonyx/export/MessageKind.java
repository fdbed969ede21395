package dev.sardonyx.export;

import dev.sardonyx.export.proto.AttributeProto;
import dev.sardonyx.export.proto.FunctionProto;
import dev.sardonyx.export.proto.GraphProto;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.NodeProto;
import dev.sardonyx.export.proto.SparseTensorProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.proto.TrainingInfoProto;
import org.jspecify.annotations.Nullable;

/** The kinds of messages that a model's tensors are in, and those of a tensor's external data. */
enum MessageKind {
  MODEL,
  TRAINING_INFO,
  FUNCTION,
  GRAPH,
  NODE,
  ATTRIBUTE,
  SPARSE_TENSOR,
  TENSOR,
  ENTRY;

  /** How deep messages may be nested: deeper than protobuf's own limit. */
  static final int DEEPEST = 200;

  /** The kind of the message in a field of one of this kind; null if no tensor is in it. */
  @Nullable MessageKind inner(int field) {
    return switch (this) {
      case MODEL ->
          switch (field) {
            case ModelProto.GRAPH_FIELD_NUMBER -> GRAPH;
            case ModelProto.TRAINING_INFO_FIELD_NUMBER -> TRAINING_INFO;
            case ModelProto.FUNCTIONS_FIELD_NUMBER -> FUNCTION;
            default -> null;
          };
      case TRAINING_INFO ->
          switch (field) {
            case TrainingInfoProto.INITIALIZATION_FIELD_NUMBER,
                TrainingInfoProto.ALGORITHM_FIELD_NUMBER ->
                GRAPH;
            default -> null;
          };
      case FUNCTION ->
          switch (field) {
            case FunctionProto.NODE_FIELD_NUMBER -> NODE;
            case FunctionProto.ATTRIBUTE_PROTO_FIELD_NUMBER -> ATTRIBUTE;
            default -> null;
          };
      case GRAPH ->
          switch (field) {
            case GraphProto.NODE_FIELD_NUMBER -> NODE;
            case GraphProto.INITIALIZER_FIELD_NUMBER -> TENSOR;
            case GraphProto.SPARSE_INITIALIZER_FIELD_NUMBER -> SPARSE_TENSOR;
            default -> null;
          };
      case NODE -> field == NodeProto.ATTRIBUTE_FIELD_NUMBER ? ATTRIBUTE : null;
      case ATTRIBUTE ->
          switch (field) {
            case AttributeProto.T_FIELD_NUMBER, AttributeProto.TENSORS_FIELD_NUMBER -> TENSOR;
            case AttributeProto.G_FIELD_NUMBER, AttributeProto.GRAPHS_FIELD_NUMBER -> GRAPH;
            case AttributeProto.SPARSE_TENSOR_FIELD_NUMBER,
                AttributeProto.SPARSE_TENSORS_FIELD_NUMBER ->
                SPARSE_TENSOR;
            default -> null;
          };
      case SPARSE_TENSOR ->
          switch (field) {
            case SparseTensorProto.VALUES_FIELD_NUMBER, SparseTensorProto.INDICES_FIELD_NUMBER ->
                TENSOR;
            default -> null;
          };
      case TENSOR -> field == TensorProto.EXTERNAL_DATA_FIELD_NUMBER ? ENTRY : null;
      case ENTRY -> null;
    };
  }
}
