package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import dev.sardonyx.export.proto.MapProto;
import dev.sardonyx.export.proto.OptionalProto;
import dev.sardonyx.export.proto.SequenceProto;
import dev.sardonyx.export.proto.SparseTensorProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementCodec;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.ValueType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads the protobuf messages of values that models take and give at run time. */
record DataReader(String file, TensorReader tensors) {
  private static final SequenceType ANY_SEQUENCE = new SequenceType(ValueType.unknown());
  private static final OptionalType ANY_OPTIONAL = new OptionalType(ValueType.unknown());
  private static final MapType ANY_MAP = new MapType(ElementType.UNDEFINED, ValueType.unknown());

  Tensor tensor(TensorProto message) throws OnnxFormatException {
    return tensors.read(message, "the tensor");
  }

  SparseTensor sparse(SparseTensorProto message) throws OnnxFormatException {
    return tensors.read(message, "the value");
  }

  SequenceDatum sequence(SequenceProto message, SequenceType type) throws OnnxFormatException {
    List<Datum> items = new ArrayList<>();
    ValueType element = type.element();
    switch (kind(message.getElemType())) {
      case UNDEFINED -> {}
      case TENSOR -> {
        for (TensorProto item : message.getTensorValuesList()) {
          items.add(tensor(item));
        }
      }
      case SPARSE_TENSOR -> {
        for (SparseTensorProto item : message.getSparseTensorValuesList()) {
          items.add(sparse(item));
        }
      }
      case SEQUENCE -> {
        for (SequenceProto item : message.getSequenceValuesList()) {
          items.add(sequence(item, element instanceof SequenceType s ? s : ANY_SEQUENCE));
        }
      }
      case MAP -> {
        for (MapProto item : message.getMapValuesList()) {
          items.add(map(item, element instanceof MapType m ? m : ANY_MAP));
        }
      }
      case OPTIONAL -> {
        for (OptionalProto item : message.getOptionalValuesList()) {
          items.add(optional(item, element instanceof OptionalType o ? o : ANY_OPTIONAL));
        }
      }
    }
    return new SequenceDatum(known(element, items), items);
  }

  OptionalDatum optional(OptionalProto message, OptionalType type) throws OnnxFormatException {
    ValueType element = type.element();
    List<Datum> items = new ArrayList<>();
    switch (kind(message.getElemType())) {
      case UNDEFINED -> {}
      case TENSOR -> {
        if (message.hasTensorValue()) {
          items.add(tensor(message.getTensorValue()));
        }
      }
      case SPARSE_TENSOR -> {
        if (message.hasSparseTensorValue()) {
          items.add(sparse(message.getSparseTensorValue()));
        }
      }
      case SEQUENCE -> {
        if (message.hasSequenceValue()) {
          items.add(
              sequence(
                  message.getSequenceValue(),
                  element instanceof SequenceType s ? s : ANY_SEQUENCE));
        }
      }
      case MAP -> {
        if (message.hasMapValue()) {
          items.add(map(message.getMapValue(), element instanceof MapType m ? m : ANY_MAP));
        }
      }
      case OPTIONAL -> {
        if (message.hasOptionalValue()) {
          items.add(
              optional(
                  message.getOptionalValue(),
                  element instanceof OptionalType o ? o : ANY_OPTIONAL));
        }
      }
    }
    return new OptionalDatum(known(element, items), items.isEmpty() ? null : items.get(0));
  }

  MapDatum map(MapProto message, MapType type) throws OnnxFormatException {
    ElementType key = keyType(message);
    Tensor keys = key == ElementType.STRING ? stringKeys(message) : integerKeys(message, key);
    SequenceDatum values = sequence(message.getValues(), new SequenceType(type.value()));
    if (keys.size() != values.items().size()) {
      throw new OnnxFormatException(
          file,
          "has a map with " + keys.size() + " keys, but " + values.items().size() + " values");
    }
    return new MapDatum(keys, values);
  }

  private ElementType keyType(MapProto message) throws OnnxFormatException {
    int code = message.getKeyType();
    ElementType key =
        code > 0 && code < ElementType.values().length
            ? ElementType.of(code)
            : ElementType.UNDEFINED;
    if (key != ElementType.STRING && !key.isInteger()) {
      throw new OnnxFormatException(
          file, "has a map whose keys are of type " + code + ", not integers or strings");
    }
    return key;
  }

  private static Tensor stringKeys(MapProto message) {
    List<String> keys = new ArrayList<>(message.getStringKeysCount());
    for (ByteString key : message.getStringKeysList()) {
      keys.add(Utf8.decode(key));
    }
    return Tensor.ofStrings(keys, keys.size());
  }

  private static Tensor integerKeys(MapProto message, ElementType key) {
    ByteBuffer bytes = Tensor.allocate(key, message.getKeysCount());
    ElementCodec codec = ElementCodec.of(key);
    for (int i = 0; i < message.getKeysCount(); i++) {
      codec.putLong(bytes, i, message.getKeys(i));
    }
    return Tensor.of(key, new long[] {message.getKeysCount()}, bytes);
  }

  /** The declared type, or the first item's type if the declared one is unknown. */
  private static ValueType known(ValueType declared, List<Datum> items) {
    return declared.isKnown() || items.isEmpty() ? declared : items.get(0).type();
  }

  /** The kind of the items. {@code OptionalProto.DataType} has the same numbers. */
  private SequenceProto.DataType kind(int number) throws OnnxFormatException {
    SequenceProto.DataType kind = SequenceProto.DataType.forNumber(number);
    if (kind == null) {
      throw new OnnxFormatException(file, "holds values of kind " + number + ", which ONNX lacks");
    }
    return kind;
  }
}
