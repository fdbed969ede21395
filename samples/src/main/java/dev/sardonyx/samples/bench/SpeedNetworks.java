package dev.sardonyx.samples.bench;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.ir.nn.Network;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.ir.nn.ResidualOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The networks whose training is timed: the seed network, as it is and normalised, and ResNet-18.
 */
final class SpeedNetworks {
  private static final Map<String, Network> BY_NAME = new LinkedHashMap<>();

  static {
    add(Networks.named("seed"));
    add(Network.of("seed-normalized", 1, 28, 28, 10, SpeedNetworks::seed));
    add(Network.of("resnet18-32x32", 3, 32, 32, 10, SpeedNetworks::resNet18));
  }

  private SpeedNetworks() {}

  private static void add(Network network) {
    BY_NAME.put(network.name(), network);
  }

  static List<String> names() {
    return List.copyOf(BY_NAME.keySet());
  }

  static Network named(String name) {
    Network network = BY_NAME.get(name);
    if (network == null) {
      throw new IllegalArgumentException("No network " + name + " is timed, only " + names());
    }
    return network;
  }

  /** The seed network with batch normalisation after each convolution. */
  private static Value seed(Layers nn, Value image, long classes) {
    Value x = stem(nn, image, 32);
    x = nn.residualBlock(x, 32, ResidualOptions.NORMALIZED);
    x = nn.residualBlock(x, 32, ResidualOptions.NORMALIZED);
    return nn.dense(nn.builder().flatten(x), classes);
  }

  /** ResNet-18 whose first layers keep the size of small images. */
  private static Value resNet18(Layers nn, Value image, long classes) {
    Value x = stem(nn, image, 64);
    for (int stage = 0; stage < 4; stage++) {
      for (int block = 0; block < 2; block++) {
        long stride = stage > 0 && block == 0 ? 2 : 1;
        x = nn.residual(x, 64L << stage, ResidualOptions.NORMALIZED.withStride(stride));
      }
    }
    return nn.dense(nn.builder().flatten(nn.builder().globalAveragePool(x)), classes);
  }

  private static Value stem(Layers nn, Value image, long filters) {
    return nn.builder().relu(nn.batchNorm(nn.conv(image, filters, 3, ConvOptions.same(), false)));
  }
}
