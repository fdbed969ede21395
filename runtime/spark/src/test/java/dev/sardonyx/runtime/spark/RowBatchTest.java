package dev.sardonyx.runtime.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.runtime.spark.RowBatch.Cells;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.Vectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.jdk.javaapi.CollectionConverters;

/** Rows become inputs, and outputs rows, without a session between them. */
class RowBatchTest {
  private static final long SEEDS = Long.getLong("sardonyx.spark.seeds", 200);

  private static RowBatch batch(TensorType type, String axis, RowPadding padding) {
    boolean isLong = type.elementType() == ElementType.UINT64; // of which Spark has none
    return batch(type, axis, padding, isLong ? ElementType.INT64 : type.elementType());
  }

  private static RowBatch batch(
      TensorType type, String axis, RowPadding padding, ElementType made) {
    TensorType output = TensorType.of(made, type.shape());
    RowLayout layout =
        RowLayout.of(List.of(Input.of("x", type)), List.of(Output.of("y", output)), axis);
    return new RowBatch(
        layout,
        List.of(new InputColumn("c", layout.inputs().get("x"), null)),
        List.of(new OutputColumn("d", layout.outputs().get("y"), OutputForm.ARRAY)),
        padding);
  }

  private static Object nested(long[] dims, int axis, Random random, int[] count) {
    if (axis == dims.length) {
      count[0]++;
      return (float) random.nextInt(1000) + 1;
    }
    List<Object> parts = new ArrayList<>();
    for (int i = 0; i < dims[axis]; i++) {
      parts.add(nested(dims, axis + 1, random, count));
    }
    return CollectionConverters.asScala(parts).toSeq();
  }

  /** The elements of nested sequences, or of the arrays that come back. */
  private static List<Object> flat(Object value) {
    List<Object> all = new ArrayList<>();
    if (value instanceof scala.collection.Seq<?> seq) {
      CollectionConverters.asJava(seq).forEach(part -> all.addAll(flat(part)));
    } else if (value.getClass().isArray()) {
      IntStream.range(0, java.lang.reflect.Array.getLength(value))
          .forEach(i -> all.addAll(flat(java.lang.reflect.Array.get(value, i))));
    } else {
      all.add(value);
    }
    return all;
  }

  /** What goes in comes out, wherever the rows lie and however much is padded. */
  @Test
  void outputsAreTakenApartAsInputsWerePutTogether() {
    for (long seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      int rank = random.nextInt(4);
      int axis = random.nextInt(rank + 1);
      List<Dim> dims = new ArrayList<>();
      for (int i = 0; i < rank; i++) {
        dims.add(random.nextBoolean() ? Dim.of(1 + random.nextInt(3)) : Dim.symbol("S" + i));
      }
      List<Dim> whole = new ArrayList<>(dims);
      whole.add(axis, Dim.symbol("N"));
      RowPadding padding =
          RowPadding.of(new String[] {"S0", "S1=2,5", "S2"}, new String[] {"x=-7"});
      RowBatch batch = batch(TensorType.of(ElementType.FLOAT, Shape.of(whole)), "N", padding);
      List<Object> given = new ArrayList<>();
      List<Cells> cells = new ArrayList<>();
      for (int row = 0; row < 1 + random.nextInt(4); row++) {
        long[] own =
            dims.stream()
                .mapToLong(d -> d instanceof Dim.Fixed f ? f.size() : 1 + random.nextInt(4))
                .toArray();
        Object value = nested(own, 0, random, new int[1]);
        Cells cell = batch.cells(List.of(value));
        if (cells.isEmpty() || cells.get(0).key().equals(cell.key())) {
          given.add(value);
          cells.add(cell);
        }
      }
      Tensor joined = batch.join(cells).get("x");
      assertEquals(cells.size(), joined.dim(axis));
      List<Object[]> back = batch.split(cells, Outputs.of(Map.of("y", joined)));
      for (int row = 0; row < cells.size(); row++) {
        assertEquals(flat(given.get(row)), flat(back.get(row)[0]), "seed " + seed);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5})
  void aFixedNumberOfRowsIsFilledUp(int rows) {
    TensorType type = TensorType.of(ElementType.FLOAT, Shape.parse("5,2"));
    RowBatch batch = batch(type, "", RowPadding.of(new String[0], new String[0]));
    List<Cells> cells = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      cells.add(batch.cells(List.of(Vectors.dense(row, -row))));
    }
    Tensor joined = batch.join(cells).get("x");
    assertArrayEquals(new long[] {5, 2}, joined.dims());
    assertEquals(rows - 1, joined.toFloats()[8]);
    List<Object[]> back = batch.split(cells, Outputs.of(Map.of("y", joined)));
    assertEquals(rows, back.size());
    assertArrayEquals(new float[] {rows - 1, 1 - rows}, (float[]) back.get(rows - 1)[0]);
  }

  private static String refusal(String type, ElementType element, Object value) {
    RowBatch batch =
        batch(
            TensorType.of(element, Shape.parse(type)),
            "N",
            RowPadding.of(new String[] {"P=2"}, new String[0]));
    return assertThrows(IllegalArgumentException.class, () -> batch.cells(List.of(value)))
        .getMessage();
  }

