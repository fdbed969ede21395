package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How exactly the values of narrow and quantised models are expected to agree. What is quantised
 * may be off by one step, what follows from it by two steps' worth of its own largest element.
 */
class ExpectationsTest {
  private static final Tolerance DEFAULT = Tolerance.DEFAULT;

  private static Expectations of(String body) {
    return of(body, DEFAULT);
  }

  private static Expectations of(String body, Tolerance tolerance) {
    String head = "<ir_version: 10, opset_import: [\"\": 21, \"com.microsoft\": 1]> ";
    return Expectations.of(ModelParser.parse(head + body), tolerance);
  }

  private static Tensor numbers(ElementType type, double... numbers) {
    return Tensor.ofNumbers(type, numbers, numbers.length);
  }

  private static void assertFloats(double expected, Allowance allowance, double largest) {
    assertEquals(expected, allowance.absolute(largest), 1e-9);
  }

  /** The step is one part in the largest distance from the zero point. */
  @Test
  void aStepIsMeasuredFromTheZeroPoint() {
    String constant = "<float s = {0.5}, uint8 z = {100}>";
    String given = "float[3] x, float s, uint8 z";
    String body =
        """
        g (%s) => (float[3] y, int64[3] i, float[3] e) %s
        { q = QuantizeLinear (x, s, z) y = DequantizeLinear (q, s, z) i = Cast <to = 7> (y)
          e = Relu (x) }
        """;
    Map<String, Datum> run =
        Map.of(
            "q", numbers(ElementType.UINT8, 110, 60, 100),
            "z", Tensor.ofNumbers(ElementType.UINT8, new double[] {100}));
    for (Expectations expectations :
        List.of(of(body.formatted("float[3] x", constant)), of(body.formatted(given, "")))) {
      assertEquals(List.of("q"), expectations.quantised());
      Expectations.Run of = expectations.run(run);
      assertEquals(1, of.allowance("q", false).whole(255), "one step");
      assertFloats(1e-5 + 2 / 40.0 * 8, of.allowance("y", false), 8);
      assertEquals(0, of.allowance("i", false).whole(8), "an index is exact");
      assertFloats(1e-5, of.allowance("e", false), 8);
      // A step that is not known is one of 8 bits.
      assertFloats(1e-5 + 2 / 128.0 * 8, expectations.run(Map.of()).allowance("y", false), 8);
    }
  }

  /** What is quantised again is off by a step, and by what was off before. */
  @Test
  void stepsAddUp() {
    Expectations.Run of =
        of("""
            g (float[3] x) => (uint8[3] r) <float s = {0.5}>
            { q = QuantizeLinear (x, s) y = DequantizeLinear (q, s) r = QuantizeLinear (y, s) }
            """)
            .run(
                Map.of(
                    "q", numbers(ElementType.UINT8, 50, 0, 1),
                    "r", numbers(ElementType.UINT8, 200, 0, 1)));
    assertEquals(1 + 2 / 50.0 * 200, of.allowance("r", false).whole(200), 1e-9);
  }

  @ParameterizedTest
  @CsvSource({
    "'q, s, z = DynamicQuantizeLinear (x) y = DequantizeLinear (q, s, z)', 100",
    "'q = QuantizeLinear (x, s, z) y = DequantizeLinear (q, s, z)', 100",
    "'q = com.microsoft.QLinearSigmoid (x, s, z) y = DequantizeLinear (q, s, z)', 0",
    "'q = com.microsoft.QGemm (x, s, z) y = DequantizeLinear (q, s, z)', 0",
  })
  void whatQuantises(String nodes, int zero) {
    String given = nodes.contains("Dynamic") ? "" : ", float s, uint8 z";
    Expectations expectations =
        of("g (float[2] x%s) => (float[2] y) <uint8[2] q> { %s }".formatted(given, nodes));
    assertEquals(List.of("q"), expectations.quantised());
    Map<String, Datum> run =
        Map.of(
            "q", numbers(ElementType.UINT8, 110, 60),
            "z", Tensor.ofNumbers(ElementType.UINT8, new double[] {100}));
    double largest = zero == 100 ? 40 : 110;
    assertFloats(1e-5 + 2 / largest, expectations.run(run).allowance("y", false), 1);
  }

  @Test
  void productsOfOthersAreNotQuantised() {
    assertEquals(List.of(), of("g (float[2] x) => (y) { y = com.microsoft.Gelu (x) }").quantised());
  }

  /** Numbers of 8 bits with an exponent are steps, too: of their last place. */
  @Test
  void narrowFloats() {
    Expectations expectations =
        of("g (float[2] x) => (float[2] y) { q = Cast <to = 17> (x) y = Cast <to = 1> (q) }");
    assertEquals(List.of("q"), expectations.quantised());
    Expectations.Run of = expectations.run(Map.of());
    assertFloats(1e-5 + 2 * 0.125 * 8, of.allowance("y", false), 8);
    Tolerance own = DEFAULT.roundedTo(ElementType.FLOAT8E4M3FN);
    assertEquals(own, of.allowance("q", false).floats());
    assertEquals(1, of.allowance("q", false).steps());
  }

  /** Half precision stays in what follows, in proportion to the largest element; indices not. */
  @Test
  void halfPrecision() {
    Expectations.Run of =
        of("""
            g (float[2] x) => (float[2] y, int64[2] i, float[2] z)
            { h = Cast <to = 10> (x) y = Cast <to = 1> (h) i = Cast <to = 7> (y) z = Relu (x) }
            """)
            .run(Map.of());
    Tolerance half = DEFAULT.roundedTo(ElementType.FLOAT16);
    assertEquals(half, of.allowance("y", false).floats());
    assertFloats(half.atol() * 8 + half.rtol() * 8, of.allowance("y", false), 8);
    assertEquals(0, of.allowance("i", false).whole(8));
    assertEquals(DEFAULT, of.allowance("z", false).floats());
    assertFloats(1e-5, of.allowance("z", false), 8);
    assertFloats(8e-5, of.allowance("z", true), 8);
  }

  /** With no tolerance at all, no step is allowed either. */
  @Test
  void exactIsExact() {
    String body = "g (float[1] x, float s) => (uint8[1] q) { q = QuantizeLinear (x, s) }";
    assertEquals(0, steps(body, Tolerance.EXACT));
    assertEquals(1, steps(body, new Tolerance(1e-9, 0)));
    assertEquals(1, steps(body, new Tolerance(0, 1e-9)));
  }

  private static double steps(String body, Tolerance tolerance) {
    return of(body, tolerance).run(Map.of()).allowance("q", false).whole(200);
  }
}
