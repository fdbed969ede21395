package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.sardonyx.export.proto.AttributeProto;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.NodeProto;
import dev.sardonyx.export.proto.SparseTensorProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.proto.ValueInfoProto;
import dev.sardonyx.ir.ElementType;
import java.util.Random;

/**
 * Model messages that protobuf allows and nobody would write: any field may be there or not, be
 * empty, hold what it should not, or be unknown. Only tensors have as much data as their type
 * needs.
 */
public final class RandomMessages {
  private static final String[] TEXTS = {
    "", "x", "y", "z", "N", "N+5", "batch size", "3", "?", "日本\uD83D\uDE00", "a\"b\n"
  };
  private static final ByteString NOT_UTF8 =
      ByteString.copyFrom(
          new byte[] {'a', (byte) 0xFF, (byte) 0xC3, 'b', (byte) 0xED, (byte) 0xA0, (byte) 0x80});

  private final Random random;

  public RandomMessages(long seed) {
    random = new Random(seed);
  }

  public ModelProto model() {
    ModelProto.Builder model = ModelProto.newBuilder();
    fill(model, 9);
    if (!model.hasGraph()) {
      fill(model.getGraphBuilder(), 8);
    }
    return model.build();
  }

  private void fill(Message.Builder message, int depth) {
    if (message instanceof TensorProto.Builder tensor) {
      fillTensor(tensor);
      return;
    }
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      boolean nested = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      if (random.nextInt(10) < (nested ? 4 : 6) || nested && depth <= 0) {
        continue;
      }
      if (!field.isRepeated()) {
        message.setField(field, value(message, field, depth));
      } else {
        for (int i = random.nextInt(4); i > 0; i--) {
          message.addRepeatedField(field, value(message, field, depth));
        }
      }
    }
    if (message instanceof SparseTensorProto.Builder sparse) {
      fillTensor(sparse.getValuesBuilder());
      fillTensor(sparse.getIndicesBuilder());
      for (int i = 0; i < sparse.getDimsCount(); i++) {
        sparse.setDims(i, Math.abs(sparse.getDims(i)));
      }
    }
    if (random.nextInt(8) == 0) {
      spoilText(message);
    }
    addUnknown(message);
  }

  private static void spoilText(Message.Builder message) {
    if (message instanceof NodeProto.Builder node) {
      node.setNameBytes(NOT_UTF8).addInputBytes(NOT_UTF8).addOutputBytes(NOT_UTF8);
    } else if (message instanceof ValueInfoProto.Builder value) {
      value.setNameBytes(NOT_UTF8).setDocStringBytes(NOT_UTF8);
    } else if (message instanceof AttributeProto.Builder attribute) {
      attribute.setNameBytes(NOT_UTF8).setS(NOT_UTF8).addStrings(NOT_UTF8);
    }
  }

  private Object value(Message.Builder message, FieldDescriptor field, int depth) {
    return switch (field.getJavaType()) {
      case INT -> random.nextInt(40) - 3;
      case LONG -> random.nextInt(8) == 0 ? random.nextLong() : random.nextInt(40) - 3L;
      case FLOAT -> Float.intBitsToFloat(random.nextInt());
      case DOUBLE -> Double.longBitsToDouble(random.nextLong());
      case BOOLEAN -> random.nextBoolean();
      case STRING -> TEXTS[random.nextInt(TEXTS.length)];
      case BYTE_STRING -> ByteString.copyFromUtf8(TEXTS[random.nextInt(TEXTS.length)]);
      case ENUM -> {
        EnumDescriptor type = field.getEnumType();
        yield type.getValues().get(random.nextInt(type.getValues().size()));
      }
      case MESSAGE -> {
        Message.Builder nested = message.newBuilderForField(field);
        fill(nested, depth - 1);
        yield nested.build();
      }
    };
  }

  private void fillTensor(TensorProto.Builder tensor) {
    ElementType type = ElementType.of(1 + random.nextInt(ElementType.values().length - 1));
    int size = 1;
    tensor.clear().setDataType(type.code());
    for (int i = random.nextInt(3); i > 0; i--) {
      int dim = random.nextInt(4);
      size *= dim;
      tensor.addDims(dim);
    }
    if (type == ElementType.STRING) {
      for (int i = 0; i < size; i++) {
        tensor.addStringData(ByteString.copyFromUtf8(TEXTS[random.nextInt(TEXTS.length)]));
      }
    } else if (random.nextBoolean()) {
      byte[] bytes = new byte[(int) type.byteSize(size)];
      random.nextBytes(bytes);
      if (type.bits() == 6 && size * 6 % 8 != 0) {
        // Unused bits are zero; the other packed types' tell nobody, and come back all the same.
        bytes[bytes.length - 1] &= (byte) ((1 << size * 6 % 8) - 1);
      }
      tensor.setRawData(ByteString.copyFrom(bytes));
    } else {
      fillTyped(tensor, type, size);
    }
    if (random.nextInt(3) == 0) {
      tensor.setName(TEXTS[random.nextInt(TEXTS.length)]);
    }
    if (random.nextInt(5) == 0) {
      tensor.setDocString(TEXTS[random.nextInt(TEXTS.length)]);
      tensor.setDataLocation(TensorProto.DataLocation.DEFAULT);
      tensor.addMetadataPropsBuilder().setKey("k");
      tensor.addExternalDataBuilder().setKey("location").setValue("nowhere");
      tensor.getSegmentBuilder().setBegin(0);
    }
    addUnknown(tensor);
  }

  private void fillTyped(TensorProto.Builder tensor, ElementType type, int size) {
    int numbers = (int) TypedStorage.numbers(type, size);
    // Half of the narrow integers have bits that their type has no place for.
    int mask = random.nextBoolean() ? -1 : 0x3F;
    for (int i = 0; i < numbers; i++) {
      switch (type) {
        case FLOAT, COMPLEX64 -> tensor.addFloatData(Float.intBitsToFloat(random.nextInt()));
        case DOUBLE, COMPLEX128 -> tensor.addDoubleData(Double.longBitsToDouble(random.nextLong()));
        case INT64 -> tensor.addInt64Data(random.nextLong());
        case UINT32, UINT64 -> tensor.addUint64Data(random.nextLong() & mask);
        default -> tensor.addInt32Data(random.nextInt() & mask);
      }
    }
  }

  private void addUnknown(Message.Builder message) {
    if (random.nextInt(6) == 0) {
      message.setUnknownFields(
          UnknownFieldSet.newBuilder()
              .addField(
                  1000, UnknownFieldSet.Field.newBuilder().addVarint(random.nextInt(9)).build())
              .build());
    }
  }
}
