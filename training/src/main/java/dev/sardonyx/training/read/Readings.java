package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleStrengthLayer;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LearnedSelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.Pooling1D;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffOutputLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.conf.ocnn.OCNNOutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.Cnn3DToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnn3DPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;

/**
 * What DL4J's networks are made of, each class with how it is read or why it is not: the one place
 * to add another. Activation functions have a table of their own, {@link ActivationReadings}.
 */
@SuppressWarnings("deprecation") // saved networks still have Graves' layers
public final class Readings {
  private static final String FOREIGN = "it is not one of DL4J's own classes";

  /** The classes of DL4J's that are not read, with the reason. */
  private static final Map<Class<?>, String> REFUSED =
      Map.of(
          LearnedSelfAttentionLayer.class,
          "DL4J itself fails on it (its operation scatter_update), so nothing says what it should give");

  private static final Map<Class<?>, ReadableType<?>> BY_CLASS = new LinkedHashMap<>();

  /** Classes of which users make their own, SameDiff's: any that extends one. */
  private static final List<ReadableType<?>> OPEN =
      List.of(
          open(SameDiffLayer.class, SameDiffParts::layer),
          open(SameDiffOutputLayer.class, SameDiffParts::output),
          new ReadableType<>(SameDiffVertex.class, SameDiffParts::vertex, what -> null));

