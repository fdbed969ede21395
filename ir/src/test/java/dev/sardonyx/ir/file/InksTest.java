package dev.sardonyx.ir.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Inks as JPEG files have them. */
final class InksTest {
  /** Pillow's JPEG of 8 x 8 pixels of the inks (200, 100, 50, 40), of which it makes this RGB. */
  private static final String FILE =
      "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggL"
          + "CAkKCgoKCgYICwwLCgwJCgoK/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EABUAAQEAAAAAAAAAAAAAAAAAAAkH/8QA"
          + "FBABAAAAAAAAAAAAAAAAAAAAAP/aAA4EQwBNAFkASwAAPwA21sJoVx//2Q==";

  private static final double[] RGB = {46, 131, 173};

  @Test
  void theReferenceEvaluatorDecodesThemAsPillow() {
    byte[] file = Base64.getDecoder().decode(FILE);
    GraphBuilder b = GraphBuilder.of("decode", 20);
    b.output(
        b.node(
            "ImageDecoder",
            OperatorBuilder.operands(
                b.input("file", TensorType.of(ElementType.UINT8, Shape.of(file.length))))),
        "image");
    try (PreparedModel model = new ReferenceBackend().prepare(b.buildModel())) {
      Tensor bytes = Tensor.of(ElementType.UINT8, new long[] {file.length}, ByteBuffer.wrap(file));
      Tensor image = model.run(Map.of("file", bytes)).tensor("image");
      assertArrayEquals(new long[] {8, 8, 3}, image.dims());
      assertArrayEquals(RGB, Arrays.copyOf(image.toDoubles(), 3));
    }
  }

  @Test
  void otherImagesStayAsTheyAre() {
    for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_INT_ARGB}) {
      BufferedImage image = new BufferedImage(2, 2, type);
      assertSame(image, Inks.toRgb(image));
    }
  }
}
