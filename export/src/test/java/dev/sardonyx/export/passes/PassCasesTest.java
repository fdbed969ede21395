package dev.sardonyx.export.passes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sardonyx.export.text.ModelPrinter;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.pass.Change;
import dev.sardonyx.ir.pass.PassResult;
import dev.sardonyx.ir.pass.Passes;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each pass makes of the models under {@code resources/passes}; see {@link PassCase}. */
class PassCasesTest {
  private static final int RUNS = 8;

  /** Passes whose outcomes may differ by rounding, as their documentation says. */
  private static final Set<String> ROUNDING =
      Set.of(
          "conv-batch-norm", "gemm", "product-chains", "standard-operators", "transpose-pushing");

  static List<PassCase> cases() throws IOException, URISyntaxException {
    URL folder = Objects.requireNonNull(PassCasesTest.class.getResource("/passes"));
    try (Stream<Path> files = Files.walk(Path.of(folder.toURI()))) {
      return files.filter(Files::isRegularFile).sorted().map(PassCase::read).toList();
    }
  }

  @Test
  void everyPassHasCases() throws Exception {
    Map<String, Long> counts =
        cases().stream()
            .collect(Collectors.groupingBy(PassCase::pass, TreeMap::new, Collectors.counting()));
    assertEquals(new TreeSet<>(Passes.names()), counts.keySet(), "passes with cases");
    counts.forEach((pass, count) -> assertTrue(count >= 4, pass + " has only " + count));
  }

  /** So that a file shows nothing but what the case is about, and differences are real. */
  @ParameterizedTest
  @MethodSource("cases")
  void isWrittenAsThePrinterWrites(PassCase c) {
    assertSameLines(c.before(), ModelPrinter.print(c.modelBefore()), c + ": before");
    assertSameLines(c.after(), ModelPrinter.print(c.modelAfter()), c + ": after");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesTheModelAndSaysTheChanges(PassCase c) {
    Model before = c.modelBefore();
    PassResult result = Passes.named(c.pass()).apply(before);
    assertSameLines(c.after(), ModelPrinter.print(result.model()), c.toString());
    assertSameLines(
        lines(c.changes()),
        lines(result.changes().stream().map(Change::toString).toList()),
        c + ": changes");
    if (c.isUnchanged()) {
      assertSame(before, result.model(), c + ": an unchanged model is the same object");
    }
    assertEquals(List.of(), errors(result.model()), c + ": errors of the resulting model");
  }

  /** What inlining does with functions of other opsets is shown although they are errors. */
  private static List<Problem> errors(Model model) {
    return Checker.check(model).errors().stream()
        .filter(p -> p.code() != ProblemCode.FUNCTION_OPSET)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void changesNothingTheSecondTime(PassCase c) {
    Model after = c.modelAfter();
    PassResult again = Passes.named(c.pass()).apply(after);
    assertEquals("", lines(again.changes().stream().map(Change::toString).toList()), c.toString());
    assertSame(after, again.model(), c + ": an unchanged model is the same object");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void keepsTheMeaning(PassCase c) {
    Model before = c.modelBefore();
    if (c.pass().equals("topological-sort") && !c.isUnchanged()) {
      assertFalse(Checker.check(before).isValid(), c + " is in order already");
      return; // what is not in order cannot be run
    }
    assertEquals(List.of(), errors(before), c + ": errors of the model before");
    for (int seed = 0; seed < RUNS; seed++) {
      Map<String, Tensor> inputs = RandomInputs.of(before.graph(), seed);
      if (c.pass().equals("fixed-defaults") && !c.isUnchanged()) {
        before.graph().constants().forEach(fixed -> inputs.remove(fixed.name()));
      }
      assertClose(
          run(before, inputs),
          run(c.modelAfter(), inputs),
          ROUNDING.contains(c.pass()) ? 1e-5 : 0,
          c + " with " + inputs);
    }
  }

  private static Map<String, Datum> run(Model model, Map<String, Tensor> inputs) {
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      return prepared.run(inputs);
    }
  }

  private static void assertClose(
      Map<String, Datum> before, Map<String, Datum> after, double tolerance, String where) {
    assertEquals(before.keySet(), after.keySet(), where);
    for (String output : before.keySet()) {
      Datum a = before.get(output);
      Datum b = after.get(output);
      if (tolerance == 0 || !(a instanceof Tensor expected) || !(b instanceof Tensor actual)) {
        assertEquals(a, b, where + ": " + output);
        continue;
      }
      assertEquals(expected.type(), actual.type(), where + ": " + output);
      double[] x = expected.toDoubles();
      double[] y = actual.toDoubles();
      for (int i = 0; i < x.length; i++) {
        if (!(Math.abs(x[i] - y[i]) <= tolerance * (1 + Math.abs(x[i])))) {
          fail(where + ": " + output + " at " + i + " is " + y[i] + " instead of " + x[i]);
        }
      }
    }
  }

  private static String lines(List<String> lines) {
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  private static void assertSameLines(String expected, String actual, String what) {
    String diff = LineDiff.of(expected, actual);
    if (!diff.isEmpty()) {
      fail(what + ": " + diff);
    }
  }
}