  static {
    // Feed-forward layers
    layer(DenseLayer.class, DenseLayers::dense);
    layer(ActivationLayer.class, ActivationReadings::layer, ActivationReadings::whyNotLayer);
    layer(DropoutLayer.class, (layer, site, x) -> x);
    layer(EmbeddingLayer.class, Embeddings::one);
    layer(EmbeddingSequenceLayer.class, Embeddings::sequence);
    layer(ElementWiseMultiplicationLayer.class, DenseLayers::elementWise);
    layer(PReLULayer.class, ActivationReadings::preluLayer);
    layer(RepeatVector.class, Resizing::repeat);
    layer(AutoEncoder.class, DenseLayers::autoEncoder);
    layer(VariationalAutoencoder.class, DenseLayers::variational, DenseLayers::whyNotVariational);

    // Convolution
    layer(ConvolutionLayer.class, ConvolutionReadings::conv2d);
    layer(Convolution2D.class, ConvolutionReadings::conv2d);
    layer(Convolution1DLayer.class, ConvolutionReadings::conv1d);
    layer(Convolution1D.class, ConvolutionReadings::conv1d);
    layer(Convolution3D.class, ConvolutionReadings::conv3d);
    layer(Deconvolution2D.class, Deconvolutions::deconv2d);
    layer(Deconvolution3D.class, Deconvolutions::deconv3d);
    layer(DepthwiseConvolution2D.class, ConvolutionReadings::depthwise);
    layer(
        SeparableConvolution2D.class,
        ConvolutionReadings::separable,
        ConvolutionReadings::whyNotSeparable);
    layer(LocallyConnected1D.class, LocallyConnected::sequence);
    layer(LocallyConnected2D.class, LocallyConnected::image);

    // Pooling
    layer(SubsamplingLayer.class, PoolingReadings::pool2d, PoolingReadings::whyNotWindows);
    layer(Pooling2D.class, PoolingReadings::pool2d, PoolingReadings::whyNotWindows);
    layer(Subsampling1DLayer.class, PoolingReadings::pool1d, PoolingReadings::whyNotSequences);
    layer(Pooling1D.class, PoolingReadings::pool1d, PoolingReadings::whyNotSequences);
    layer(Subsampling3DLayer.class, PoolingReadings::pool3d);
    layer(GlobalPoolingLayer.class, PoolingReadings::global);

    // Shape
    layer(Upsampling1D.class, Resizing::upsampling1d);
    layer(Upsampling2D.class, Resizing::upsampling2d);
    layer(Upsampling3D.class, Resizing::upsampling3d);
    layer(ZeroPadding1DLayer.class, Resizing::padding1d);
    layer(ZeroPaddingLayer.class, Resizing::padding2d);
    layer(ZeroPadding3DLayer.class, Resizing::padding3d);
    layer(Cropping1D.class, Resizing::cropping1d);
    layer(Cropping2D.class, Resizing::cropping2d);
    layer(Cropping3D.class, Resizing::cropping3d);
    layer(SpaceToDepthLayer.class, Resizing::spaceToDepth);
    layer(SpaceToBatchLayer.class, Resizing::spaceToBatch);

    // Normalisation
    layer(
        BatchNormalization.class, NormalizationReadings::batch, NormalizationReadings::whyNotBatch);
    layer(LocalResponseNormalization.class, NormalizationReadings::localResponse);

    // Output
    layer(OutputLayer.class, OutputLayers::output);
    layer(LossLayer.class, OutputLayers::loss);
    layer(CnnLossLayer.class, OutputLayers::imageLoss);
    layer(Cnn3DLossLayer.class, OutputLayers::volumeLoss);
    layer(CenterLossOutputLayer.class, OutputLayers::output);
    layer(OCNNOutputLayer.class, OutputLayers::oneClass);
    layer(RnnOutputLayer.class, OutputLayers::sequenceOutput);
    layer(RnnLossLayer.class, OutputLayers::sequenceLoss);
    layer(Yolo2OutputLayer.class, OutputLayers::yolo);

    // Recurrent
    layer(LSTM.class, Recurrent::recurrent, Recurrent::whyNotGates);
    layer(GravesLSTM.class, Recurrent::recurrent, Recurrent::whyNotGates);
    layer(SimpleRnn.class, Recurrent::recurrent, Recurrent::whyNotSimple);
    layer(GravesBidirectionalLSTM.class, Recurrent::gravesBidirectional, Recurrent::whyNotGates);
    layer(Bidirectional.class, Recurrent::bidirectional, Recurrent::whyNotBidirectional);
    layer(LastTimeStep.class, Recurrent::lastStep, Recurrent::whyNotLastStep);
    layer(TimeDistributed.class, Recurrent::timeDistributed, Recurrent::whyNotTimeDistributed);
    layer(MaskLayer.class, Recurrent::mask);
    layer(MaskZeroLayer.class, Recurrent::maskZero, Recurrent::whyNotMaskZero);

    // Attention
    layer(SelfAttentionLayer.class, AttentionReadings::self);
    layer(RecurrentAttentionLayer.class, AttentionReadings::recurrent);

    // Capsules, which are SameDiff layers
    layer(PrimaryCapsules.class, SameDiffParts::layer);
    layer(CapsuleLayer.class, SameDiffParts::layer);
    layer(CapsuleStrengthLayer.class, SameDiffParts::layer);

    // Wrappers
    layer(FrozenLayer.class, Wrappers::frozen, Wrappers::whyNotFrozen);
    layer(
        FrozenLayerWithBackprop.class,
        Wrappers::frozenWithBackprop,
        Wrappers::whyNotFrozenWithBackprop);

    // Vertices
    vertex(ElementWiseVertex.class, Vertices::elementWise);
    vertex(MergeVertex.class, Vertices::merge);
    vertex(SubsetVertex.class, Vertices::subset);
    vertex(StackVertex.class, Vertices::stack);
    vertex(UnstackVertex.class, Vertices::unstack);
    vertex(ScaleVertex.class, Vertices::scale);
    vertex(ShiftVertex.class, Vertices::shift);
    vertex(ReshapeVertex.class, Vertices::reshape);
    vertex(L2Vertex.class, Vertices::distance);
    vertex(L2NormalizeVertex.class, Vertices::normalize);
    vertex(PoolHelperVertex.class, Vertices::poolHelper);
    vertex(PreprocessorVertex.class, Wrappers::preprocessor, Wrappers::whyNotPreprocessor);
    vertex(LastTimeStepVertex.class, Vertices::lastStep);
    vertex(ReverseTimeSeriesVertex.class, Vertices::reversed);
    vertex(DuplicateToTimeSeriesVertex.class, Vertices::duplicated);
    vertex(AttentionVertex.class, AttentionReadings::vertex);
    vertex(FrozenVertex.class, Wrappers::frozenVertex, Wrappers::whyNotFrozenVertex);

    // Preprocessors
    preprocessor(CnnToFeedForwardPreProcessor.class, Preprocessors::cnnToFeedForward);
    preprocessor(FeedForwardToCnnPreProcessor.class, Preprocessors::feedForwardToCnn);
    preprocessor(Cnn3DToFeedForwardPreProcessor.class, Preprocessors::cnn3dToFeedForward);
    preprocessor(FeedForwardToCnn3DPreProcessor.class, Preprocessors::feedForwardToCnn3d);
    preprocessor(RnnToFeedForwardPreProcessor.class, Preprocessors::rnnToFeedForward);
    preprocessor(FeedForwardToRnnPreProcessor.class, Preprocessors::feedForwardToRnn);
    preprocessor(CnnToRnnPreProcessor.class, Preprocessors::cnnToRnn);
    preprocessor(RnnToCnnPreProcessor.class, Preprocessors::rnnToCnn);
    preprocessor(
        ComposableInputPreProcessor.class, Preprocessors::composed, Preprocessors::whyNotComposed);
  }

