package dev.sardonyx.samples;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import dev.sardonyx.runtime.input.MadeUpInputs;
import dev.sardonyx.runtime.session.Accelerator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/**
 * The options of all commands that write a model and prove before that ONNX Runtime computes with
 * it what the original gives.
 */
@SuppressWarnings("NullAway.Init")
final class Proof {
  /** The size used for dimensions that the file leaves open, except the batch, if it fits. */
  private static final long OPEN_SIZE = 32;

  private static final String BATCH = "N";

  @Option(names = "--no-verify", description = "Write the model without running it.")
  private boolean unverified;

  @Option(
      names = "--dim",
      paramLabel = "NAME=N",
      description =
          "Size of a symbol in the inputs' shapes for the verification; 1 for the batch N and "
              + OPEN_SIZE
              + " for others not named, or what fits the model.")
  private Map<String, Long> dims = new LinkedHashMap<>();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Decides the inputs of the verification (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private AcceleratorOption accelerator;

  @Mixin private ToleranceOptions tolerance;

  /** Makes sure that the options are valid, apart from the symbols' names. */
  void requireValid(CommandSpec spec) {
    tolerance.tolerance(spec);
    accelerator.name(spec);
  }

  /** The symbols that are given sizes. */
  Set<String> symbols() {
    return dims.keySet();
  }

  /** Makes sure that the sizes given are of known symbols. */
  void requireKnownDims(CommandSpec spec, Set<String> known) {
    DimSizes.require(spec, dims, known);
  }

  /**
   * Whether a model computes what the original does, which is printed; always, if no proof is
   * wanted.
   */
  boolean holds(CommandSpec spec, Console console, Model changed, Model given, Backend original) {
    if (unverified) {
      return true;
    }
    Tolerance allowed = tolerance.tolerance(spec);
    Verifier verifier =
        Verifier.of(OrtBackend.of(Accelerator.of(accelerator.name(spec))))
            .withTolerance(allowed)
            .outputsOnly();
    Map<String, Long> usual = usualSizes(given);
    boolean fits = MadeUpInputs.fit(given, usual);
    Map<String, Long> sizes = fits ? usual : givenSizes(usual);
    try {
      VerificationReport report =
          verifier.against(original, changed, given, List.of(MadeUpInputs.of(given, sizes, seed)));
      if (report.passed()) {
        console.block(report.table());
      } else {
        console.results(report.table());
      }
      return report.passed();
    } catch (RuntimeException e) {
      if (!Failures.isExpected(e)) {
        throw e;
      }
      String advice =
          fits || usual.isEmpty()
              ? "--no-verify writes the model without running it"
              : "other sizes than those tried may fit: --dim %s=N"
                  .formatted(String.join("=N --dim ", usual.keySet()));
      throw new UnsupportedModelException("%s; %s".formatted(e.getMessage(), advice), e);
    }
  }

  private Map<String, Long> usualSizes(Model model) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    MadeUpInputs.symbols(model).forEach(s -> sizes.put(s, s.equals(BATCH) ? 1 : OPEN_SIZE));
    sizes.putAll(DimSizes.of(model, dims));
    return sizes;
  }

  /** Without what is left to choose so that the model's shapes fit. */
  private Map<String, Long> givenSizes(Map<String, Long> usual) {
    Map<String, Long> sizes = new LinkedHashMap<>(usual);
    sizes.keySet().removeIf(symbol -> !symbol.equals(BATCH) && !dims.containsKey(symbol));
    return sizes;
  }
}
