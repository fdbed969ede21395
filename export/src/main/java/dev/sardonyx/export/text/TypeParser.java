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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parses types. */
record TypeParser(Scanner in) {
  /** Longer texts are names of symbols, not expressions, as in files. */
  private static final int LONGEST_EXPRESSION = 200;

  boolean nextIsType() {
    return Words.isType(in.peekWord()) || in.peek() == '?';
  }

  ValueType type() {
    if (in.accept("?")) {
      return ValueType.unknown();
    }
    int start = in.position();
    String word = in.word("a type");
    Optional<ElementType> elementType = ElementType.named(word);
    if (elementType.isPresent()) {
      return new TensorType(elementType.get(), shape());
    }
    if (!Words.isType(word)) {
      in.back(start);
      throw in.expected("a type");
    }
    in.enter();
    in.expect("(");
    ValueType type =
        switch (word) {
          case "seq" -> new SequenceType(type());
          case "optional" -> new OptionalType(type());
          case "sparse_tensor" -> new SparseTensorType(elementType(), shape());
          case "map" -> map();
          default -> opaque();
        };
    in.expect(")");
    in.leave();
    return type;
  }

  private ElementType elementType() {
    int start = in.position();
    Optional<ElementType> type = ElementType.named(in.word("an element type"));
    if (type.isEmpty()) {
      in.back(start);
      throw in.expected("an element type");
    }
    return type.get();
  }

  private MapType map() {
    ElementType key = elementType();
    in.expect(",");
    return new MapType(key, type());
  }

  /** {@code opaque()}, {@code opaque(name)} or {@code opaque(domain, name)}. */
  private OpaqueType opaque() {
    if (in.peek() == ')') {
      return new OpaqueType("", "");
    }
    String first = dotted();
    return in.accept(",")
        ? new OpaqueType(first, in.name("a type's name"))
        : new OpaqueType("", first);
  }

  private String dotted() {
    StringBuilder name = new StringBuilder(in.name("a type's name"));
    while (in.accept(".")) {
      name.append('.').append(in.name("a name"));
    }
    return name.toString();
  }

  private Shape shape() {
    if (!in.accept("[")) {
      return Shape.SCALAR;
    }
    if (in.accept("]")) {
      return Shape.UNKNOWN;
    }
    List<Dim> dims = new ArrayList<>();
    do {
      dims.add(dim());
    } while (in.accept(","));
    in.expect("]");
    return Shape.of(dims);
  }

  private Dim dim() {
    if (in.accept("?")) {
      return Dim.UNKNOWN;
    }
    if (!in.nextIsName()) {
      return Dim.declared(in.integer("a dimension"));
    }
    String text = in.name("a dimension");
    return text.length() <= LONGEST_EXPRESSION
            && Dim.parse(text) instanceof Dim.Expression expression
            && expression.toString().equals(text)
        ? expression
        : Dim.symbol(text);
  }
}
