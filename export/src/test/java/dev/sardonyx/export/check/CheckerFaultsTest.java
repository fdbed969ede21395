package dev.sardonyx.export.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.check.Report;
import dev.sardonyx.ir.convert.OpsetConversion;
import dev.sardonyx.ir.convert.OpsetConversionException;
import dev.sardonyx.ir.pass.Passes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Faults that the signature of an operator does not show, one model each. */
class CheckerFaultsTest {
  /**
   * @param code of the problem
   * @param words in its message
   */
  record Fault(String code, String words, String model) {
    static Fault of(String entry) {
      String title = entry.lines().findFirst().orElse("");
      String words = title.substring(title.indexOf(' ') + 1).replace("(crashes)", "").strip();
      String model = entry.substring(title.length());
      return new Fault(title.substring(0, title.indexOf(' ')), words, model);
    }

    @Override
    public String toString() {
      return code + " " + words;
    }
  }

  static Stream<Fault> faults() throws IOException {
    try (InputStream in = CheckerFaultsTest.class.getResourceAsStream("/check/faults.onnxtxt")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return Arrays.stream(text.split("(?m)^=== ")).skip(1).map(Fault::of);
    }
  }

  @ParameterizedTest
  @MethodSource("faults")
  void isNamed(Fault fault) {
    Report report = Checker.check(ModelParser.parse(fault.model()));
    assertTrue(
        report.errors().stream()
            .anyMatch(
                p -> p.code().id().equals(fault.code()) && p.message().contains(fault.words())),
        () -> fault + " is not among\n" + report);
    assertTrue(
        Arrays.stream(ProblemCode.values()).anyMatch(c -> c.id().equals(fault.code())),
        "the code has a page");
  }

  /** Whoever does not check a model first is told why it cannot be converted, or gets another. */
  @ParameterizedTest
  @MethodSource("faults")
  void isNoSurpriseToPassesAndConversion(Fault fault) {
    Model model = ModelParser.parse(fault.model());
    Passes.simplify().apply(model);
    for (String pass : Passes.names()) {
      Passes.named(pass).apply(model);
    }
    for (long opset : new long[] {7, 9, 10, 11, 13, 17, 28}) {
      try {
        OpsetConversion.to(opset).apply(model);
      } catch (OpsetConversionException refusal) {
        assertFalse(refusal.refusals().isEmpty());
      }
    }
  }

  /** As exporters write the sum of a matrix with its dimensions kept. */
  @Test
  void aConditionOfOneElementMayHaveAnyRank() {
    String loop =
        "<ir_version: 8, opset_import: [\"\": 13]> g (int64 n, bool[1,1] c, float[3] z) =>"
            + " (float[3] y) { y = Loop (n, c, z) <body: graph = b (int64 i, bool[1,1] k,"
            + " float[3] p) => (bool[1,1] d, float[3] q) { d = Identity (k) q = Relu (p) }> }";
    assertEquals("", Checker.check(ModelParser.parse(loop)).toString());
  }

  /** ONNX's own checker refuses it; runtimes find the type out. */
  @Test
  void anOutputWithoutATypeIsWarnedOf() {
    String untyped =
        "<ir_version: 8, opset_import: [\"\": 13]> g (float[3] x) => (y) { y = Relu (x) }";
    assertEquals(
        "SX-307 warning in g: graph output y has no type",
        Checker.check(ModelParser.parse(untyped)).toString());
  }
}
