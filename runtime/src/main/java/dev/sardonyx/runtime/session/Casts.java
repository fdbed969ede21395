package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import java.util.List;
import java.util.Locale;

/** Cast nodes that change the type and keep every number that both types have. */
final class Casts {
  private Casts() {}

  static Node node(String input, Result result, ElementType to, long opset) {
    // Cast 1 names the type, later versions number it.
    Attribute type =
        opset < 6
            ? Attribute.ofString("to", to.onnxName().toUpperCase(Locale.ROOT))
            : Attribute.ofInt("to", to.code());
    Node cast = Node.of("Cast", List.of(input), List.of(result), type);
    // By default infinity becomes the largest float8.
    boolean hasInfinity = to == ElementType.FLOAT8E5M2;
    return hasInfinity ? cast.withAttribute(Attribute.ofInt("saturate", 0)) : cast;
  }
}
