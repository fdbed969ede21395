package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Ready networks: image classifiers by name, and one of each other kind in a small size. */
public final class Networks {
  private static final Map<String, Network> BY_NAME = new LinkedHashMap<>();

  static {
    add(Network.of("seed", 1, 28, 28, 10, Networks::seed));
    add(Network.of("projection", 1, 28, 28, 10, Networks::projection));
    for (int depth : List.of(18, 34, 50, 101, 152)) {
      add(ResNet.imageNet(depth));
    }
    for (int depth : List.of(20, 32, 44, 56, 110)) {
      add(ResNet.cifar(depth));
    }
    add(MobileNetV2.of(1));
  }

  private Networks() {}

  private static void add(Network network) {
    BY_NAME.put(network.name(), network);
  }

  /** The image classifiers: {@code seed}, {@code projection}, {@code resnet18}, ... */
  public static List<String> names() {
    return new ArrayList<>(BY_NAME.keySet());
  }

  /**
   * An image classifier of its usual image size and number of classes.
   *
   * @throws IllegalArgumentException if there is none of the name, listing those there are
   */
  public static Network named(String name) {
    Network network = BY_NAME.get(name);
    if (network == null) {
      throw new IllegalArgumentException(
          "There is no network " + name + "; choose one of " + String.join(", ", names()));
    }
    return network;
  }

  /** A U-Net of 16 filters that halves images three times; {@link UNet} makes others. */
  public static Network uNet() {
    return UNet.of(3, 16);
  }

  /**
   * A transformer's encoder of two blocks, 64 elements, 4 heads and at most 512 positions; {@link
   * TransformerEncoder} makes others.
   */
  public static TokenNetwork transformerEncoder() {
    TransformerOptions options =
        TransformerOptions.of(4, 256)
            .withActivation(TransformerOptions.Activation.GELU)
            .withPreNorm(true)
            .withDropout(0.1f);
    return TransformerEncoder.of(2, 64, 512, options);
  }

  /** One bidirectional LSTM of 64 units over 64 elements; {@link LstmClassifier} makes others. */
  public static TokenNetwork lstmClassifier() {
    return LstmClassifier.of(1, 64, 64);
  }

  /** Convolution 3x3 of 32 filters, two identity blocks, one dense layer: 288,202 parameters. */
  private static Value seed(Layers nn, Value image, long classes) {
    Value x = nn.builder().relu(nn.conv(image, 32, 3));
    x = nn.residualBlock(x, 32);
    x = nn.residualBlock(x, 32);
    return nn.dense(nn.builder().flatten(x), classes);
  }

  /** As the seed network, but the second block projects to 64 channels at half the size. */
  private static Value projection(Layers nn, Value image, long classes) {
    Value x = nn.builder().relu(nn.conv(image, 32, 3));
    x = nn.residualBlock(x, 32);
    x = nn.residualBlockWithProjection(x, 64, 2);
    return nn.dense(nn.builder().flatten(x), classes);
  }
}
