package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;

/**
 * A classifier of token sequences yet to be built: from {@code tokens}, int64 {@code [N,T]}, to
 * {@code probabilities}, float {@code [N,classes]}.
 *
 * @param name also the graph's name
 * @param vocabulary how many tokens there are; they are numbered from 0
 * @param opset of ONNX's own operators
 * @param body all layers from the tokens to the last dense layer
 */
public record TokenNetwork(String name, long vocabulary, long classes, int opset, Body body) {
  /** The layers of a network. */
  @FunctionalInterface
  public interface Body {
    /**
     * Builds the layers.
     *
     * @param tokens int64 {@code [N,T]}
     * @return the scores before the softmax, {@code [N,classes]}
     */
    Value build(Layers layers, Value tokens, long vocabulary, long classes);
  }

  public TokenNetwork {
    if (vocabulary < 1 || classes < 1) {
      throw GraphBuildException.here(
          "Network "
              + name
              + " needs at least one token and class, not "
              + vocabulary
              + " and "
              + classes);
    }
  }

  public static TokenNetwork of(String name, long vocabulary, long classes, Body body) {
    return new TokenNetwork(name, vocabulary, classes, GraphBuilder.DEFAULT_OPSET, body);
  }

  public TokenNetwork withVocabulary(long changed) {
    return new TokenNetwork(name, changed, classes, opset, body);
  }

  public TokenNetwork withClasses(long changed) {
    return new TokenNetwork(name, vocabulary, changed, opset, body);
  }

  public TokenNetwork withOpset(int changed) {
    return new TokenNetwork(name, vocabulary, classes, changed, body);
  }

  /** The network with first weights; the same seed gives the same weights. */
  public Model build(long seed) {
    GraphBuilder b = GraphBuilder.of(name, opset);
    Value tokens = b.input("tokens", TensorType.of(ElementType.INT64, Shape.parse("N,T")));
    Value scores = body.build(Layers.of(b, seed), tokens, vocabulary, classes);
    b.output(b.softmax(scores, 1), "probabilities");
    return b.buildModel();
  }
}
