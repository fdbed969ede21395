package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DatumComparisonTest {
  private static final Tolerance TOLERANCE = new Tolerance(1e-3, 1e-7);
  private static final TensorType FLOATS = TensorType.of(ElementType.FLOAT, Shape.UNKNOWN);

  private static Tensor floats(float... elements) {
    return Tensor.ofFloats(elements, elements.length);
  }

  private static void assertSame(Datum actual, Datum expected) {
    assertEquals(Optional.empty(), DatumComparison.difference(actual, expected, TOLERANCE));
  }

  private static void assertDiffers(String how, Datum actual, Datum expected) {
    String difference =
        DatumComparison.difference(actual, expected, TOLERANCE).orElse("no difference");
    assertTrue(difference.contains(how), difference);
  }

  @Test
  void floatsWithinTheTolerance() {
    assertSame(floats(1.0005f, 0), floats(1, 5e-8f));
    assertDiffers("1 of 2 elements differ, worst at [0]: 1.0", floats(1.01f, 0), floats(1, 0));
    assertDiffers("1 of 1", floats(2e-7f), floats(0));
  }

  @Test
  void nanAndInfinityAgreeWithThemselvesOnly() {
    float nan = Float.NaN;
    float infinity = Float.POSITIVE_INFINITY;
    assertSame(floats(nan, infinity, -infinity), floats(nan, infinity, -infinity));
    assertDiffers("1 of 1", floats(nan), floats(1));
    assertDiffers("1 of 1", floats(1), floats(nan));
    assertDiffers("1 of 1", floats(infinity), floats(-infinity));
    assertDiffers("1 of 1", floats(1e30f), floats(infinity));
    assertDiffers("1 of 1", floats(infinity), floats(1e30f));
  }

  @Test
  void integersAndStringsExactly() {
    assertSame(Tensor.ofLongs(new long[] {1 << 30}), Tensor.ofLongs(new long[] {1 << 30}));
    assertDiffers(
        "1 of 1", Tensor.ofLongs(new long[] {100_001}), Tensor.ofLongs(new long[] {100_000}));
    assertDiffers(
        "1 of 1 elements differ, worst at []: 9223372036854775807 for 9223372036854775806",
        Tensor.ofLongs(new long[] {Long.MAX_VALUE}),
        Tensor.ofLongs(new long[] {Long.MAX_VALUE - 1}));
    assertDiffers(
        "1 of 2", Tensor.ofStrings(List.of("a", "b"), 2), Tensor.ofStrings(List.of("a", "c"), 2));
  }

  @Test
  void typesAndShapesExactly() {
    assertDiffers("float[1] instead of double[1]", floats(1), Tensor.ofDoubles(new double[1], 1));
    assertDiffers("float[2] instead of float[1,2]", floats(1, 2), floats(1, 2).reshape(1, 2));
    assertEquals(Optional.empty(), DatumComparison.differenceInType(floats(1, 2), floats(3, 4)));
    assertTrue(DatumComparison.differenceInType(floats(1, 2), floats(3)).isPresent());
  }

  @Test
  void complexNumbersByTheirParts() {
    Tensor complex = Tensor.of(ElementType.COMPLEX64, new long[] {1}, floats(1, 2).bytes());
    Tensor near = Tensor.of(ElementType.COMPLEX64, new long[] {1}, floats(1, 2.0001f).bytes());
    Tensor far = Tensor.of(ElementType.COMPLEX64, new long[] {1}, floats(1, 3).bytes());
    assertSame(near, complex);
    assertDiffers("1 of 2", far, complex);
  }

  @Test
  void sequencesAndOptionalsByTheirItems() {
    SequenceDatum two = new SequenceDatum(FLOATS, List.of(floats(1), floats(2, 3)));
    assertSame(new SequenceDatum(FLOATS, List.of(floats(1.0001f), floats(2, 3))), two);
    assertDiffers("1 items instead of 2", new SequenceDatum(FLOATS, List.of(floats(1))), two);
    assertDiffers(
        "1 of 3 elements differ, worst at item 1 [1]: 4.0 for 3.0",
        new SequenceDatum(FLOATS, List.of(floats(1), floats(2, 4))),
        two);
    OptionalDatum absent = new OptionalDatum(FLOATS, null);
    assertSame(absent, new OptionalDatum(FLOATS, null));
    assertSame(floats(1), new OptionalDatum(FLOATS, floats(1)));
    assertSame(new OptionalDatum(FLOATS, floats(1)), floats(1));
    assertDiffers("absent instead of float[1]", absent, new OptionalDatum(FLOATS, floats(1)));
    assertDiffers("float[1] instead of", floats(1), two);
  }
}
