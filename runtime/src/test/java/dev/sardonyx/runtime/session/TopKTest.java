package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopKTest {
  private static Tensor scores(float... row) {
    return Tensor.ofFloats(row, 1, row.length);
  }

  @Test
  void theHighestFirstWithLabels() {
    assertEquals(
        List.of(new TopK.Ranked(2, "fish", 0.5), new TopK.Ranked(0, "cat", 0.25)),
        TopK.of(scores(0.25f, 0, 0.5f, 0.25f), 2, List.of("cat", "dog", "fish", "cow")));
  }

  @Test
  void nanIsBelowAllNumbers() {
    List<TopK.Ranked> all = TopK.of(scores(Float.NaN, Float.NEGATIVE_INFINITY, 1), 5, List.of());
    assertEquals(List.of(2, 1, 0), all.stream().map(TopK.Ranked::index).toList());
    assertEquals("0", all.get(2).label());
  }

  @Test
  void largeIntegersAreComparedExactly() {
    long large = 1L << 53;
    Tensor signed = Tensor.ofLongs(new long[] {large, large + 1, -large - 1, -large}, 2, 2);
    Tensor unsigned =
        Tensor.of(
            ElementType.UINT64,
            new long[] {2},
            Tensor.ofLongs(new long[] {Long.MAX_VALUE, Long.MIN_VALUE}, 2).bytes());
    for (Tensor scores : List.of(signed, unsigned)) {
      for (List<TopK.Ranked> row : TopK.ofRows(scores, 1, List.of())) {
        assertEquals(1, row.get(0).index(), scores.type().toString());
      }
    }
  }

  @Test
  void eachRowByItself() {
    Tensor rows = Tensor.ofFloats(new float[] {1, 2, 4, 3}, 2, 2);
    assertEquals(
        List.of(1, 0),
        TopK.ofRows(rows, 1, List.of()).stream().map(row -> row.get(0).index()).toList());
    String several =
        assertThrows(IllegalArgumentException.class, () -> TopK.of(rows, 1, List.of()))
            .getMessage();
    assertTrue(several.contains("2 examples"), several);
    String labels =
        assertThrows(IllegalArgumentException.class, () -> TopK.of(rows, 1, List.of("a")))
            .getMessage();
    assertTrue(labels.contains("take 2 labels, not 1"), labels);
  }
}
