package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Computes with {@link KnownValues}, so that shapes which the graph computes stay known. */
final class ValuePropagation {
  private ValuePropagation() {}

  /** Longer vectors of unknown elements are data. */
  private static final int MAX_UNKNOWNS = 64;

  /**
   * What is known of an input's elements; of a short vector or scalar at least how many they are.
   */
  static @Nullable KnownValues of(InferenceContext c, int i) {
    KnownValues known = c.inputKnown(i);
    if (known != null) {
      return known;
    }
    if (!(c.inputType(i) instanceof TensorType type) || !type.shape().isStatic()) {
      return null;
    }
    Shape shape = type.shape();
    Dim size = shape.size();
    if (shape.rank() > 1 || !size.isFixed() || size.value() > MAX_UNKNOWNS) {
      return null;
    }
    return new KnownValues(longs(shape), Collections.nCopies((int) size.value(), Dim.UNKNOWN));
  }

  /** Whether anything at all is known of the node's inputs' elements. */
  static boolean anyKnown(InferenceContext c) {
    for (int i = 0; i < c.inputs(); i++) {
      if (c.inputKnown(i) != null) {
        return true;
      }
    }
    return false;
  }

  /** The first output's elements are the first input's, in the first output's (fixed) shape. */
  static void keep(InferenceContext c) {
    KnownValues values = c.inputKnown(0);
    if (values != null && c.outputType(0) instanceof TensorType type && type.shape().isStatic()) {
      c.setOutputKnown(0, values.withShape(longs(type.shape())));
    }
  }

  /** The first output's elements are made from the first input's, one by one. */
  static void map(InferenceContext c, UnaryOperator<Dim> operation) {
    KnownValues values = c.inputKnown(0);
    if (values != null) {
      c.setOutputKnown(0, map(values, operation));
    }
  }

  static KnownValues map(KnownValues values, UnaryOperator<Dim> operation) {
    return new KnownValues(
        values.shape(), values.elements().stream().map(operation).toList(), values.denominator());
  }

  /** Whole numbers from fractions, by a division that rounds. */
  static KnownValues round(KnownValues values, BinaryOperator<Dim> division) {
    if (values.isWhole()) {
      return values;
    }
    Dim denominator = Dim.of(values.denominator());
    return new KnownValues(
        values.shape(),
        values.elements().stream().map(d -> division.apply(d, denominator)).toList());
  }

  /** The same values over a multiple of their denominator. */
  static KnownValues scale(KnownValues values, long denominator) {
    long factor = denominator / values.denominator();
    return new KnownValues(
        values.shape(), values.elements().stream().map(d -> d.times(factor)).toList(), denominator);
  }

  /** Element by element, broadcast; null if the shapes do not fit. */
  static @Nullable KnownValues combine(
      KnownValues a, KnownValues b, BinaryOperator<Dim> operation, long denominator) {
    Shape shape = Broadcasting.of(shape(a), shape(b));
    if (shape == null || !shape.isStatic() || shape.size().value() > KnownValues.MAX_ELEMENTS) {
      return null;
    }
    int size = (int) shape.size().value();
    int[] inA = positions(shape, a.shape());
    int[] inB = positions(shape, b.shape());
    List<Dim> elements = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      elements.add(operation.apply(a.get(inA[i]), b.get(inB[i])));
    }
    return new KnownValues(longs(shape), elements, denominator);
  }

  /** For each element of a broadcast shape, which element of a tensor of the other shape it is. */
  static int[] positions(Shape shape, List<Long> source) {
    int rank = shape.rank();
    int size = (int) shape.size().value();
    int[] positions = new int[size];
    int repeat = 1;
    int stride = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      int dim = (int) shape.dim(axis).value();
      int inSource = axis - (rank - source.size());
      int length = inSource < 0 ? 1 : source.get(inSource).intValue();
      if (length != 1) {
        for (int i = 0; i < size; i++) {
          positions[i] += i / repeat % dim * stride;
        }
        stride *= length;
      }
      repeat *= dim;
    }
    return positions;
  }

  static Shape shape(KnownValues values) {
    return Shape.of(values.shape().stream().<Dim>map(Dim::of).toList());
  }

  static List<Long> longs(Shape shape) {
    return shape.dims().stream().map(Dim::value).toList();
  }
}
