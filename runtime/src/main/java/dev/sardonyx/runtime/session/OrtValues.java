package dev.sardonyx.runtime.session;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Converts ONNX Runtime's values to Sardonyx's, copied out of native memory. */
final class OrtValues {
  private OrtValues() {}

  /** A tensor over a direct little-endian buffer, which is not copied. */
  static OnnxTensor wrap(ByteBuffer direct, OnnxJavaType type, long[] dims) throws OrtException {
    return OnnxTensor.createTensor(Environments.shared(), direct, dims, type);
  }

  static OnnxTensor ofStrings(List<String> strings, long[] dims) throws OrtException {
    return OnnxTensor.createTensor(Environments.shared(), strings.toArray(new String[0]), dims);
  }

  /**
   * Copies a value.
   *
   * @param declared its type in the model, since an empty sequence does not know its own
   */
  static Datum read(OnnxValue value, ValueType declared) throws OrtException {
    if (value instanceof OnnxTensor tensor) {
      return readTensor(tensor);
    }
    if (value instanceof OnnxSequence sequence) {
      return readSequence(sequence, declared);
    }
    if (value instanceof OnnxMap map) {
      return readMap(map.getValue());
    }
    throw new IllegalStateException(
        "ONNX Runtime gave a value of a kind that cannot be read: " + value.getInfo());
  }

  private static Tensor readTensor(OnnxTensor tensor) throws OrtException {
    TensorInfo info = tensor.getInfo();
    long[] dims = info.getShape();
    if (info.onnxType == OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING) {
      List<String> strings = new ArrayList<>();
      if (info.getNumElements() > 0) {
        flatten(tensor.getValue(), strings);
      }
      return Tensor.ofStrings(strings, dims);
    }
    ElementType type = elementType(info.onnxType);
    requireReadable(type, dims);
    ByteBuffer bytes = tensor.getByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    return Tensor.of(type, dims, bytes);
  }

  /**
   * @throws ModelRunException if a tensor has more bytes than a Java buffer holds
   */
  static void requireReadable(ElementType type, long[] dims) {
    long bytes = type.byteSize(Arrays.stream(dims).reduce(1, Math::multiplyExact));
    if (bytes > Integer.MAX_VALUE) {
      throw new ModelRunException(
          "ONNX Runtime gave a value "
              + TensorType.of(type, dims)
              + " of "
              + bytes
              + " bytes, but a Java buffer holds "
              + Integer.MAX_VALUE
              + "; have the model give it in parts");
    }
  }

  private static void flatten(Object nested, List<String> strings) {
    if (nested instanceof Object[] array) {
      for (Object item : array) {
        flatten(item, strings);
      }
    } else {
      strings.add((String) nested);
    }
  }

  static ElementType elementType(OnnxTensorType type) {
    String name = type.name().substring("ONNX_TENSOR_ELEMENT_DATA_TYPE_".length());
    return ElementType.valueOf(name);
  }

  private static SequenceDatum readSequence(OnnxSequence sequence, ValueType declared)
      throws OrtException {
    ValueType element =
        declared instanceof SequenceType type ? type.element() : ValueType.unknown();
    List<Datum> items = new ArrayList<>();
    // An empty sequence has no item type, so getValue would fail.
    List<? extends OnnxValue> values =
        sequence.getInfo().length == 0 ? List.of() : sequence.getValue();
    try {
      for (OnnxValue value : values) {
        items.add(read(value, element));
      }
    } finally {
      OnnxValue.close(values);
    }
    return new SequenceDatum(
        items.isEmpty() || element.isKnown() ? element : items.get(0).type(), items);
  }

  private static MapDatum readMap(Map<?, ?> map) {
    List<Datum> values = new ArrayList<>();
    for (Object value : map.values()) {
      values.add(scalar(value));
    }
    Tensor keys = keys(map.keySet());
    ValueType element = values.isEmpty() ? ValueType.unknown() : values.get(0).type();
    return new MapDatum(keys, new SequenceDatum(element, values));
  }

  private static Tensor keys(Collection<?> keys) {
    if (keys.stream().allMatch(Long.class::isInstance)) {
      return Tensor.ofLongs(keys.stream().mapToLong(key -> (Long) key).toArray(), keys.size());
    }
    return Tensor.ofStrings(keys.stream().map(String::valueOf).toList(), keys.size());
  }

  private static Tensor scalar(Object value) {
    if (value instanceof Float number) {
      return Tensor.scalar(number);
    }
    if (value instanceof Double number) {
      return Tensor.ofDoubles(new double[] {number});
    }
    if (value instanceof Long number) {
      return Tensor.scalar(number);
    }
    return Tensor.ofStrings(List.of(String.valueOf(value)));
  }
}
