package dev.sardonyx.samples;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.FunctionBuilder;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.ir.pass.Passes;
import java.util.List;
import java.util.Map;

/** The README's edits of a model, each applied to the original. */
public final class ChangingAModel {
  private ChangingAModel() {}

  /** A small classifier with a fixed batch, as exporters often leave it. */
  static Model classifier() {
    GraphBuilder b = GraphBuilder.of("classifier");
    Layers nn = Layers.of(b, 1);
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, 1, 3, 8, 8));
    x = b.relu(nn.conv(x, 4, 3));
    b.output(b.softmax(nn.dense(b.flatten(x), 10), 1), "digit");
    return b.buildModel();
  }

  /** Makes all edits and prints the result of each. */
  public static void main(String[] args) {
    Model model = classifier();
    Tensor zeros = Tensor.ofFloats(new float[10], 10);
    // README: from here
    ModelEditor e = ModelEditor.of(model); // immutable, as the model is: each line starts anew

    // Names and dimensions
    show(e.renameInput("image", "pixels").renameOutput("digit", "scores").model());
    show(e.renameNode("conv1", "stem").renameValue("relu1_out", "features").model());
    show(e.symbolicBatch("N").renameDimension("N", "batch").model()); // [1,3,8,8] -> [batch,3,8,8]
    show(e.dimension("image", 0, "N").fixDimension("N", 16).model());
    show(e.prefixInside("left.").model());

    // What goes in and comes out
    show(e.inputElementType("image", ElementType.UINT8).model()); // a Cast is put in
    show(e.outputElementType("digit", ElementType.FLOAT16).model());
    show(e.inputChannelsLast("image").model()); // callers give NHWC
    show(e.addOutput("relu1_out").model());
    show(e.outputs("flatten1_out").model()); // the head is cut off
    show(e.replaceHead("flatten1_out", "ab", (b, x) -> Layers.of(b, 7).dense(x, 2)).model());
    show(e.initializerToInput("dense1.bias").inputToInitializer("dense1.bias", zeros).model());
    show(e.initializer("dense1.bias", zeros).model());

    // Nodes
    show(e.replaceNode("relu1", (b, inputs) -> b.leakyRelu(inputs.get(0), 0.1f)).model());
    show(
        e.replacePart(
                List.of("conv1_out"), // or several values, for several
                List.of("flatten1_out"),
                (b, v) -> List.of(b.flatten(b.elu(v.get(0), 1f))))
            .model());
    show(e.changeNode("softmax1", n -> n.withAttribute(Attribute.ofInt("axis", -1))).model());
    show(e.insertAfter("image", (b, x) -> b.mul(x, b.constant(1 / 255f))).model());
    show(e.insertBefore("dense1", 0, (b, x) -> b.dropout(x, 0.5f)).model());
    show(e.replaceUses("relu1_out", "conv1_out").removeNode("softmax1").model());

    // Parts and wholes
    show(e.extract(List.of("relu1_out"), List.of("digit")).model());
    show(e.append(head(), Map.of("digit", "scores")).model());
    show(e.outline("my.Stem", "conv1", "relu1").model()); // a function, called where it repeats
    show(e.outline("my.Stem", "conv1", "relu1").inlineFunctions().model());
    show(e.withoutWeights(1000).withoutMetadata().withoutTypes().model());
    show(Passes.simplify().apply(model).model());

    // Looking: who gives, who uses, what type, which constant
    GraphIndex index = GraphIndex.of(model.graph()); // made once, then every answer is a look-up
    Node conv = index.producer("conv1_out").orElseThrow();
    System.out.println(index.consumers("conv1_out") + " " + index.shape(conv.input(1)));

    // A function is written as a graph is
    Function scaledRelu =
        FunctionBuilder.function(
            "my.ScaledRelu",
            21,
            f -> {
              Value scale = f.attribute(Attribute.ofFloat("scale", 1f)); // with its default
              f.output(f.mul(f.relu(f.input("x")), scale), "y");
            });
    // README: to here
    System.out.println(scaledRelu.operator());
  }

  private static Model head() {
    GraphBuilder b = GraphBuilder.of("head");
    Value scores = b.input("scores", TensorType.of(ElementType.FLOAT, 1, 10));
    b.output(b.node("ArgMax", List.of(scores), Attribute.ofInt("axis", 1)), "best");
    return b.buildModel();
  }

  private static void show(Model model) {
    System.out.println(
        model.graph().inputs().get(0).name()
            + " "
            + model.graph().inputs().get(0).type()
            + " -> "
            + model.graph().outputs().stream().map(o -> o.name() + " " + o.type()).toList()
            + ", "
            + model.graph().nodes().size()
            + " nodes");
  }
}
