package dev.sardonyx.ir.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Residual blocks: their layers, shapes and parameters, and what is refused. */
class ResidualBlocksTest {
  private static final ResidualOptions PLAIN = ResidualOptions.PLAIN;

  private static Value image(GraphBuilder b, String shape) {
    return b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse(shape)));
  }

  /** Operators in order, the output's shape, and the number of trainable parameters. */
  private static String built(String shape, BiFunction<Layers, Value, Value> block) {
    GraphBuilder b = GraphBuilder.of("block");
    Value y = block.apply(Layers.of(b, 1), image(b, shape));
    b.output(y, "y");
    Model model = b.buildModel();
    assertEquals("", Checker.check(model).toString().strip(), "problems");
    List<String> operators = model.graph().nodes().stream().map(Node::opType).toList();
    String type = model.graph().outputs().get(0).type().toString();
    return String.join(" ", operators) + " " + type + " " + ModelSummary.of(model).trainable();
  }

  private static String refusal(Executable mistake) {
    return String.valueOf(assertThrows(GraphBuildException.class, mistake).getMessage())
        .replaceAll("ResidualBlocksTest.java:\\d+", "HERE");
  }

  @Test
  void identity() {
    int conv = 3 * 3 * 32 * 32 + 32;
    assertEquals(
        "Conv Relu Conv Add Relu float[N,32,28,28] " + 2 * conv,
        built("N,32,28,28", (nn, x) -> nn.residualBlock(x, 32)));
  }

  @Test
  void the64FilterForm() {
    assertEquals(
        "Conv Relu Conv Add Relu float[N,64,7,9] " + 2 * (9 * 64 * 64 + 64),
        built("N,64,7,9", (nn, x) -> nn.residualBlock64(x)));
  }

  @Test
  void projection() {
    int parameters = (9 * 32 * 64 + 64) + (9 * 64 * 64 + 64) + (32 * 64 + 64);
    assertEquals(
        "Conv Relu Conv Conv Add Relu float[N,64,28,28] " + parameters,
        built("N,32,28,28", (nn, x) -> nn.residualBlockWithProjection(x, 64)));
    assertEquals(
        "Conv Relu Conv Conv Add Relu float[N,64,14,14] " + parameters,
        built("N,32,28,28", (nn, x) -> nn.residualBlockWithProjection(x, 64, 2)));
    assertEquals(
        "Conv Relu Conv Conv Add Relu float[N,64,14,14] " + parameters,
        built("N,32,27,27", (nn, x) -> nn.residualBlockWithProjection(x, 64, 2)),
        "odd sizes are rounded up on both ways");
  }

  @Test
  void residualChoosesByShape() {
    assertEquals(
        built("N,32,28,28", (nn, x) -> nn.residualBlock(x, 32)),
        built("N,32,28,28", (nn, x) -> nn.residual(x, 32)));
    assertEquals(
        built("N,32,28,28", (nn, x) -> nn.residualBlockWithProjection(x, 48)),
        built("N,32,28,28", (nn, x) -> nn.residual(x, 48)));
    assertEquals(
        built("N,32,28,28", (nn, x) -> nn.residualBlockWithProjection(x, 32, 2)),
        built("N,32,28,28", (nn, x) -> nn.residual(x, 32, PLAIN.withStride(2))),
        "a stride needs a projection on equal channels too");
  }

  @Test
  void batchNormalizationFollowsEachConvolution() {
    assertEquals(
        "Conv BatchNormalization Relu Conv BatchNormalization Add Relu float[N,16,8,8] "
            + 2 * (9 * 16 * 16 + 2 * 16),
        built("N,16,8,8", (nn, x) -> nn.residualBlock(x, 16, ResidualOptions.NORMALIZED)));
    assertEquals(
        "Conv BatchNormalization Relu Conv BatchNormalization Conv BatchNormalization Add Relu"
            + " float[N,32,4,4] "
            + ((9 * 16 * 32 + 64) + (9 * 32 * 32 + 64) + (16 * 32 + 64)),
        built("N,16,8,8", (nn, x) -> nn.residual(x, 32, ResidualOptions.NORMALIZED.withStride(2))));
  }

  @Test
  void preActivation() {
    ResidualOptions normalized = ResidualOptions.NORMALIZED.withPreActivation(true);
    assertEquals(
        "BatchNormalization Relu Conv BatchNormalization Relu Conv Add float[N,16,8,8] "
            + 2 * (9 * 16 * 16 + 2 * 16),
        built("N,16,8,8", (nn, x) -> nn.residualBlock(x, 16, normalized)));
    assertEquals(
        "Relu Conv Conv Relu Conv Add float[N,32,4,4] "
            + ((16 * 32 + 32) + (9 * 16 * 32 + 32) + (9 * 32 * 32 + 32)),
        built(
            "N,16,8,8",
            (nn, x) -> nn.residual(x, 32, PLAIN.withPreActivation(true).withStride(2))));
  }

  @Test
  void bottleneck() {
    assertEquals(
        "Conv BatchNormalization Relu Conv BatchNormalization Relu Conv BatchNormalization Add Relu"
            + " float[N,64,8,8] "
            + ((64 * 16 + 32) + (9 * 16 * 16 + 32) + (16 * 64 + 128)),
        built("N,64,8,8", (nn, x) -> nn.residualBlock(x, 16, ResidualOptions.BOTTLENECK)));
    assertEquals(
        "Conv BatchNormalization Relu Conv BatchNormalization Relu Conv BatchNormalization Conv"
            + " BatchNormalization Add Relu float[N,64,4,4] "
            + ((16 * 16 + 32) + (9 * 16 * 16 + 32) + (16 * 64 + 128) + (16 * 64 + 128)),
        built("N,16,8,8", (nn, x) -> nn.residual(x, 16, ResidualOptions.BOTTLENECK.withStride(2))));
  }

  @Test
  void anIdentityBlockOnOtherChannelsIsRefused() {
    GraphBuilder b = GraphBuilder.of("block");
    Layers nn = Layers.of(b, 1);
    Value x = image(b, "N,32,28,28");
    assertEquals(
        "HERE: residualBlock: the identity shortcut cannot add x [N,32,28,28] to the block's result"
            + " [N,64,28,28]: their channels differ, 32 and 64. Use residualBlockWithProjection,"
            + " whose shortcut is a 1x1 convolution to 64 channels, or residual, which chooses",
        refusal(() -> nn.residualBlock(x, 64)));
    assertEquals(
        "HERE: residualBlock: the identity shortcut cannot add x [N,32,28,28] to the block's result"
            + " [N,32,14,14]: a stride of 2 changes the image's size. Use"
            + " residualBlockWithProjection, whose shortcut is a 1x1 convolution to 32 channels, or"
            + " residual, which chooses",
        refusal(() -> nn.residualBlock(x, 32, PLAIN.withStride(2))));
    b.output(nn.residual(x, 64));
    assertEquals(6, b.build().nodes().size(), "refusals add nothing");
  }

  @Test
  void imagesOfUnknownChannelsAreRefused() {
    GraphBuilder b = GraphBuilder.of("block");
    Layers nn = Layers.of(b, 1);
    Value x = image(b, "N,C,28,28");
    assertEquals(
        "HERE: residual needs the number of channels (axis 1) of x float[N,C,28,28]; give the"
            + " graph's input a fixed one",
        refusal(() -> nn.residual(x, 8)));
    Value flat = b.flatten(x);
    assertEquals(
        "HERE: residualBlock takes images [N,C,H,W], but flatten1_out is float[N,784*C]",
        refusal(() -> nn.residualBlock(flat, 8)));
  }
}
