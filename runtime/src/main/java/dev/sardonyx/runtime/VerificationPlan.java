package dev.sardonyx.runtime;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.backend.Backend;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a verification compares.
 *
 * @param expectations how exactly
 * @param outputs the graph's outputs to compare
 * @param exposed outputs and intermediate values in graph order, for a session that gives them all;
 *     empty if no intermediate value is compared
 * @param asked what the reference is asked for
 * @param notes what is left out, and why
 */
record VerificationPlan(
    Verifier verifier,
    Expectations expectations,
    List<String> outputs,
    List<String> exposed,
    List<String> asked,
    List<String> notes) {
  /** How many names a note shows. */
  private static final int SHOWN = 5;

  /** Compares the outputs only. */
  static VerificationPlan ofOutputs(Verifier verifier, Model model) {
    Expectations expectations = Expectations.of(model, verifier.tolerance());
    Omissions omitted = new Omissions(expectations);
    List<String> outputs = omitted.without(outputNames(model));
    return new VerificationPlan(
        verifier, expectations, outputs, List.of(), outputs, omitted.notes());
  }

  /**
   * Compares the outputs and, if the verifier says so, the intermediate values that both backends
   * have.
   */
  static VerificationPlan of(
      Verifier verifier, Backend reference, Model model, Model referenceModel) {
    Expectations expectations = Expectations.of(model, verifier.tolerance());
    Omissions omitted = new Omissions(expectations);
    List<String> outputs = omitted.without(outputNames(model));
    Set<String> known = new LinkedHashSet<>(reference.observableValues(referenceModel));
    Set<String> asked = new LinkedHashSet<>(outputs);
    List<String> exposed = List.of();
    if (verifier.intermediates()) {
      List<String> values = new ArrayList<>();
      for (String name : omitted.without(verifier.candidate().observableValues(model))) {
        if (known.contains(name)) {
          values.add(name);
        } else if (!outputs.contains(name)) {
          omitted.add(name, "not known to " + reference.name());
        }
      }
      if (!new HashSet<>(outputs).containsAll(values)) {
        Set<String> all = new LinkedHashSet<>(values);
        all.addAll(outputs);
        exposed = List.copyOf(all);
        asked.addAll(all);
      }
    }
    expectations.quantised().stream().filter(known::contains).forEach(asked::add);
    return new VerificationPlan(
        verifier, expectations, outputs, exposed, List.copyOf(asked), omitted.notes());
  }

  private static List<String> outputNames(Model model) {
    return model.graph().outputs().stream().map(Output::name).distinct().toList();
  }

  /** Values that are not compared, by the reason. */
  private record Omissions(Expectations expectations, Map<String, Set<String>> byReason) {
    Omissions(Expectations expectations) {
      this(expectations, new LinkedHashMap<>());
    }

    void add(String name, String reason) {
      byReason.computeIfAbsent(reason, r -> new LinkedHashSet<>()).add(name);
    }

    /** The values that are worth comparing; the others are recorded with the reason. */
    List<String> without(List<String> names) {
      List<String> compared = new ArrayList<>();
      for (String name : names) {
        String reason = expectations.whyNotCompared(name);
        if (reason == null) {
          compared.add(name);
        } else {
          add(name, reason);
        }
      }
      return compared;
    }

    List<String> notes() {
      List<String> notes = new ArrayList<>();
      byReason.forEach(
          (reason, names) -> {
            String shown = String.join(", ", names.stream().limit(SHOWN).toList());
            String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
            notes.add("Not compared (" + reason + "): " + shown + more);
          });
      return notes;
    }
  }
}
