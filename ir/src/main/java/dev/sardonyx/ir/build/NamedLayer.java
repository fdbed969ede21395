package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.Value;
import java.util.List;

/**
 * Makes one layer under a name: the node that gives its result has the name, and all that the layer
 * is made of besides is in the scope of that name.
 */
record NamedLayer(GraphBuilder builder, String name) implements StandardOps {
  @Override
  public int opset() {
    return builder.opset();
  }

  @Override
  public List<Value> nodes(
      String operator, int outputs, List<? extends Value> inputs, Attribute... attributes) {
    return builder.namedNodes(name, operator, outputs, inputs, attributes);
  }

  @Override
  public Value numberedConstant(String role, TensorData data) {
    return inside().numberedConstant(role, data);
  }

  @Override
  public OperatorBuilder inside() {
    return new Inside(builder, name);
  }

  @Override
  public GraphBuilder subgraph(String graph) {
    return builder.subgraph(graph);
  }

  @Override
  public String innerName(String base) {
    return builder.innerName(base);
  }

  /** The scope of a layer's name. */
  private record Inside(GraphBuilder builder, String name) implements OperatorBuilder {
    @Override
    public int opset() {
      return builder.opset();
    }

    @Override
    public List<Value> nodes(
        String operator, int outputs, List<? extends Value> inputs, Attribute... attributes) {
      return builder.scope(name, () -> builder.nodes(operator, outputs, inputs, attributes));
    }

    @Override
    public Value numberedConstant(String role, TensorData data) {
      return builder.scope(name, () -> builder.numberedConstant(role, data));
    }
  }
}
