package dev.sardonyx.export.text;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.List;

/** Parses tensors. */
record TensorParser(Scanner in, TypeParser types) {

  /** Parses what follows the {@code =} of a constant of this type. */
  TensorData constant(ValueType type) {
    if (type instanceof SparseTensorType sparse) {
      return sparse(sparse);
    }
    if (type instanceof TensorType dense) {
      return named(dense);
    }
    throw in.problem("an initializer is a tensor, not " + TypeText.print(type));
  }

  Tensor tensor() {
    int start = in.position();
    if (types.type() instanceof TensorType type) {
      return named(type);
    }
    in.back(start);
    throw in.expected("the type of a tensor");
  }

  /** A tensor after its type: perhaps a name, then the elements. */
  Tensor named(TensorType type) {
    String word = in.nextIsName() ? in.name("a name") : "";
    AnnotationParser.Said said = new AnnotationParser(in).ofTensor();
    in.accept("=");
    return elements(type).withName(said.nameOr(word)).withMetadata(said.metadata());
  }

  SparseTensor sparse() {
    int start = in.position();
    if (types.type() instanceof SparseTensorType type) {
      return sparse(type);
    }
    in.back(start);
    throw in.expected("the type of a sparse tensor");
  }

  private SparseTensor sparse(SparseTensorType type) {
    long[] dims = dims(type.shape());
    Metadata metadata = new AnnotationParser(in).metadata();
    in.expect("{");
    Tensor values = tensor();
    in.expect(",");
    Tensor indices = tensor();
    in.expect("}");
    if (values.elementType() != type.elementType()) {
      throw in.problem(
          "the values are of type " + values.elementType() + ", not " + type.elementType());
    }
    return new SparseTensor(values, indices, dims, metadata);
  }

  private long[] dims(Shape shape) {
    if (!shape.isStatic()) {
      throw in.problem("a tensor has fixed dimensions, not " + shape);
    }
    return shape.toLongs();
  }

  private Tensor elements(TensorType type) {
    long[] dims = dims(type.shape());
    if (type.elementType() == ElementType.UNDEFINED) {
      throw in.problem("a tensor has an element type");
    }
    if (in.peek() == '[') {
      throw in.problem("external data is not held by text; give the elements in braces");
    }
    in.expect("{");
    try {
      return type.elementType() == ElementType.STRING ? strings(type, dims) : numbers(type, dims);
    } catch (ArithmeticException overflow) {
      throw in.problem("a tensor " + TypeText.print(type) + " is too large");
    }
  }

  private Tensor strings(TensorType type, long[] dims) {
    List<String> strings = new ArrayList<>();
    while (!in.next("}")) {
      if (!strings.isEmpty()) {
        in.expect(",");
      }
      strings.add(in.string("a string"));
    }
    requireCount(type, size(dims), strings.size());
    in.expect("}");
    return Tensor.ofStrings(strings, dims);
  }

  private Tensor numbers(TensorType type, long[] dims) {
    ElementText.Collector numbers = new ElementText.Collector(type.elementType());
    while (!in.next("}")) {
      if (numbers.count() > 0) {
        in.expect(",");
      }
      in.peek();
      int start = in.position();
      try {
        numbers.add(in.token());
      } catch (NumberFormatException e) {
        in.back(start);
        throw in.expected("a number of type " + type.elementType());
      }
    }
    requireCount(type, ElementText.numbers(type.elementType(), size(dims)), numbers.count());
    in.expect("}");
    return numbers.tensor(dims, size(dims));
  }

  private static long size(long[] dims) {
    long size = 1;
    for (long dim : dims) {
      size = Math.multiplyExact(size, dim);
    }
    return size;
  }

  private void requireCount(TensorType type, long expected, int count) {
    if (expected != count) {
      throw in.problem(
          "a tensor " + TypeText.print(type) + " takes " + expected + " elements, not " + count);
    }
  }
}
