package dev.sardonyx.ir.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Networks;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Folding normalisations into convolutions. */
class ConvBatchNormFoldingTest {
  private Value image(GraphBuilder builder) {
    return builder.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,5,5")));
  }

  private Value normalized(GraphBuilder builder, Value conv) {
    return builder.batchNormalization(
        conv,
        builder.constant("scale", Tensor.ofFloats(new float[] {1, 2}, 2)),
        builder.constant("shift", Tensor.ofFloats(new float[] {3, 4}, 2)),
        builder.constant("mean", Tensor.ofFloats(new float[] {1, 1}, 2)),
        builder.constant("variance", Tensor.ofFloats(new float[] {4, 0.25f}, 2)),
        0);
  }

  @Test
  void normalizationIsFoldedIntoTheConvolution() {
    GraphBuilder g = GraphBuilder.of("main", 18);
    Value w = g.constant("w", Tensor.ofFloats(new float[] {1, 2}, 2, 1, 1, 1));
    g.output(normalized(g, g.conv(image(g), w, ConvOptions.DEFAULT)), "y");
    Model model = new ConvBatchNormFolding().andThen(new DeadCode()).apply(g.buildModel()).model();
    assertEquals(
        """
        constants w, w_bias
        y = Conv(image, w, w_bias)
        y
        """,
        Listing.of(model));
    assertEquals(
        Tensor.ofFloats(new float[] {0.5f, 8}, 2, 1, 1, 1),
        model.graph().constants().get(0).data());
    assertEquals(
        Tensor.ofFloats(new float[] {2.5f, 0}, 2), model.graph().constants().get(1).data());
  }

  @Test
  void aConvolutionUsedTwiceIsNotFolded() {
    GraphBuilder g = GraphBuilder.of("main", 18);
    Value w = g.constant("w", Tensor.ofFloats(new float[] {1, 2}, 2, 1, 1, 1));
    Value conv = g.conv(image(g), w);
    g.output(g.add(conv, normalized(g, conv)), "y");
    Model model = g.buildModel();
    assertSame(model, new ConvBatchNormFolding().apply(model).model());
  }

  @Test
  void weightsWithoutElementsAreLeftAlone() {
    for (boolean transposed : new boolean[] {false, true}) {
      GraphBuilder g = GraphBuilder.of("main", 18);
      Value x = g.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,0,5,5")));
      long[] dims = transposed ? new long[] {0, 2, 1, 1} : new long[] {2, 0, 1, 1};
      Value w = g.constant("w", Tensor.ofFloats(new float[0], dims));
      g.output(
          normalized(g, transposed ? g.node("ConvTranspose", List.of(x, w)) : g.conv(x, w)), "y");
      Model model = g.buildModel();
      assertSame(model, new ConvBatchNormFolding().apply(model).model());
    }
  }

  @Test
  void operandsOfDifferentLengthsAreLeftAlone() {
    GraphBuilder g = GraphBuilder.of("main", 18);
    Value w = g.constant("w", Tensor.ofFloats(new float[] {1, 2}, 2, 1, 1, 1));
    g.output(normalized(g, g.conv(image(g), w)), "y");
    Model model = g.buildModel();
    List<Constant> constants = new ArrayList<>(model.graph().constants());
    constants.replaceAll(
        c ->
            c.name().equals("variance")
                ? Constant.of("variance", Tensor.ofFloats(new float[] {4}, 1))
                : c);
    Model contradicting = model.withGraph(model.graph().withConstants(constants));
    assertSame(contradicting, new ConvBatchNormFolding().apply(contradicting).model());
  }

  @Test
  void sharedWeightsAreCopiedBeforeTheyChange() {
    GraphBuilder g = GraphBuilder.of("main", 18);
    Value w = g.constant("w", Tensor.ofFloats(new float[] {1, 2}, 2, 1, 1, 1));
    Value image = image(g);
    g.output(g.add(g.conv(image, w), normalized(g, g.conv(image, w))), "y");
    assertEquals(
        """
        constants w, w_1, w_bias
        conv1_out = Conv(image, w)
        batchNormalization1_out = Conv(image, w_1, w_bias)
        y = Add(conv1_out, batchNormalization1_out)
        y
        """,
        Listing.of(new ConvBatchNormFolding().apply(g.buildModel()).model()));
  }

  @Test
  void resnetLosesItsNormalizations() {
    Model model = Networks.named("resnet18").withImage(3, 32, 32).withClasses(10).build(1);
    Model simple = Passes.simplify().apply(model).model();
    assertEquals(20, count(model, "BatchNormalization"));
    assertEquals(0, count(simple, "BatchNormalization"));
    assertEquals(count(model, "Conv"), count(simple, "Conv"));
  }

  private static long count(Model model, String operator) {
    return model.graph().nodes().stream().filter(n -> n.is(operator)).count();
  }
}
