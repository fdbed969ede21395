package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;

/** Small models to pass through passes, and what passes make of them. */
final class SmallModels {
  static final TensorType VECTOR = TensorType.of(ElementType.FLOAT, Shape.parse("N,4"));

  private SmallModels() {}

  /** What a pass makes of the model built so far. */
  static String after(GraphBuilder b, Pass pass) {
    return Listing.of(pass.apply(b.buildModel()).model());
  }

  /** What a pass says that it changes in the model built so far. */
  static List<String> changes(GraphBuilder b, Pass pass) {
    return pass.apply(b.buildModel()).changes().stream().map(Change::toString).toList();
  }

  static Value vector(GraphBuilder b, String name, float... elements) {
    return b.constant(name, Tensor.ofFloats(elements, elements.length));
  }

  /** Nodes as they are, from input {@code x} to output {@code c}. */
  static Model ofNodes(Node... nodes) {
    return Model.of(
        Graph.of(
            "main",
            List.of(Input.of("x", VECTOR)),
            List.of(Output.of("c", VECTOR)),
            List.of(nodes),
            List.of()),
        18);
  }
}
