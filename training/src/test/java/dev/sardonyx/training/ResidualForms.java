package dev.sardonyx.training;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.nn.Network;
import dev.sardonyx.ir.nn.ResidualOptions;
import java.util.stream.Stream;

/** Small networks of an identity and a projection block of each form, on images of 8x8. */
final class ResidualForms {
  private ResidualForms() {}

  static Stream<Network> all(long channels, long classes) {
    Stream.Builder<Network> all = Stream.builder();
    for (ResidualOptions.Style style : ResidualOptions.Style.values()) {
      for (boolean batchNorm : new boolean[] {false, true}) {
        for (boolean preActivation : new boolean[] {false, true}) {
          ResidualOptions options =
              ResidualOptions.PLAIN
                  .withStyle(style)
                  .withBatchNorm(batchNorm)
                  .withPreActivation(preActivation);
          all.add(network(options, channels, classes));
        }
      }
    }
    return all.build();
  }

  private static Network network(ResidualOptions options, long channels, long classes) {
    return Network.of(
        options.toString(),
        channels,
        8,
        8,
        classes,
        (nn, image, outputs) -> {
          Value x = nn.conv(image, options.channels(4), 3);
          x = nn.residual(x, 4, options);
          x = nn.residual(x, 6, options.withStride(2));
          return nn.dense(nn.builder().flatten(x), outputs);
        });
  }
}
