package dev.sardonyx.runtime.convert;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.convert.OpsetConversion;
import dev.sardonyx.ir.convert.OpsetConversionException;
import dev.sardonyx.ir.convert.Refusal;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.DatumComparison;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.RandomValues;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.runtime.conformance.Suite;
import dev.sardonyx.runtime.conformance.SuiteCase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The models of the ONNX backend suite, each converted to several opsets and run before and after,
 * on the inputs that the suite has for it.
 */
final class SuiteConversion {
  /** What came of one opset. */
  static final class Tally {
    int same;
    int converted;
    int refused;
    long nanos;
    final List<String> wrong = new ArrayList<>();

    /** Cases whose model or result the backend does not take. */
    int notRun;
  }

  /** What one version of ONNX Runtime's own kernels computes otherwise than another. */
  private static final Set<String> OTHERWISE_IN_ORT =
      Set.of(
          "node/test_attention_4d_with_past_and_present_qk_matmul_bias_4d_mask_causal",
          "node/test_dropout_default_mask");

  private final Backend backend;
  private final Map<Integer, Tally> tallies = new TreeMap<>();
  private final Map<String, Integer> reasons = new TreeMap<>();

  SuiteConversion(Backend backend) {
    this.backend = backend;
  }

  Map<Integer, Tally> tallies() {
    return tallies;
  }

  /** How often nodes were refused, by operator and reason. */
  Map<String, Integer> reasons() {
    return reasons;
  }

  List<String> wrong() {
    return tallies.entrySet().stream()
        .flatMap(e -> e.getValue().wrong.stream().map(w -> "to " + e.getKey() + ": " + w))
        .toList();
  }

  SuiteConversion run(List<Integer> opsets, String filter) throws IOException {
    try (Suite suite = Suite.onnx()) {
      for (SuiteCase suiteCase : suite.cases()) {
        if (!(backend instanceof OrtBackend && OTHERWISE_IN_ORT.contains(suiteCase.name()))
            && suiteCase.name().matches(filter)
            && suiteCase.model().opset("").isPresent()) {
          run(suiteCase, opsets);
        }
      }
    }
    return this;
  }

  private void run(SuiteCase suiteCase, List<Integer> opsets) throws IOException {
    Model model = suiteCase.model();
    List<SuiteCase.DataSet> sets = suiteCase.dataSets();
    Optional<List<Map<String, Datum>>> before = results(model, sets);
    boolean isValid = errors(model).isEmpty();
    for (int opset : opsets) {
      Tally tally = tallies.computeIfAbsent(opset, o -> new Tally());
      try {
        long start = System.nanoTime();
        Model converted = OpsetConversion.to(opset).apply(model).model();
        tally.nanos += System.nanoTime() - start;
        if (converted.equals(model)) {
          tally.same++;
          continue;
        }
        tally.converted++;
        String wrong = isValid ? errors(converted) : "";
        if (wrong.isEmpty()) {
          wrong = compare(suiteCase, model, converted, before, tally);
        }
        if (!wrong.isEmpty()) {
          tally.wrong.add(suiteCase.name() + ": " + wrong);
        }
      } catch (OpsetConversionException e) {
        tally.refused++;
        for (Refusal refusal : e.refusals()) {
          reasons.merge(refusal.operator() + ": " + refusal.reason(), 1, Integer::sum);
        }
      } catch (RuntimeException e) {
        tally.wrong.add(suiteCase.name() + ": " + e);
      }
    }
  }

  private String compare(
      SuiteCase suiteCase,
      Model model,
      Model converted,
      Optional<List<Map<String, Datum>>> before,
      Tally tally)
      throws IOException {
    if (before.isEmpty()) {
      tally.notRun++;
      return "";
    }
    if (converted.opset("").orElse(0) != model.opset("").orElse(0)
        && backend.whyUnsupported(converted).isPresent()) {
      tally.notRun++;
      return "";
    }
    List<Map<String, Datum>> after = new ArrayList<>();
    try (PreparedModel prepared = backend.prepare(converted)) {
      for (SuiteCase.DataSet set : suiteCase.dataSets()) {
        after.add(prepared.run(set.inputs()));
      }
    } catch (UnsupportedModelException e) {
      if (backend instanceof ReferenceBackend) {
        throw e;
      }
      tally.notRun++; // it has no kernel of that version and these types
      return "";
    }
    return difference(before.get(), after, RandomValues.of(model), suiteCase.tolerance());
  }

  private static String difference(
      List<Map<String, Datum>> before,
      List<Map<String, Datum>> after,
      Set<String> random,
      Tolerance tolerance) {
    for (int i = 0; i < before.size(); i++) {
      for (Map.Entry<String, Datum> expected : before.get(i).entrySet()) {
        Datum actual = after.get(i).get(expected.getKey());
        Optional<String> difference =
            random.contains(expected.getKey())
                ? DatumComparison.differenceInType(actual, expected.getValue())
                : DatumComparison.difference(actual, expected.getValue(), tolerance);
        if (difference.isPresent()) {
          return expected.getKey() + ": " + difference.get();
        }
      }
    }
    return "";
  }

  private Optional<List<Map<String, Datum>>> results(Model model, List<SuiteCase.DataSet> sets) {
    if (backend.whyUnsupported(model).isPresent()) {
      return Optional.empty();
    }
    try (PreparedModel prepared = backend.prepare(model)) {
      List<Map<String, Datum>> results = new ArrayList<>();
      for (SuiteCase.DataSet set : sets) {
        results.add(new LinkedHashMap<>(prepared.run(set.inputs())));
      }
      return Optional.of(results);
    } catch (RuntimeException e) {
      return Optional.empty(); // what the suite's own test tells
    }
  }

  private static String errors(Model model) {
    return Checker.check(model).errors().stream().findFirst().map(Problem::toString).orElse("");
  }

  String table() {
    StringBuilder table =
        new StringBuilder("opset  same  converted  refused  wrong  not run  us a model\n");
    tallies.forEach(
        (opset, t) ->
            table.append(
                String.format(
                    Locale.ROOT,
                    "%5d %5d %10d %8d %6d %8d %11d%n",
                    opset,
                    t.same,
                    t.converted,
                    t.refused,
                    t.wrong.size(),
                    t.notRun,
                    t.nanos / 1000 / Math.max(1, t.same + t.converted))));
    return table.toString();
  }
}
