package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.Padding;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Convolutions. Their settings are kernel, strides, padding and dilations, an axis each. */
final class ConvolutionOperators {
  private static final int SAME = 1;
  private static final int CAUSAL = 2;

  private ConvolutionOperators() {}

  static void add(OperatorTable.Builder table) {
    table.one("conv1d", site -> convolution(site, 1));
    table.one("conv2d", site -> convolution(site, 2));
    table.one("conv3dnew", site -> convolution(site, 3));
    table.one("deconv2d", site -> transposed(site, 2));
    table.one("deconv3d", site -> transposed(site, 3));
    table.one("depthwise_conv2d", ConvolutionOperators::depthwise);
    table.one("sconv2d", ConvolutionOperators::separable);
  }

  /** One of the four settings of all axes. */
  static long[] setting(OperatorSite site, int axes, int which) {
    return Arrays.copyOfRange(site.integers(), which * axes, (which + 1) * axes);
  }

  private static long mode(OperatorSite site, int axes) {
    return site.integer(4 * axes);
  }

  private static boolean isChannelsLast(OperatorSite site, int axes) {
    return site.integer(4 * axes + 1) != 0;
  }

  /** The format of weights: 0 if the kernel's axes come first. */
  private static long format(OperatorSite site, int axes) {
    return site.hasInteger(4 * axes + 2) ? site.integer(4 * axes + 2) : 0;
  }

  /** Does something to {@code [N,C,...]}, whatever the layout of what comes in and goes out. */
  static Value channelsFirst(
      OperatorSite site, Value x, boolean isLast, UnaryOperator<Value> body) {
    if (!isLast) {
      return body.apply(x);
    }
    int rank = site.rank(x);
    long[] first = new long[rank];
    long[] last = new long[rank];
    for (int i = 1; i < rank; i++) {
      first[i] = i == 1 ? rank - 1 : i - 1L;
      last[i] = i == rank - 1 ? 1 : i + 1L;
    }
    return site.b().transpose(body.apply(site.b().transpose(x, first)), last);
  }

  private static ConvOptions options(OperatorSite site, int axes) {
    long[] kernel = setting(site, axes, 0);
    long[] dilations = setting(site, axes, 3);
    Padding padding = Padding.of(setting(site, axes, 2));
    if (mode(site, axes) == SAME) {
      padding = Padding.SAME;
    } else if (mode(site, axes) == CAUSAL) {
      if (axes > 1) {
        throw site.refuse("only sequences are padded with the past");
      }
      padding = Padding.of((kernel[0] - 1) * dilations[0], 0);
    }
    return ConvOptions.DEFAULT
        .withStrides(setting(site, axes, 1))
        .withDilations(dilations)
        .withPadding(padding);
  }

  private static Value convolution(OperatorSite site, int axes) {
    Value w = weights(site, axes);
    Value bias = site.has(2) ? site.in(2) : null;
    ConvOptions options = options(site, axes);
    return channelsFirst(
        site, site.x(), isChannelsLast(site, axes), x -> site.b().conv(x, w, bias, options));
  }

  /** From {@code [...,in,out]}, {@code [out,in,...]} or {@code [out,...,in]}. */
  private static Value weights(OperatorSite site, int axes) {
    Value w = site.in(1);
    return switch ((int) format(site, axes)) {
      case 0 -> site.b().transpose(w, order(axes, axes + 1L, axes, 0));
      case 1 -> w;
      case 2 -> site.b().transpose(w, order(axes, 0, axes + 1L, 1));
      default -> throw site.refuse("the format of its weights is not known");
    };
  }

  /** Two axes, and then those of the kernel. */
  private static long[] order(int axes, long first, long second, int kernel) {
    return LongStream.concat(
            LongStream.of(first, second), LongStream.range(kernel, kernel + (long) axes))
        .toArray();
  }

  /** Weights {@code [...,out,in]}. */
  private static Value transposed(OperatorSite site, int axes) {
    if (format(site, axes) != 0) {
      throw site.refuse("its weights are in another format than [kernel,out,in]");
    }
    Value w = site.b().transpose(site.in(1), order(axes, axes + 1L, axes, 0));
    Value bias = site.has(2) ? site.in(2) : null;
    TransposedConvolution convolution =
        new TransposedConvolution(
            setting(site, axes, 0),
            setting(site, axes, 1),
            setting(site, axes, 2),
            setting(site, axes, 3),
            mode(site, axes) != 0);
    return channelsFirst(
        site, site.x(), isChannelsLast(site, axes), x -> convolution.of(site.b(), x, w, bias));
  }

  private static Value depthwise(OperatorSite site) {
    return perChannel(site, site.has(2) ? site.in(2) : null, x -> x);
  }

  /** Depthwise, then by weights {@code [1,1,in,out]}; these DL4J leaves out if C is 1. */
  private static Value separable(OperatorSite site) {
    GraphBuilder b = site.b();
    if (!site.has(2)) {
      return perChannel(site, null, x -> x);
    }
    Value bias = site.has(3) ? site.in(3) : null;
    if (site.size(site.in(1), 2) == 1) {
      return perChannel(site, bias, x -> x);
    }
    Value point = b.transpose(site.in(2), 3, 2, 0, 1);
    return perChannel(site, null, x -> b.conv(x, point, bias, ConvOptions.DEFAULT));
  }

  /** Each channel by filters of its own, from weights {@code [kH,kW,C,m]}; then something more. */
  private static Value perChannel(
      OperatorSite site, @Nullable Value bias, UnaryOperator<Value> then) {
    if (format(site, 2) != 0) {
      throw site.refuse("its weights are in another format than [kH,kW,C,m]");
    }
    GraphBuilder b = site.b();
    Value w = site.in(1);
    long channels = site.size(w, 2);
    Value filters =
        b.reshape(
            b.transpose(w, 2, 3, 0, 1),
            channels * site.size(w, 3),
            1,
            site.size(w, 0),
            site.size(w, 1));
    ConvOptions options = options(site, 2).withGroup(channels);
    return channelsFirst(
        site,
        site.x(),
        isChannelsLast(site, 2),
        x -> then.apply(b.conv(x, filters, bias, options)));
  }
}
