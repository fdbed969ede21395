package dev.sardonyx.samples.read.samediff;

import java.util.List;
import java.util.stream.Stream;

/** The cases of all namespaces. */
final class AllOperators {
  static final List<OperatorCase> CASES =
      Stream.of(
              MathCases.all(),
              NnCases.all(),
              CnnCases.all(),
              RnnCases.all(),
              BaseCases.all(),
              ImageCases.all(),
              LinalgCases.all(),
              BitwiseCases.all(),
              RandomCases.all(),
              LossCases.all())
          .flatMap(List::stream)
          .toList();

  private AllOperators() {}
}