  private Readings() {}

  private static <C extends Layer> ReadableType<C> open(
      Class<C> type, Reading.OfOne<? super C> reading) {
    return new ReadableType<>(
        type, (what, site, inputs) -> reading.read(what, site, inputs.get(0)), what -> null);
  }

  private static Optional<ReadableType<?>> entry(Object what) {
    ReadableType<?> entry = BY_CLASS.get(what.getClass());
    return entry != null
        ? Optional.of(entry)
        : OPEN.stream().filter(type -> type.type().isInstance(what)).findFirst();
  }

  private static <C extends Layer> void layer(Class<C> type, Reading.OfOne<? super C> reading) {
    layer(type, reading, what -> null);
  }

  private static <C extends Layer> void layer(
      Class<C> type,
      Reading.OfOne<? super C> reading,
      ReadableType.Restriction<? super C> refusal) {
    add(type, (what, site, inputs) -> reading.read(what, site, inputs.get(0)), refusal);
  }

  private static <C extends InputPreProcessor> void preprocessor(
      Class<C> type, Reading.OfOne<? super C> reading) {
    preprocessor(type, reading, what -> null);
  }

  private static <C extends InputPreProcessor> void preprocessor(
      Class<C> type,
      Reading.OfOne<? super C> reading,
      ReadableType.Restriction<? super C> refusal) {
    add(type, (what, site, inputs) -> reading.read(what, site, inputs.get(0)), refusal);
  }

  private static <C extends GraphVertex> void vertex(Class<C> type, Reading<? super C> reading) {
    vertex(type, reading, what -> null);
  }

  private static <C extends GraphVertex> void vertex(
      Class<C> type, Reading<? super C> reading, ReadableType.Restriction<? super C> refusal) {
    add(type, reading, refusal);
  }

  private static <C> void add(
      Class<C> type, Reading<? super C> reading, ReadableType.Restriction<? super C> refusal) {
    BY_CLASS.put(type, new ReadableType<>(type, reading, refusal));
  }

  /** The classes that are read, at least with some settings. */
  public static Set<Class<?>> read() {
    return Collections.unmodifiableSet(BY_CLASS.keySet());
  }

  /** The classes of DL4J's own that are never read, with the reasons. */
  public static Map<Class<?>, String> refused() {
    return REFUSED;
  }

  /** Why a layer, vertex or preprocessor cannot be read, as far as its settings tell. */
  static Optional<String> whyNot(Object what) {
    String refused = REFUSED.get(what.getClass());
    ReadableType<?> entry = entry(what).orElse(null);
    if (refused != null || entry == null) {
      return Optional.of(refused == null ? FOREIGN : refused);
    }
    Optional<String> reason = entry.whyNot(what);
    return reason.isPresent() || !(what instanceof BaseLayer layer)
        ? reason
        : ActivationReadings.whyNot(layer.getActivationFn());
  }

  /**
   * Adds the nodes of a layer, vertex or preprocessor.
   *
   * @return what it computes
   */
  static Value read(Object what, Site site, List<Value> inputs) {
    ReadableType<?> entry = entry(what).orElse(null);
    if (entry == null || REFUSED.containsKey(what.getClass())) {
      throw site.refuse(whyNot(what).orElse(FOREIGN));
    }
    return entry.read(what, site, inputs);
  }
}
