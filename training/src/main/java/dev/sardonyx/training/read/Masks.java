package dev.sardonyx.training.read;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.jspecify.annotations.Nullable;

/**
 * What DL4J makes of the masks of a network's inputs: which layer takes part in them, and what goes
 * on to the next. A mask is {@code [N,T]}, or {@code [T N,1]} for rows of sequences, 1 for what
 * counts and 0 for what does not.
 */
@SuppressWarnings("deprecation") // saved networks still have Graves' layers
final class Masks {
  /** Hand a mask on as it is. */
  private static final Set<Class<?>> PASSING =
      Set.of(
          ActivationLayer.class,
          BatchNormalization.class,
          DenseLayer.class,
          ElementWiseMultiplicationLayer.class,
          EmbeddingLayer.class,
          EmbeddingSequenceLayer.class,
          GravesBidirectionalLSTM.class,
          GravesLSTM.class,
          LSTM.class,
          MaskLayer.class,
          OutputLayer.class,
          RecurrentAttentionLayer.class,
          SelfAttentionLayer.class,
          SimpleRnn.class,
          DuplicateToTimeSeriesVertex.class,
          L2NormalizeVertex.class,
          ScaleVertex.class,
          ShiftVertex.class,
          SubsetVertex.class);

  /** Have taken part in it, or are the end. */
  private static final Set<Class<?>> ENDING =
      Set.of(
          GlobalPoolingLayer.class,
          LastTimeStep.class,
          LastTimeStepVertex.class,
          MaskZeroLayer.class,
          RnnLossLayer.class,
          RnnOutputLayer.class);

  /** Let DL4J's own layers compute as if there were no mask. */
  private static final Set<Class<?>> IGNORING =
      Set.of(
          GravesLSTM.class,
          LSTM.class,
          MaskZeroLayer.class,
          RnnLossLayer.class,
          RnnOutputLayer.class);

  /** Multiply what they give by the mask. */
  private static final Set<Class<?>> MULTIPLYING =
      Set.of(
          DenseLayer.class,
          ElementWiseMultiplicationLayer.class,
          EmbeddingLayer.class,
          EmbeddingSequenceLayer.class,
          MaskLayer.class,
          OutputLayer.class);

  private Masks() {}

  /** The mask that a layer itself takes part in; recurrent layers of DL4J ignore it. */
  static @Nullable Value held(Object part, @Nullable Value mask) {
    return IGNORING.contains(unwrapped(part).getClass()) ? null : mask;
  }

  private static Object unwrapped(Object part) {
    return part instanceof FrozenLayer frozen ? frozen.getLayer() : part;
  }

  /** What a part gives, where DL4J multiplies it by the mask. */
  static Value applied(Object part, Site site, Value y) {
    Object layer = unwrapped(part);
    Value mask = site.mask();
    if (mask == null || !MULTIPLYING.contains(layer.getClass())) {
      return y;
    }
    if (site.rank(y) == 2) {
      return site.b().mul(y, mask);
    }
    boolean isLast =
        layer instanceof EmbeddingSequenceLayer of && of.getOutputFormat() == RNNFormat.NWC;
    return site.b().mul(y, site.b().unsqueeze(mask, isLast ? 2 : 1));
  }

  /** The mask behind a part that has one input, or behind a vertex of several. */
  static @Nullable Value after(Object part, Site site, List<? extends @Nullable Value> masks) {
    GraphBuilder b = site.b();
    if (part instanceof MergeVertex || part instanceof ElementWiseVertex) {
      return anyOf(site, masks);
    }
    if (masks.size() > 1 && masks.stream().anyMatch(Objects::nonNull)) {
      throw refusal(site);
    }
    Value mask = masks.get(0);
    if (mask == null || ENDING.contains(part.getClass())) {
      return null;
    }
    if (part instanceof FrozenLayer frozen) {
      return after(frozen.getLayer(), site, masks);
    }
    if (part instanceof Bidirectional both) {
      return after(both.getFwd(), site, masks);
    }
    if (part instanceof RnnToFeedForwardPreProcessor) {
      return b.reshape(b.transpose(mask, 1, 0), -1, 1);
    }
    if (part instanceof FeedForwardToRnnPreProcessor) {
      Value steps = b.reshape(mask, b.concat(0, b.longs("time", -1), site.batch()));
      return b.transpose(steps, 1, 0);
    }
    if (PASSING.contains(part.getClass()) || part instanceof SameDiffLayer) {
      return mask;
    }
    throw refusal(site);
  }

  private static UnsupportedModelException refusal(Site site) {
    return site.refuse("it is fed with a mask, and what DL4J makes of it is not read");
  }

  /** Of several masks, what counts in any; none if one is missing. */
  private static @Nullable Value anyOf(Site site, List<? extends @Nullable Value> masks) {
    if (masks.stream().anyMatch(Objects::isNull)) {
      return null;
    }
    GraphBuilder b = site.b();
    Value any = null;
    for (Value mask : masks) {
      Value truth = b.cast(Objects.requireNonNull(mask), ElementType.BOOL);
      any = any == null ? truth : b.or(any, truth);
    }
    return masks.size() == 1
        ? masks.get(0)
        : b.cast(Objects.requireNonNull(any), ElementType.FLOAT);
  }

  /** For each step of {@code [T,N,...]}, as recurrent layers take it: {@code [T,N,1]}. */
  static @Nullable Value steps(Site site) {
    Value mask = site.mask();
    return mask == null ? null : site.b().unsqueeze(site.b().transpose(mask, 1, 0), 2);
  }
}