  private static Object seq(Object... parts) {
    return CollectionConverters.asScala(List.of(parts)).toSeq();
  }

  @Test
  void valuesThatDoNotFit() {
    assertEquals(
        "Column 'c' has a value of shape [3], which does not fit input 'x' of type float[N,2]",
        refusal("N,2", ElementType.FLOAT, Vectors.dense(1, 2, 3)));
    assertEquals(
        "Column 'c' has arrays of different lengths within one row",
        refusal("N,A,B", ElementType.FLOAT, seq(seq(1f, 2f), seq(3f))));
    assertEquals("Column 'c' has 300, which is no int8", refusal("N", ElementType.INT8, 300));
    assertEquals("Column 'c' has -1, which is no uint32", refusal("N", ElementType.UINT32, -1L));
    assertEquals(
        "Column 'c' has 4294967296, which is no int32", refusal("N", ElementType.INT32, 1L << 32));
    assertEquals(
        "P is 3, more than the largest size to pad to, 2",
        refusal("N,P", ElementType.FLOAT, seq(1f, 2f, 3f)));
    assertEquals("Column 'c' has text, which is no int64", refusal("N", ElementType.INT64, "text"));
    assertEquals("Column 'c' has 1.5, which is no int64", refusal("N", ElementType.INT64, 1.5f));
    assertEquals(
        "Column 'c' has 2.5, which is no int64",
        refusal("N", ElementType.INT64, new java.math.BigDecimal("2.5")));
    assertEquals("Column 'c' has true, which is no float", refusal("N", ElementType.FLOAT, true));
    assertEquals("Column 'c' has 1, which is no string", refusal("N", ElementType.STRING, 1));
    assertEquals(
        "Column 'c' has 300.0, which is no uint8",
        refusal("N,2", ElementType.UINT8, Vectors.dense(1, 300)));
    assertEquals(
        "Column 'c' has a null in its array",
        refusal(
            "N,A,B",
            ElementType.FLOAT,
            CollectionConverters.asScala(java.util.Arrays.asList(seq(1f), null)).toSeq()));
    assertEquals(
        "Column 'c' has bytes, which are no elements of input 'x' of type float[N,1]",
        refusal("N,1", ElementType.FLOAT, new byte[1]));
    assertTrue(
        refusal("N,2,2", ElementType.FLOAT, Vectors.dense(1, 2, 3)).contains("float[N,2,2]"));
  }

  /** What is missing of a shape is what the input says, or nothing. */
  @Test
  void arraysWithoutElements() {
    RowPadding none = RowPadding.of(new String[0], new String[0]);
    RowBatch batch = batch(TensorType.of(ElementType.FLOAT, Shape.parse("N,2,A,3")), "N", none);
    assertArrayEquals(
        new long[] {2, 0, 3}, batch.cells(List.of(seq(seq(), seq()))).cells().get(0).dims());
    RowBatch open = batch(TensorType.of(ElementType.FLOAT, Shape.parse("N,A,B")), "N", none);
    assertArrayEquals(new long[] {0, 0}, open.cells(List.of(seq())).cells().get(0).dims());
    assertTrue(
        refusal("N,2,A,3", ElementType.FLOAT, seq(seq(), seq(), seq())).contains("[3, 0, 3]"));
  }

  /** No double holds the largest of them. */
  @Test
  void wholeNumbersOf64Bits() {
    RowPadding none = RowPadding.of(new String[0], new String[0]);
    for (ElementType type : List.of(ElementType.INT64, ElementType.UINT64)) {
      RowBatch batch = batch(TensorType.of(type, Shape.parse("N")), "N", none);
      Tensor joined = batch.join(List.of(batch.cells(List.of(Long.MAX_VALUE - 1)))).get("x");
      assertEquals(type, joined.elementType());
      assertEquals(Long.MAX_VALUE - 1, joined.bytes().getLong(0));
    }
    assertEquals("Column 'c' has -1, which is no uint64", refusal("N", ElementType.UINT64, -1L));
  }

  @Test
  void anOutputOfOtherRows() {
    TensorType type = TensorType.of(ElementType.FLOAT, Shape.parse("N,2"));
    RowBatch batch = batch(type, "N", RowPadding.of(new String[0], new String[0]));
    List<Cells> cells = List.of(batch.cells(List.of(Vectors.dense(1, 2))));
    assertEquals(
        "Output 'y' of type float[N,2] is of type float[2,2] for 1 rows",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    batch.split(
                        cells, Outputs.of(Map.of("y", Tensor.ofFloats(new float[4], 2, 2)))))
            .getMessage());
  }

  @Test
  void paddingThatCannotBeRead() {
    for (String wrong : List.of("S=", "S=a", "S=4,4", "S=0")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> RowPadding.of(new String[] {wrong}, new String[0]),
          wrong);
    }
    assertThrows(
        IllegalArgumentException.class, () -> RowPadding.of(new String[0], new String[] {"x"}));
  }
}
