package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What people read of a verification, word for word. */
class VerificationReportTest {
  private static ValueComparison value(
      String name, ValueComparison.Kind kind, long failed, @Nullable String mismatch) {
    return new ValueComparison(
        name,
        kind,
        1200,
        failed,
        failed == 0 ? 0 : 0.25,
        1.5e-7,
        0.0123,
        0.99999994,
        93.4,
        failed == 0 ? 0.0123 : 25,
        false,
        new Distances(List.of(600L, 590L, 8L, 2L, 0L, 0L, 0L)),
        failed / 2,
        0,
        new ValueComparison.Worst(0, "", List.of(1L, 2L), "0.5", "0.25"),
        kind == ValueComparison.Kind.INTERMEDIATE ? null : new ValueComparison.Agreement(9, 10),
        null,
        mismatch);
  }

  private static VerificationReport report(long batches, ValueComparison... values) {
    return new VerificationReport(
        "new", "old", Tolerance.DEFAULT, batches, List.of(values), List.of("a note\nof two lines"));
  }

  private static final ValueComparison GOOD =
      value("conv1_out", ValueComparison.Kind.INTERMEDIATE, 0, null);
  private static final ValueComparison BAD =
      value("relu", ValueComparison.Kind.INTERMEDIATE, 4, null);
  private static final ValueComparison OUTPUT = value("y", ValueComparison.Kind.OUTPUT, 0, null);
  private static final ValueComparison DEPLOYED =
      value("y", ValueComparison.Kind.DEPLOYED, 0, null);

  @Test
  void aTableHasALineForEachValueNotesAndTheVerdict() {
    assertEquals(
        """
        value      kind          elements   max abs  mean abs   max rel  99% ULP  SNR dB     cosine  top-1  NaN  of tolerance  result
        ---------  ------------  --------  --------  --------  --------  -------  ------  ---------  -----  ---  ------------  --------
        conv1_out  intermediate      1200         0  1.50e-07  1.23e-02        1      93  0.9999999           0         0.012  PASS
        relu       intermediate      1200  2.50e-01  1.50e-07  1.23e-02        1      93  0.9999999           2            25  FAIL NAN
        y          deployed          1200         0  1.50e-07  1.23e-02        1      93  0.9999999   9/10    0         0.012  PASS
        a note\\nof two lines
        FAIL: first diverging value 'relu', 4 of 1200 elements beyond the tolerance, worst at [1, 2]: 0.5 for 0.25; would pass under rtol 0.026, atol 0.00026 (new against old, rtol 0.001, atol 1.0E-5, for intermediate values times their largest element if above 1, 3 batches)
        """,
        report(3, GOOD, BAD, DEPLOYED).toString());
  }

  @Test
  void theVerdictSaysWhatWasComparedAndWhere() {
    VerificationReport all = report(1, GOOD, OUTPUT, DEPLOYED);
    assertTrue(all.passed());
    assertEquals(Optional.empty(), all.firstDiverging());
    assertEquals(
        "PASS: 2 values node by node and 1 output as deployed (new against old, rtol 0.001, atol"
            + " 1.0E-5, for intermediate values times their largest element if above 1, 1 batch)",
        all.verdict());
    assertEquals(
        "PASS: 2 outputs as deployed (new against old, rtol 0.001, atol 1.0E-5, 2 batches)",
        report(2, DEPLOYED, DEPLOYED).verdict());
    ValueComparison other =
        value("y", ValueComparison.Kind.DEPLOYED, 0, "float[2] instead of float[1] in batch 0");
    VerificationReport deployed = report(2, GOOD, other);
    assertFalse(deployed.passed());
    assertEquals(Optional.of(other), deployed.firstDiverging());
    assertEquals(
        "FAIL: first diverging value 'y' as deployed, float[2] instead of float[1] in batch 0 (new"
            + " against old, rtol 0.001, atol 1.0E-5, for intermediate values times their largest"
            + " element if above 1, 2 batches)",
        deployed.verdict());
    VerificationReport nothing = report(0);
    assertFalse(nothing.passed());
    assertTrue(nothing.verdict().startsWith("FAIL: there was nothing to compare (new against old"));
  }

  @Test
  void theLargestErrorIsThatOfTheOutputsAsDeployed() {
    assertEquals(0, report(1, BAD, DEPLOYED).maxAbsoluteError());
    assertEquals(
        0.25,
        report(1, DEPLOYED, value("z", ValueComparison.Kind.DEPLOYED, 1, null)).maxAbsoluteError());
    assertEquals(List.of(DEPLOYED), report(1, GOOD, OUTPUT, DEPLOYED).outputs());
  }

  @Test
  void anElementIsNamedByWhatTellsIt() {
    assertEquals(
        "batch 7 item 2 [0, 3]: 'a' for 'b'",
        new ValueComparison.Worst(7, "item 2", List.of(0L, 3L), "'a'", "'b'").toString());
    assertEquals("[]: 1 for 2", new ValueComparison.Worst(0, "", List.of(), "1", "2").toString());
  }
}
