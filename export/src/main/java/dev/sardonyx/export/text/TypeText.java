package dev.sardonyx.export.text;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.OpaqueType;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.StringJoiner;

/** Types in ONNX's text syntax, where {@code float} is a scalar and {@code float[]} of any rank. */
final class TypeText {
  private TypeText() {}

  static String print(ValueType type) {
    if (type instanceof TensorType tensor) {
      return print(tensor.elementType(), tensor.shape());
    }
    if (type instanceof SparseTensorType sparse) {
      return "sparse_tensor(" + print(sparse.elementType(), sparse.shape()) + ")";
    }
    if (type instanceof SequenceType sequence) {
      return "seq(" + print(sequence.element()) + ")";
    }
    if (type instanceof OptionalType optional) {
      return "optional(" + print(optional.element()) + ")";
    }
    if (type instanceof MapType map) {
      return "map(" + map.key() + ", " + print(map.value()) + ")";
    }
    return type instanceof OpaqueType opaque ? print(opaque) : "?";
  }

  private static String print(OpaqueType opaque) {
    if (opaque.domain().isEmpty()) {
      return "opaque(" + (opaque.name().isEmpty() ? "" : Words.dotted(opaque.name())) + ")";
    }
    return "opaque(" + Words.dotted(opaque.domain()) + ", " + Words.word(opaque.name()) + ")";
  }

  static String print(ElementType elementType, Shape shape) {
    if (!shape.isRanked()) {
      return elementType + "[]";
    }
    if (shape.rank() == 0) {
      return elementType.toString();
    }
    StringJoiner dims = new StringJoiner(",", elementType + "[", "]");
    for (Dim dim : shape.dims()) {
      dims.add(print(dim));
    }
    return dims.toString();
  }

  /** Symbols that are identifiers stand as they are, other symbols and expressions in quotes. */
  private static String print(Dim dim) {
    if (dim.isFixed() || !dim.isKnown()) {
      return dim.toString();
    }
    String text = dim.toString();
    return Words.isIdentifier(text) ? text : Words.quotedName(text);
  }
}
