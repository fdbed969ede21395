package dev.sardonyx.export;

import dev.sardonyx.export.proto.AttributeProto;
import dev.sardonyx.export.proto.TypeProto;
import dev.sardonyx.ir.AttributeType;
import java.util.List;

/** Maps the types of attributes to the fields of {@code AttributeProto} that hold their values. */
final class AttributeMessages {
  private AttributeMessages() {}

  /** The type of the first field that has a value, for files that do not name the type. */
  static AttributeType filled(AttributeProto message) {
    for (AttributeType type : AttributeType.values()) {
      if (type != AttributeType.UNDEFINED && has(message, type)) {
        return type;
      }
    }
    return AttributeType.UNDEFINED;
  }

  private static boolean has(AttributeProto message, AttributeType type) {
    return switch (type) {
      case UNDEFINED -> false;
      case FLOAT -> message.hasF();
      case INT -> message.hasI();
      case STRING -> message.hasS();
      case TENSOR -> message.hasT();
      case GRAPH -> message.hasG();
      case SPARSE_TENSOR -> message.hasSparseTensor();
      case TYPE_PROTO -> message.hasTp();
      case FLOATS -> message.getFloatsCount() > 0;
      case INTS -> message.getIntsCount() > 0;
      case STRINGS -> message.getStringsCount() > 0;
      case TENSORS -> message.getTensorsCount() > 0;
      case GRAPHS -> message.getGraphsCount() > 0;
      case SPARSE_TENSORS -> message.getSparseTensorsCount() > 0;
      case TYPE_PROTOS -> message.getTypeProtosCount() > 0;
    };
  }

  /**
   * Whether the message leaves out a number or string, which then has its default value; the writer
   * would write it.
   */
  static boolean isOmitted(AttributeProto message, AttributeType type) {
    return switch (type) {
      case FLOAT, INT, STRING -> !has(message, type);
      default -> false;
    };
  }

  static void clear(AttributeProto.Builder message, AttributeType type) {
    switch (type) {
      case UNDEFINED -> {}
      case FLOAT -> message.clearF();
      case INT -> message.clearI();
      case STRING -> message.clearS();
      case TENSOR -> message.clearT();
      case GRAPH -> message.clearG();
      case SPARSE_TENSOR -> message.clearSparseTensor();
      case TYPE_PROTO -> clearType(message);
      case FLOATS -> message.clearFloats();
      case INTS -> message.clearInts();
      case STRINGS -> message.clearStrings();
      case TENSORS -> message.clearTensors();
      case GRAPHS -> message.clearGraphs();
      case SPARSE_TENSORS -> message.clearSparseTensors();
      case TYPE_PROTOS -> clearTypes(message);
    }
  }

  /** Removes the type, unless its message has something that the IR does not hold. */
  private static void clearType(AttributeProto.Builder message) {
    if (isWritten(message.getTp())) {
      message.clearTp();
    }
  }

  private static void clearTypes(AttributeProto.Builder message) {
    List<TypeProto> types = message.getTypeProtosList();
    if (types.stream().allMatch(AttributeMessages::isWritten)) {
      message.clearTypeProtos();
    }
  }

  private static boolean isWritten(TypeProto type) {
    return TypeMessages.isPlain(type) || type.getSerializedSize() == 0;
  }
}
