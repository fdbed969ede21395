package dev.sardonyx.training;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Model;
import dev.sardonyx.training.data.LabelledImages;
import java.util.List;
import java.util.Random;

/** Something easy to learn: noisy 8x8 images with a bright bar in one of four places. */
final class Bars {
  static final int CLASSES = 4;

  private Bars() {}

  static LabelledImages images(int count, long seed) {
    Random random = new Random(seed);
    byte[] pixels = new byte[count * 64];
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) random.nextInt(CLASSES);
      for (int row = 0; row < 8; row++) {
        for (int column = 0; column < 8; column++) {
          int light = row / 2 == labels[i] ? 120 : 0;
          pixels[i * 64 + row * 8 + column] = (byte) (light + random.nextInt(100));
        }
      }
    }
    return LabelledImages.of("bars", pixels, labels, 1, 8, 8);
  }

  /** A residual network with batch normalisation and, if wanted, dropout. */
  static Model network(float dropout) {
    SmallNet net = new SmallNet();
    String x = net.conv3x3("stem", net.input("image", 1, 8, 8), 1, 4, 8, 8);
    net.positive("scale", 4);
    net.weights("shift", 4);
    net.weights("mean", 4);
    net.positive("var", 4);
    x =
        net.node(
            "BatchNormalization",
            List.of(x, "scale", "shift", "mean", "var"),
            "normal",
            SmallNet.dims(4, 8, 8));
    x = net.residual("block", net.relu("relu", x, 4, 8, 8), 4, 8, 8);
    if (dropout > 0) {
      net.constant("ratio", dev.sardonyx.ir.Tensor.scalar(dropout));
      x = net.node("Dropout", List.of(x, "ratio"), "dropped", SmallNet.dims(4, 8, 8));
    }
    x =
        net.node(
            "MaxPool",
            List.of(x),
            "pool",
            SmallNet.dims(4, 4, 4),
            Attribute.ofInts("kernel_shape", 2, 2),
            Attribute.ofInts("strides", 2, 2));
    return Weights.glorotUniform(net.model(net.classifier(x, 64, CLASSES)), 5);
  }
}
