package dev.sardonyx.export.passes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.BackendSuite;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.RandomMessages;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.pass.FixedDefaults;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.PassResult;
import dev.sardonyx.ir.pass.Passes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every pass on models that nobody made for passes. */
class PassesOnManyModelsTest {
  /** Cases that draw random numbers: only the types of their outputs are compared. */
  private static final Pattern RANDOM = Pattern.compile("node/test_bernoulli.*");

  private static Map<String, Pass> passes() {
    Map<String, Pass> passes = new LinkedHashMap<>();
    Passes.names().forEach(name -> passes.put(name, Passes.named(name)));
    passes.put("simplify", Passes.simplify());
    return passes;
  }

  /** The outputs stay the very same, bit by bit. */
  @Test
  void theSuiteKeepsItsMeaning() throws Exception {
    Map<String, Integer> changed = new TreeMap<>();
    try (BackendSuite suite = BackendSuite.open()) {
      for (String file : suite.models()) {
        Model model = OnnxReader.read(suite.bytes(file));
        List<Map<String, Datum>> inputs = new ArrayList<>();
        for (String set : suite.dataSets(file)) {
          inputs.add(suite.inputs(set, model.graph()));
        }
        boolean random = RANDOM.matcher(file).matches();
        List<Map<String, Object>> outcomes = outcomes(model, inputs, random);
        for (Map.Entry<String, Pass> pass : passes().entrySet()) {
          String where = pass.getKey() + " on " + file;
          PassResult result = pass.getValue().apply(model);
          if (result.isChanged()) {
            changed.merge(pass.getKey(), 1, Integer::sum);
            assertEquals(outcomes, outcomes(result.model(), inputs, random), where);
          }
          assertProper(pass.getValue(), model, result, where);
        }
      }
    }
    System.out.println("Models of the suite that passes changed: " + changed);
    assertTrue(changed.getOrDefault("simplify", 0) >= 1_000, changed.toString());
  }

  /** For each run the outputs, or only their types; that it fails where it does. */
  private static List<Map<String, Object>> outcomes(
      Model model, List<Map<String, Datum>> inputs, boolean random) {
    List<Map<String, Object>> outcomes = new ArrayList<>();
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      for (Map<String, Datum> one : inputs) {
        Map<String, Object> outcome = new TreeMap<>();
        prepared
            .run(one)
            .forEach((name, value) -> outcome.put(name, random ? value.type() : value));
        outcomes.add(outcome);
      }
    } catch (EvaluationException e) {
      outcomes.add(Map.of("fails", true));
    }
    return outcomes;
  }

  private static void assertProper(Pass pass, Model before, PassResult result, String where) {
    Model after = result.model();
    assertEquals(interfaceOf(withFixedDefaults(before, where)), interfaceOf(after), where);
    if (!result.isChanged()) {
      assertSame(before, after, where + ": unchanged models stay the same object");
      return;
    }
    if (Checker.check(before).isValid()) {
      assertEquals("", Checker.check(after).toString(), where + ": problems");
    }
    PassResult again = pass.apply(after);
    assertEquals(List.of(), again.changes(), where + " a second time");
    assertSame(after, again.model(), where + " a second time");
  }

  /** In old files weights are inputs, too, which these passes take back. */
  private static Model withFixedDefaults(Model model, String where) {
    boolean takenBack = where.startsWith("simplify ") || where.startsWith("fixed-defaults ");
    return takenBack ? new FixedDefaults().apply(model).model() : model;
  }

  private static List<String> interfaceOf(Model model) {
    List<String> names = new ArrayList<>();
    model.graph().inputs().forEach(input -> names.add("input " + input.name()));
    model.graph().outputs().forEach(output -> names.add("output " + output.name()));
    return names;
  }

  /** Cycles are refused, for nobody can sort them or inline them away; nothing else goes wrong. */
  @Test
  void modelsThatNobodyWouldWriteDoNoHarm() throws Exception {
    RandomMessages messages = new RandomMessages(11);
    for (int i = 0; i < 1_000; i++) {
      Model model = OnnxReader.read(messages.model().toByteArray());
      for (Map.Entry<String, Pass> pass : passes().entrySet()) {
        String where = pass.getKey() + " on model " + i;
        try {
          assertProper(pass.getValue(), model, pass.getValue().apply(model), where);
        } catch (IllegalArgumentException e) {
          assertTrue(String.valueOf(e.getMessage()).contains("in a cycle"), where + ": " + e);
        }
      }
    }
  }
}
