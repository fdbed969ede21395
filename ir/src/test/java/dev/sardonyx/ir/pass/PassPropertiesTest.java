package dev.sardonyx.ir.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.check.Checker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each pass on random models: the result is valid, has the same inputs and outputs, computes the
 * same (evaluated before and after), and is not changed by the same pass again.
 */
class PassPropertiesTest {
  private static final int MODELS = 60;
  private static final int STEPS = 25;

  @TestFactory
  Stream<DynamicTest> everyPassKeepsTheMeaning() {
    return Stream.concat(
        Passes.names().stream().map(n -> dynamicTest(n, () -> check(n, Passes.named(n)))),
        Stream.of(dynamicTest("simplify", () -> check("simplify", Passes.simplify()))));
  }

  private static void check(String name, Pass pass) {
    int changed = 0;
    for (int seed = 0; seed < MODELS; seed++) {
      Model before = RandomModels.model(seed, STEPS);
      if (name.equals("topological-sort")) {
        before = shuffled(before, seed);
      } else if (name.equals("node-naming")) {
        before = before.withGraph(before.graph().withNodes(unnamed(before.graph().nodes())));
      } else if (name.equals("conv-batch-norm")) {
        before = new ConstantFolding().apply(before).model();
      }
      PassResult result = pass.apply(before);
      String where = name + " on model " + seed;
      changed += result.isChanged() ? 1 : 0;
      Model after = result.model();
      assertEquals("", Checker.check(after).toString().strip(), where + ": problems");
      assertEquals(names(before), names(after), where);
      Model sorted = new TopologicalSort().apply(before).model();
      Map<String, Tensor> inputs = RandomModels.inputs(before, seed);
      compare(RandomModels.run(sorted, inputs), RandomModels.run(after, inputs), where);
      PassResult again = pass.apply(after);
      assertEquals(List.of(), again.changes(), where + " a second time");
      assertSame(after, again.model(), where + " a second time");
      if (!result.isChanged()) {
        assertSame(before, after, where + ": unchanged models stay the same object");
      }
    }
    if (!name.equals("infer-types")) { // the builder has inferred all types
      assertTrue(changed > MODELS / 4, name + " changed only " + changed + " of " + MODELS);
    }
  }

  private static List<String> names(Model model) {
    List<String> names = new ArrayList<>();
    model.graph().inputs().forEach(i -> names.add(i.name() + " " + i.type()));
    model.graph().outputs().forEach(o -> names.add(o.name() + " " + o.type()));
    return names;
  }

  private static Model shuffled(Model model, long seed) {
    List<Node> nodes = new ArrayList<>(model.graph().nodes());
    Collections.shuffle(nodes, new Random(seed));
    return model.withGraph(model.graph().withNodes(nodes));
  }

  private static List<Node> unnamed(List<Node> nodes) {
    return nodes.stream().map(n -> n.withName("")).toList();
  }

  private static void compare(Map<String, Datum> before, Map<String, Datum> after, String where) {
    assertEquals(before.keySet(), after.keySet(), where);
    for (String name : before.keySet()) {
      float[] a = ((Tensor) before.get(name)).toFloats();
      float[] b = ((Tensor) after.get(name)).toFloats();
      assertEquals(a.length, b.length, where + ": elements of " + name);
      for (int i = 0; i < a.length; i++) {
        if (!(Math.abs(a[i] - b[i]) <= 1e-5 + 1e-4 * Math.abs(a[i])) && a[i] != b[i]) {
          fail(where + ": " + name + " differs at " + i + ": " + a[i] + " and " + b[i]);
        }
      }
    }
  }

  @Test
  void simplifyingLeavesLittle() {
    int before = 0;
    int after = 0;
    for (int seed = 0; seed < 20; seed++) {
      Model model = RandomModels.model(seed, STEPS);
      Model simple = Passes.simplify().apply(model).model();
      before += model.graph().nodes().size();
      after += simple.graph().nodes().size();
      assertTrue(simple.functions().isEmpty(), "all functions are inlined");
      assertFalse(
          simple.graph().nodes().stream()
              .anyMatch(n -> n.is("Shape") || n.is("BatchNormalization")),
          () -> Listing.of(simple));
      for (Output output : simple.graph().outputs()) {
        assertTrue(output.type().isKnown(), output.name());
      }
    }
    assertTrue(after < before * 2 / 3, before + " nodes became " + after);
  }
}
