package dev.sardonyx.ir;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an attribute holds: one of ONNX's attribute types. */
public sealed interface AttributeValue {
  AttributeType type();

  /**
   * The tensor that a Constant node with such an attribute gives: a number or text as a scalar, a
   * list of them with rank 1, a tensor itself. Empty for all else.
   */
  default Optional<dev.sardonyx.ir.Tensor> toTensor() {
    return Optional.empty();
  }

  record Int(long value) implements AttributeValue {
    @Override
    public AttributeType type() {
      return AttributeType.INT;
    }

    @Override
    public Optional<dev.sardonyx.ir.Tensor> toTensor() {
      return Optional.of(dev.sardonyx.ir.Tensor.scalar(value));
    }
  }

  /** A 32-bit float; equality is that of the bits, NaN and signed zero included. */
  record Float(float value) implements AttributeValue {
    @Override
    public AttributeType type() {
      return AttributeType.FLOAT;
    }

    @Override
    public Optional<dev.sardonyx.ir.Tensor> toTensor() {
      return Optional.of(dev.sardonyx.ir.Tensor.scalar(value));
    }
  }

  record String(java.lang.String value) implements AttributeValue {
    @Override
    public AttributeType type() {
      return AttributeType.STRING;
    }

    @Override
    public Optional<dev.sardonyx.ir.Tensor> toTensor() {
      return Optional.of(dev.sardonyx.ir.Tensor.ofStrings(List.of(value)));
    }
  }

  record Tensor(dev.sardonyx.ir.Tensor value) implements AttributeValue {
    @Override
    public AttributeType type() {
      return AttributeType.TENSOR;
    }

    @Override
    public Optional<dev.sardonyx.ir.Tensor> toTensor() {
      return Optional.of(value);
    }
  }

  record SparseTensor(dev.sardonyx.ir.SparseTensor value) implements AttributeValue {
    @Override
    public AttributeType type() {
      return AttributeType.SPARSE_TENSOR;
    }
  }

  /** A subgraph, which sees the values of the graphs around it. */
  record Graph(dev.sardonyx.ir.Graph value) implements AttributeValue {
    @Override
    public AttributeType type() {
      return AttributeType.GRAPH;
    }
  }

  record Type(ValueType value) implements AttributeValue {
    @Override
    public AttributeType type() {
      return AttributeType.TYPE_PROTO;
    }
  }

  /** Whole numbers; arrays go in and come out as copies. */
  record Ints(long[] values) implements AttributeValue {
    public Ints {
      values = values.clone();
    }

    @Override
    public long[] values() {
      return values.clone();
    }

    @Override
    public AttributeType type() {
      return AttributeType.INTS;
    }

    @Override
    public Optional<dev.sardonyx.ir.Tensor> toTensor() {
      return Optional.of(dev.sardonyx.ir.Tensor.ofLongs(values, values.length));
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Ints other && Arrays.equals(values, other.values);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(values);
    }

    @Override
    public java.lang.String toString() {
      return Arrays.toString(values);
    }
  }

  /** 32-bit floats; arrays go in and come out as copies. */
  record Floats(float[] values) implements AttributeValue {
    public Floats {
      values = values.clone();
    }

    @Override
    public float[] values() {
      return values.clone();
    }

    @Override
    public AttributeType type() {
      return AttributeType.FLOATS;
    }

    @Override
    public Optional<dev.sardonyx.ir.Tensor> toTensor() {
      return Optional.of(dev.sardonyx.ir.Tensor.ofFloats(values, values.length));
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Floats other && Arrays.equals(values, other.values);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(values);
    }

    @Override
    public java.lang.String toString() {
      return Arrays.toString(values);
    }
  }

  record Strings(List<java.lang.String> values) implements AttributeValue {
    public Strings {
      values = List.copyOf(values);
    }

    @Override
    public AttributeType type() {
      return AttributeType.STRINGS;
    }

    @Override
    public Optional<dev.sardonyx.ir.Tensor> toTensor() {
      return Optional.of(dev.sardonyx.ir.Tensor.ofStrings(values, values.size()));
    }
  }

  record Tensors(List<dev.sardonyx.ir.Tensor> values) implements AttributeValue {
    public Tensors {
      values = List.copyOf(values);
    }

    @Override
    public AttributeType type() {
      return AttributeType.TENSORS;
    }
  }

  record SparseTensors(List<dev.sardonyx.ir.SparseTensor> values) implements AttributeValue {
    public SparseTensors {
      values = List.copyOf(values);
    }

    @Override
    public AttributeType type() {
      return AttributeType.SPARSE_TENSORS;
    }
  }

  record Graphs(List<dev.sardonyx.ir.Graph> values) implements AttributeValue {
    public Graphs {
      values = List.copyOf(values);
    }

    @Override
    public AttributeType type() {
      return AttributeType.GRAPHS;
    }
  }

  record Types(List<ValueType> values) implements AttributeValue {
    public Types {
      values = List.copyOf(values);
    }

    @Override
    public AttributeType type() {
      return AttributeType.TYPE_PROTOS;
    }
  }

  /**
   * Inside a function: the value of one of the function's own attributes.
   *
   * @param attribute the function's attribute
   * @param type the type it is declared to have
   */
  record Reference(java.lang.String attribute, AttributeType type) implements AttributeValue {}
}
