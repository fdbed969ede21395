package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;

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
}
