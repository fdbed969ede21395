package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import dev.sardonyx.export.proto.TensorShapeProto;
import dev.sardonyx.export.proto.TensorShapeProto.Dimension;
import dev.sardonyx.export.proto.TypeProto;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.OpaqueType;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.UnknownType;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.List;

/** Converts value types and shapes to and from their messages. */
final class TypeMessages {
  /**
   * Longer dimension texts are taken as names, not as expressions, which limits the work of the
   * expression parser.
   */
  private static final int LONGEST_EXPRESSION = 200;

  private static final int ELEMENT_TYPES = ElementType.values().length;

  private TypeMessages() {}

  static ValueType read(TypeProto type) {
    return switch (type.getValueCase()) {
      case TENSOR_TYPE -> {
        TypeProto.Tensor tensor = type.getTensorType();
        yield new TensorType(
            elementType(tensor.getElemType()), shape(tensor.hasShape(), tensor.getShape()));
      }
      case SPARSE_TENSOR_TYPE -> {
        TypeProto.SparseTensor tensor = type.getSparseTensorType();
        yield new SparseTensorType(
            elementType(tensor.getElemType()), shape(tensor.hasShape(), tensor.getShape()));
      }
      case SEQUENCE_TYPE -> new SequenceType(read(type.getSequenceType().getElemType()));
      case OPTIONAL_TYPE -> new OptionalType(read(type.getOptionalType().getElemType()));
      case MAP_TYPE ->
          new MapType(
              elementType(type.getMapType().getKeyType()), read(type.getMapType().getValueType()));
      case OPAQUE_TYPE ->
          new OpaqueType(
              Utf8.decode(type.getOpaqueType().getDomainBytes()),
              Utf8.decode(type.getOpaqueType().getNameBytes()));
      case VALUE_NOT_SET -> ValueType.unknown();
    };
  }

  /** A number of a newer ONNX version reads as undefined; the writer still has the original. */
  private static ElementType elementType(int code) {
    return code < 0 || code >= ELEMENT_TYPES ? ElementType.UNDEFINED : ElementType.of(code);
  }

  private static Shape shape(boolean present, TensorShapeProto shape) {
    if (!present) {
      return Shape.UNKNOWN;
    }
    List<Dim> dims = new ArrayList<>(shape.getDimCount());
    for (Dimension dim : shape.getDimList()) {
      dims.add(dim(dim));
    }
    return Shape.of(dims);
  }

  private static Dim dim(Dimension dim) {
    return switch (dim.getValueCase()) {
      case DIM_VALUE -> Dim.declared(dim.getDimValue());
      case DIM_PARAM -> symbolic(Utf8.decode(dim.getDimParamBytes()));
      case VALUE_NOT_SET -> Dim.UNKNOWN;
    };
  }

  /** An expression if it prints as exactly the same text, otherwise a symbol of that name. */
  private static Dim symbolic(String text) {
    if (text.isEmpty()) {
      return Dim.UNKNOWN;
    }
    if (text.length() <= LONGEST_EXPRESSION
        && Dim.parse(text) instanceof Dim.Expression expression
        && expression.toString().equals(text)) {
      return expression;
    }
    return Dim.symbol(text);
  }

  /** Whether reading the type and writing it again gives exactly the same message. */
  static boolean isPlain(TypeProto message) {
    ValueType type = read(message);
    return type.isKnown()
        && FileFaults.hasElementType(type)
        && write(type, TypeProto.getDefaultInstance()).equals(message);
  }

  /**
   * The message of a type: the original one if it holds the same type, otherwise a new one that
   * keeps the original's denotations where they still apply.
   */
  static TypeProto write(ValueType type, TypeProto original) {
    if (read(original).equals(type)) {
      return original;
    }
    TypeProto.Builder message = TypeProto.newBuilder();
    if (type instanceof TensorType tensor) {
      message.getTensorTypeBuilder().setElemType(tensor.elementType().code());
      if (tensor.shape().isRanked()) {
        message
            .getTensorTypeBuilder()
            .setShape(shape(tensor.shape(), original.getTensorType().getShape()));
      }
    } else if (type instanceof SparseTensorType tensor) {
      message.getSparseTensorTypeBuilder().setElemType(tensor.elementType().code());
      if (tensor.shape().isRanked()) {
        message
            .getSparseTensorTypeBuilder()
            .setShape(shape(tensor.shape(), original.getSparseTensorType().getShape()));
      }
    } else if (type instanceof SequenceType sequence) {
      TypeProto.Sequence.Builder builder = message.getSequenceTypeBuilder();
      if (sequence.element().isKnown()) {
        builder.setElemType(write(sequence.element(), original.getSequenceType().getElemType()));
      }
    } else if (type instanceof OptionalType optional) {
      TypeProto.Optional.Builder builder = message.getOptionalTypeBuilder();
      if (optional.element().isKnown()) {
        builder.setElemType(write(optional.element(), original.getOptionalType().getElemType()));
      }
    } else if (type instanceof MapType map) {
      TypeProto.Map.Builder builder = message.getMapTypeBuilder().setKeyType(map.key().code());
      if (map.value().isKnown()) {
        builder.setValueType(write(map.value(), original.getMapType().getValueType()));
      }
    } else if (type instanceof OpaqueType opaque) {
      TypeProto.Opaque.Builder builder = message.getOpaqueTypeBuilder();
      if (!opaque.domain().isEmpty()) {
        builder.setDomainBytes(Utf8.encode(opaque.domain()));
      }
      if (!opaque.name().isEmpty()) {
        builder.setNameBytes(Utf8.encode(opaque.name()));
      }
    } else {
      assert type instanceof UnknownType;
    }
    if (original.hasDenotation() && original.getValueCase() == message.getValueCase()) {
      message.setDenotationBytes(original.getDenotationBytes());
    }
    return message.build();
  }

  private static TensorShapeProto shape(Shape shape, TensorShapeProto original) {
    TensorShapeProto.Builder message = TensorShapeProto.newBuilder();
    boolean sameRank = shape.rank() == original.getDimCount();
    for (int i = 0; i < shape.rank(); i++) {
      Dimension before = sameRank ? original.getDim(i) : Dimension.getDefaultInstance();
      message.addDim(dim(shape.dim(i), before));
    }
    return message.build();
  }

  private static Dimension dim(Dim dim, Dimension original) {
    if (dim(original).equals(dim)) {
      return original;
    }
    Dimension.Builder message = Dimension.newBuilder();
    if (dim instanceof Dim.Fixed fixed) {
      message.setDimValue(fixed.size());
    } else if (dim instanceof Dim.Unknown unknown) {
      if (unknown.written() != 0) {
        message.setDimValue(unknown.written());
      }
    } else {
      ByteString text = Utf8.encode(dim.toString());
      message.setDimParamBytes(text);
    }
    if (original.hasDenotation()) {
      message.setDenotationBytes(original.getDenotationBytes());
    }
    return message.build();
  }
}
