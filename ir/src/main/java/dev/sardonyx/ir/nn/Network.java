package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;

/**
 * An image classifier yet to be built: from {@code image}, float {@code [N,channels,height,width]},
 * to {@code probabilities}, float {@code [N,classes]}, or {@code [N,classes,height,width]} if it
 * classifies each pixel.
 *
 * @param name also the graph's name
 * @param opset of ONNX's own operators
 * @param body all layers from the image to the last dense layer
 */
public record Network(
    String name, long channels, long height, long width, long classes, int opset, Body body) {
  /** The layers of a network. */
  @FunctionalInterface
  public interface Body {
    /**
     * Builds the layers.
     *
     * @param image {@code [N,channels,height,width]}
     * @return the scores before the softmax over the classes, {@code [N,classes]} or {@code
     *     [N,classes,height,width]}
     */
    Value build(Layers layers, Value image, long classes);
  }

  public Network {
    if (channels < 1 || height < 1 || width < 1 || classes < 1) {
      throw GraphBuildException.here(
          "Network "
              + name
              + " needs at least one channel, row, column and class, not "
              + channels
              + ", "
              + height
              + ", "
              + width
              + " and "
              + classes);
    }
  }

  public static Network of(
      String name, long channels, long height, long width, long classes, Body body) {
    return new Network(name, channels, height, width, classes, GraphBuilder.DEFAULT_OPSET, body);
  }

  /** The network for images of another size. */
  public Network withImage(long newChannels, long newHeight, long newWidth) {
    return new Network(name, newChannels, newHeight, newWidth, classes, opset, body);
  }

  public Network withClasses(long changed) {
    return new Network(name, channels, height, width, changed, opset, body);
  }

  public Network withOpset(int changed) {
    return new Network(name, channels, height, width, classes, changed, body);
  }

  /** The network with first weights, Glorot-uniform; the same seed gives the same weights. */
  public Model build(long seed) {
    GraphBuilder b = GraphBuilder.of(name, opset);
    Shape shape = Shape.of(Dim.symbol("N"), Dim.of(channels), Dim.of(height), Dim.of(width));
    Value image = b.input("image", TensorType.of(ElementType.FLOAT, shape));
    Value scores = body.build(Layers.of(b, seed), image, classes);
    b.output(b.softmax(scores, 1), "probabilities");
    return b.buildModel();
  }
}
