package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.preprocessor.Cnn3DToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnn3DPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.jspecify.annotations.Nullable;

/** What DL4J puts between layers of different layouts. */
final class Preprocessors {
  private Preprocessors() {}

  /** In the order of the layout, as Keras does. */
  static Value cnnToFeedForward(CnnToFeedForwardPreProcessor what, Site site, Value x) {
    return switch (site.rank(x)) {
      case 2 -> x;
      case 4 ->
          site.b()
              .reshape(x, 0, what.getInputHeight() * what.getInputWidth() * what.getNumChannels());
      default ->
          throw site.refuse("its input is %s where it takes images".formatted(site.shape(x)));
    };
  }

  /** Always to NCHW. */
  static Value feedForwardToCnn(FeedForwardToCnnPreProcessor what, Site site, Value x) {
    return switch (site.rank(x)) {
      case 4 -> x;
      case 2 ->
          site.b()
              .reshape(x, 0, what.getNumChannels(), what.getInputHeight(), what.getInputWidth());
      default -> throw site.refuse("its input is %s where it takes rows".formatted(site.shape(x)));
    };
  }

  static Value cnn3dToFeedForward(Cnn3DToFeedForwardPreProcessor what, Site site, Value x) {
    long size =
        what.getNumChannels() * what.getInputDepth() * what.getInputHeight() * what.getInputWidth();
    return site.rank(x) == 2 ? x : site.b().reshape(x, 0, size);
  }

  static Value feedForwardToCnn3d(FeedForwardToCnn3DPreProcessor what, Site site, Value x) {
    if (site.rank(x) == 5) {
      return x;
    }
    long c = what.getNumChannels();
    long d = what.getInputDepth();
    long h = what.getInputHeight();
    long w = what.getInputWidth();
    return what.isNCDHW() ? site.b().reshape(x, 0, c, d, h, w) : site.b().reshape(x, 0, d, h, w, c);
  }

  // Sequences: rows and images of all examples at one time, then those of the next

  static Value rnnToFeedForward(RnnToFeedForwardPreProcessor what, Site site, Value x) {
    if (site.rank(x) == 2) {
      return x;
    }
    boolean last = what.getRnnDataFormat() == RNNFormat.NWC;
    Value byTime = byTime(site, x, last);
    return site.b().reshape(byTime, -1, site.size(x, last ? 2 : 1));
  }

  static Value feedForwardToRnn(FeedForwardToRnnPreProcessor what, Site site, Value x) {
    site.require(x, 2, "[T N,features]");
    return sequence(site, x, site.size(x, 1), what.getRnnDataFormat());
  }

  static Value cnnToRnn(CnnToRnnPreProcessor what, Site site, Value x) {
    site.require(x, 4, "[T N,C,H,W]");
    return sequence(
        site,
        x,
        what.getNumChannels() * what.getInputHeight() * what.getInputWidth(),
        what.getRnnDataFormat());
  }

  static Value rnnToCnn(RnnToCnnPreProcessor what, Site site, Value x) {
    Value byTime = byTime(site, x, what.getRnnDataFormat() == RNNFormat.NWC);
    return site.b()
        .reshape(byTime, -1, what.getNumChannels(), what.getInputHeight(), what.getInputWidth());
  }

  /** To {@code [T,N,C]}. */
  private static Value byTime(Site site, Value x, boolean channelsLast) {
    site.require(x, 3, "[N,C,T] or [N,T,C]");
    return channelsLast ? site.b().transpose(x, 1, 0, 2) : site.b().transpose(x, 2, 0, 1);
  }

  /** From {@code [T N,...]}, with as many examples as the network's input has. */
  private static Value sequence(Site site, Value x, long features, RNNFormat format) {
    GraphBuilder b = site.b();
    Value shape = b.concat(0, b.longs("time", -1), site.batch(), b.longs("features", features));
    Value byTime = b.reshape(x, shape);
    return format == RNNFormat.NCW ? b.transpose(byTime, 1, 2, 0) : b.transpose(byTime, 1, 0, 2);
  }

  static Value composed(ComposableInputPreProcessor what, Site site, Value x) {
    Value y = x;
    for (InputPreProcessor each : what.getInputPreProcessors()) {
      y = Readings.read(each, site.of(each.getClass()), List.of(y));
    }
    return y;
  }

  static @Nullable String whyNotComposed(ComposableInputPreProcessor what) {
    return Arrays.stream(what.getInputPreProcessors())
        .flatMap(each -> Readings.whyNot(each).stream())
        .findFirst()
        .orElse(null);
  }
}
