package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.samples.report.CountMatrix;
import dev.sardonyx.samples.report.PictureList;
import dev.sardonyx.samples.report.PictureList.Picture;
import dev.sardonyx.samples.report.ReportPart;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is counted of a classifier's answers, and what is shown of its mistakes. */
final class ConfusionTest {
  private static final int[] LABELS = {0, 1, 1, 2, 2, 2};

  /** Answers 0, 1, 0, 2, 0, 0, in two batches. */
  private static Confusion confusion() {
    Confusion confusion = new Confusion(List.of("cat", "dog", "owl"), i -> LABELS[i]);
    confusion.add(Tensor.ofFloats(new float[] {.8f, .1f, .1f, .1f, .8f, .1f}, 2, 3));
    confusion.add(
        Tensor.ofFloats(
            new float[] {.6f, .3f, .1f, .2f, .2f, .6f, .5f, .1f, .4f, .9f, 0, .1f}, 4, 3));
    return confusion;
  }

  private static Picture picture(int example) {
    return new Picture("image/png", new byte[] {(byte) example}, "", "", true);
  }

  @Test
  void answersAreCountedByWhatTheyAreAndWereTakenFor() {
    assertEquals(
        List.of(List.of(1L, 0L, 0L), List.of(1L, 1L, 0L), List.of(2L, 0L, 1L)),
        confusion().counts());
    assertEquals(3, confusion().right());
  }

  @Test
  void theMostFrequentMistakesComeFirstAndOfThemTheSurest() {
    List<ReportPart> parts = confusion().section("pictures", ConfusionTest::picture).parts();
    List<PictureList> shown =
        parts.stream().filter(PictureList.class::isInstance).map(PictureList.class::cast).toList();
    assertEquals(
        List.of("owl taken for cat, 2 times", "dog taken for cat, 1 time"),
        shown.stream().map(PictureList::caption).toList());
    assertEquals(
        List.of("5: 90 %", "4: 50 %"),
        shown.get(0).pictures().stream().map(Picture::caption).toList());
    assertEquals("Test example 5, owl, taken for cat", shown.get(0).pictures().get(0).alt());
    CountMatrix matrix =
        parts.stream()
            .filter(CountMatrix.class::isInstance)
            .map(CountMatrix.class::cast)
            .findFirst()
            .orElseThrow();
    assertEquals(Map.of("2,0", "mistake-2-0", "1,0", "mistake-1-0"), matrix.links());
  }

  @Test
  void whatHasNoPicturesIsATable() {
    List<ReportPart> parts = confusion().section("rows", null).parts();
    assertTrue(parts.stream().noneMatch(PictureList.class::isInstance), parts.toString());
    assertTrue(parts.toString().contains("cells=[owl, cat, 2]"), parts.toString());
  }
}
