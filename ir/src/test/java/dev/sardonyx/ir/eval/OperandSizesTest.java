package dev.sardonyx.ir.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Operands whose sizes do not follow from each other are refused with the sizes. */
final class OperandSizesTest {
  private static Tensor zeros(long... dims) {
    int size = 1;
    for (long dim : dims) {
      size *= (int) dim;
    }
    return Tensor.ofFloats(new float[size], dims);
  }

  private static Tensor longs(long... values) {
    return Tensor.ofLongs(values, values.length);
  }

  private static void assertRefused(One node, String reason, Tensor... inputs) {
    EvaluationException e = assertThrows(EvaluationException.class, () -> node.all(inputs));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(reason), message);
  }

  @Test
  void blocksOfAnImage() {
    One node = One.of("Col2Im", 18);
    assertArrayEquals(
        new long[] {1, 2, 3, 3}, node.of(zeros(1, 8, 4), longs(3, 3), longs(2, 2)).dims());
    assertRefused(
        node,
        "[1,8,5]; blocks of [2, 2] in an image of [3, 3] make [batch,a multiple of 4,4]",
        zeros(1, 8, 5),
        longs(3, 3),
        longs(2, 2));
    assertRefused(node, "a multiple of 4", zeros(1, 6, 4), longs(3, 3), longs(2, 2));
    assertRefused(node, "do not fit an image of [3, 3]", zeros(1, 8, 4), longs(3, 3), longs(4, 2));
    assertRefused(node, "do not fit", zeros(1, 8, 4), longs(3, 3), longs(0, 2));
    assertRefused(node, "block_shape has shape [1]", zeros(1, 8, 4), longs(3, 3), longs(2));
  }

  @Test
  void affineMaps() {
    One node = One.of("AffineGrid", 20);
    assertArrayEquals(new long[] {2, 5, 6, 2}, node.of(zeros(2, 2, 3), longs(2, 1, 5, 6)).dims());
    assertRefused(
        node,
        "theta has shape [3,2,3] where the other operands ask for [2,2,3]",
        zeros(3, 2, 3),
        longs(2, 1, 5, 6));
    assertRefused(node, "[2,3,4]", zeros(2, 2, 3), longs(2, 1, 5, 6, 7));
  }

  @Test
  void offsetsAndMasksOfConvolutions() {
    One node = One.of("DeformConv", 22);
    Tensor x = zeros(1, 1, 3, 3);
    Tensor w = zeros(1, 1, 2, 2);
    Tensor bias = zeros(1);
    assertEquals(zeros(1, 1, 2, 2), node.of(x, w, zeros(1, 8, 2, 2), bias, zeros(1, 4, 2, 2)));
    assertRefused(node, "offset has shape [1,8,3,3]", x, w, zeros(1, 8, 3, 3));
    assertRefused(node, "ask for [1,8,2,2]", x, w, zeros(1, 7, 2, 2));
    assertRefused(
        node, "mask has shape [1,2,2,2]", x, w, zeros(1, 8, 2, 2), bias, zeros(1, 2, 2, 2));
    assertRefused(
        One.of("DeformConv", 22, Attribute.ofInt("offset_group", 2)),
        "1 channels cannot be shared out among 2 groups",
        x,
        w,
        zeros(1, 16, 2, 2));
  }

  @Test
  void anglesOfRotations() {
    One node = One.of("RotaryEmbedding", 23);
    Tensor x = zeros(2, 4, 3, 4);
    assertEquals(x, node.of(x, zeros(2, 3, 2), zeros(2, 3, 2)));
    assertRefused(
        node,
        "cos_cache has shape [2,5,2] where the other operands ask for [2,3,2]",
        x,
        zeros(2, 5, 2),
        zeros(2, 5, 2));
    assertRefused(node, "sin_cache has shape [2,3,1]", x, zeros(2, 3, 2), zeros(2, 3, 1));
    Tensor places = Tensor.ofLongs(new long[] {0, 1, 2, 0, 1, 6}, 2, 3);
    assertEquals(x, node.of(x, zeros(7, 2), zeros(7, 2), places));
    assertRefused(node, "position_ids have 6", x, zeros(6, 2), zeros(6, 2), places);
    assertRefused(
        node, "position_ids has shape [3,2]", x, zeros(7, 2), zeros(7, 2), places.reshape(3, 2));
    assertRefused(
        One.of("RotaryEmbedding", 23, Attribute.ofInt("rotary_embedding_dim", 6)),
        "6 of the heads' 4 elements",
        x,
        zeros(2, 3, 3),
        zeros(2, 3, 3));
  }

  @Test
  void indicesBesideTheData() {
    Tensor x = zeros(3, 1);
    Tensor indices = Tensor.ofLongs(new long[] {0, 1, 2, -1}, 4, 1);
    assertEquals(zeros(4, 1), One.of("GatherElements", 13).of(x, indices));
    Tensor wide = indices.reshape(2, 2);
    String reason =
        "indices of shape [2,2] name places that data of shape [3,1] have not in axis 1";
    assertRefused(One.of("GatherElements", 13), reason, x, wide);
    assertRefused(One.of("ScatterElements", 18), reason, x, wide, zeros(2, 2));
  }

  @Test
  void lengthsOfSequences() {
    One node =
        One.of(
            "ReverseSequence",
            10,
            Attribute.ofInt("batch_axis", 0),
            Attribute.ofInt("time_axis", 1));
    assertEquals(zeros(2, 2), node.of(zeros(2, 2), longs(0, 2)));
    assertRefused(node, "length 3 does not fit a time axis of size 2", zeros(2, 2), longs(3, 2));
    assertRefused(node, "length -1", zeros(2, 2), longs(-1, 2));
  }

  @Test
  void startsOfSlices() {
    One node = One.of("Slice", 13);
    assertEquals(zeros(2), node.of(zeros(4), longs(1), longs(3)));
    assertRefused(node, "2 starts for 1 axes", zeros(4), longs(0, 1), longs(4, 3));
    assertRefused(node, "1 starts for 2 axes", zeros(4, 4), longs(0), longs(4), longs(0, 1));
  }

  @Test
  void diagonalsFarOut() {
    One node = One.of("Trilu", 14);
    Tensor x = Tensor.ofFloats(new float[] {1, 2, 3, 4}, 2, 2);
    assertEquals(zeros(2, 2), node.of(x, Tensor.scalar(Long.MAX_VALUE)));
    assertEquals(x, node.of(x, Tensor.scalar(Long.MIN_VALUE)));
  }

  @Test
  void repeatsAndPlaces() {
    assertRefused(One.of("Tile", 13), "repeats [-1] are not", zeros(2), longs(-1));
    assertRefused(
        One.of("SplitToSequence", 11), "parts cannot be of size 0", zeros(2), Tensor.scalar(0L));
    One unpool =
        One.of(
            "MaxUnpool", 11, Attribute.ofInts("kernel_shape", 2), Attribute.ofInts("strides", 2));
    for (long place : new long[] {-1, 4}) {
      assertRefused(
          unpool,
          "index " + place + " is not in an output of shape [1, 1, 4]",
          zeros(1, 1, 2),
          Tensor.ofLongs(new long[] {0, place}, 1, 1, 2));
    }
  }

  @Test
  void stringsOfPatterns() {
    One node = One.of("RegexFullMatch", 20, Attribute.ofString("pattern", "(a|b)*"));
    assertRefused(
        node,
        "a string is too long for pattern (a|b)*",
        Tensor.ofStrings(List.of("a".repeat(1_000_000)), 1));
  }

  @Test
  void stepsOfFrames() {
    One node = One.of("STFT", 17);
    Tensor four = Tensor.scalar(4L);
    assertArrayEquals(
        new long[] {1, 3, 3, 2}, node.of(zeros(1, 8, 1), Tensor.scalar(2L), null, four).dims());
    assertRefused(node, "frame_step -2", zeros(1, 8, 1), Tensor.scalar(-2L), null, four);
  }

  @Test
  void partsOfASplit() {
    One node = One.of("Split", 18).withOutputs(2);
    assertEquals(2, node.all(zeros(4), longs(1, 3)).size());
    assertRefused(node, "is not split by [1, 2]", zeros(4), longs(1, 2));
    assertRefused(node, "is not split by [5, -1]", zeros(4), longs(5, -1));
    assertRefused(
        node, "[1, 2, 1] is not as many parts as the 2 outputs", zeros(4), longs(1, 2, 1));
    assertRefused(
        One.of("Split", 18, Attribute.ofInt("num_outputs", 4)).withOutputs(4),
        "is not split by [1, 1, 1, -1]",
        zeros(2));
  }

  @Test
  void aDistributionWithoutSpreadIsItsMean() {
    Tensor drawn =
        One.of(
                "RandomNormalLike",
                22,
                Attribute.ofFloat("mean", 2.5f),
                Attribute.ofFloat("scale", 0))
            .of(zeros(3));
    assertEquals(Tensor.ofFloats(new float[] {2.5f, 2.5f, 2.5f}, 3), drawn);
    assertEquals(ElementType.FLOAT, drawn.elementType());
  }
}
