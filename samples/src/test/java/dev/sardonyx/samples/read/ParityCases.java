package dev.sardonyx.samples.read;

import java.util.function.Supplier;
import java.util.stream.Stream;

/** All networks that are compared with what is exported from them, in families. */
final class ParityCases {
  private ParityCases() {}

  static Stream<ParityCase> all() {
    return Stream.<Supplier<Stream<ParityCase>>>of(
            ActivationCases::all,
            FeedForwardCases::all,
            ConvolutionCases::all,
            PoolingCases::all,
            NormalizationCases::all,
            ShapeCases::all,
            OutputCases::all,
            RecurrentCases::all,
            AttentionCases::all,
            VertexCases::all,
            SameDiffCases::all)
        .flatMap(Supplier::get);
  }
}
