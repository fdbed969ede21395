package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * A model as lines of text, a value each:
 *
 * <pre>
 * x float[N,3,H,W]
 * s = Shape(x)
 * a, b = Split(s, {2,2})
 * </pre>
 *
 * <p>Lines without {@code =} are inputs. Constants stand where they are used, written as {@link
 * NodeLine} has them. The last line's values are the outputs.
 */
final class ModelLines {
  private ModelLines() {}

  static Model parse(long opset, String lines) {
    return Model.of(graph(lines), opset);
  }

  static Graph graph(String lines) {
    List<Input> inputs = new ArrayList<>();
    List<Constant> constants = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    for (String line : lines.lines().map(String::strip).filter(l -> !l.isEmpty()).toList()) {
      int open = line.indexOf('(');
      int equals = line.indexOf(" = ");
      if (equals < 0) {
        int space = line.indexOf(' ');
        inputs.add(Input.of(line.substring(0, space), NodeLine.type(line.substring(space + 1))));
        continue;
      }
      int close = line.lastIndexOf(')');
      List<String> arguments = new ArrayList<>();
      for (String argument : NodeLine.split(line.substring(open + 1, close))) {
        if (NodeLine.isConstant(argument)) {
          String name = "c" + constants.size();
          constants.add(Constant.of(name, NodeLine.constant(argument)));
          arguments.add(name);
        } else {
          arguments.add(argument.equals("_") ? "" : argument);
        }
      }
      nodes.add(
          Node.of(
              line.substring(equals + 3, open),
              arguments,
              NodeLine.split(line.substring(0, equals)).stream().map(ModelLines::result).toList(),
              NodeLine.attributes(line.substring(close + 1))));
    }
    List<Output> outputs =
        nodes.get(nodes.size() - 1).outputs().stream()
            .map(r -> Output.of(r.name(), ValueType.unknown()))
            .toList();
    return Graph.of("test", inputs, outputs, nodes, constants);
  }

  /** A name, and after a colon the declared type, if there is one. */
  private static Result result(String text) {
    int colon = text.indexOf(':');
    return colon < 0
        ? Result.of(text)
        : Result.of(text.substring(0, colon), NodeLine.type(text.substring(colon + 1)));
  }

  /** The type that inference finds for the model's first output. */
  static String type(Model model) {
    ShapeInference.Inferred inferred = ShapeInference.infer(model);
    if (!inferred.problems().isEmpty()) {
      throw new AssertionError(inferred.problems());
    }
    return inferred.model().graph().outputs().get(0).type().toString();
  }
}
