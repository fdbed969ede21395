package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.sardonyx.export.proto.MapProto;
import dev.sardonyx.export.proto.OptionalProto;
import dev.sardonyx.export.proto.SequenceProto;
import dev.sardonyx.export.proto.SequenceProto.DataType;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;

/** Writes the protobuf messages of values that models take and give at run time. */
record DataWriter(TensorWriter tensors) {

  Message message(Datum datum, String name) {
    if (datum instanceof Tensor tensor) {
      return tensors.write(tensor.withName(name));
    }
    if (datum instanceof SparseTensor sparse) {
      return tensors.write(
          new SparseTensor(
              sparse.values().withName(name), sparse.indices(), sparse.dims(), sparse.metadata()));
    }
    if (datum instanceof SequenceDatum sequence) {
      return sequence(sequence, name);
    }
    if (datum instanceof OptionalDatum optional) {
      return optional(optional, name);
    }
    return map((MapDatum) datum, name);
  }

  private SequenceProto sequence(SequenceDatum sequence, String name) {
    SequenceProto.Builder message =
        SequenceProto.newBuilder()
            .setNameBytes(Utf8.encode(name))
            .setElemType(kind(sequence.elementType()).getNumber());
    for (Datum item : sequence.items()) {
      if (item instanceof Tensor tensor) {
        message.addTensorValues(tensors.write(tensor));
      } else if (item instanceof SparseTensor sparse) {
        message.addSparseTensorValues(tensors.write(sparse));
      } else if (item instanceof SequenceDatum nested) {
        message.addSequenceValues(sequence(nested, ""));
      } else if (item instanceof MapDatum map) {
        message.addMapValues(map(map, ""));
      } else if (item instanceof OptionalDatum optional) {
        message.addOptionalValues(optional(optional, ""));
      }
    }
    return message.build();
  }

  private OptionalProto optional(OptionalDatum optional, String name) {
    Datum value = optional.value();
    OptionalProto.Builder message =
        OptionalProto.newBuilder()
            .setNameBytes(Utf8.encode(name))
            .setElemType(kind(optional.elementType()).getNumber());
    if (value instanceof Tensor tensor) {
      message.setTensorValue(tensors.write(tensor));
    } else if (value instanceof SparseTensor sparse) {
      message.setSparseTensorValue(tensors.write(sparse));
    } else if (value instanceof SequenceDatum nested) {
      message.setSequenceValue(sequence(nested, ""));
    } else if (value instanceof MapDatum map) {
      message.setMapValue(map(map, ""));
    } else if (value instanceof OptionalDatum nested) {
      message.setOptionalValue(optional(nested, ""));
    }
    return message.build();
  }

  private MapProto map(MapDatum map, String name) {
    Tensor keys = map.keys();
    MapProto.Builder message =
        MapProto.newBuilder()
            .setNameBytes(Utf8.encode(name))
            .setKeyType(keys.elementType().code())
            .setValues(sequence(map.values(), ""));
    if (keys.elementType() == ElementType.STRING) {
      for (String key : keys.strings()) {
        ByteString bytes = Utf8.encode(key);
        message.addStringKeys(bytes);
      }
    } else {
      for (long key : keys.toLongs()) {
        message.addKeys(key);
      }
    }
    return message.build();
  }

  /** The kind of a value. {@code OptionalProto.DataType} has the same numbers. */
  private static DataType kind(ValueType type) {
    if (type instanceof TensorType) {
      return DataType.TENSOR;
    }
    if (type instanceof SparseTensorType) {
      return DataType.SPARSE_TENSOR;
    }
    if (type instanceof SequenceType) {
      return DataType.SEQUENCE;
    }
    if (type instanceof MapType) {
      return DataType.MAP;
    }
    return type instanceof OptionalType ? DataType.OPTIONAL : DataType.UNDEFINED;
  }
}
