package dev.sardonyx.training;

import static dev.sardonyx.training.SmallNet.dims;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.datavec.api.records.reader.RecordReader;
import org.datavec.api.records.reader.impl.csv.CSVRecordReader;
import org.datavec.api.split.FileSplit;
import org.deeplearning4j.datasets.datavec.RecordReaderDataSetIterator;
import org.deeplearning4j.datasets.datavec.RecordReaderMultiDataSetIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.learning.config.Adam;

/** A table of numbers, read by DataVec, as users of DL4J do. */
class DataVecTest {
  private static final int ROWS = 60;
  private static final int CLASSES = 3;

  /** Three numbers and the class, the place of the largest of them. */
  private static RecordReader csv(Path folder) throws IOException, InterruptedException {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      int label = i % CLASSES;
      for (int column = 0; column < CLASSES; column++) {
        double number = random.nextDouble() + (column == label ? 1 : 0);
        text.append(String.format(Locale.ROOT, "%.4f,", number));
      }
      text.append(label).append('\n');
    }
    Path file = Files.writeString(folder.resolve("rows.csv"), text);
    RecordReader reader = new CSVRecordReader();
    reader.initialize(new FileSplit(file.toFile()));
    return reader;
  }

  private static Training training() {
    SmallNet net = new SmallNet();
    String y = net.input("x", CLASSES);
    y = net.node("Gemm", List.of(y, net.weights("w", CLASSES, CLASSES)), "y", dims(CLASSES));
    Model model = net.model(net.node("Softmax", List.of(y), "p", dims(CLASSES)));
    return Training.of(model).updater(new Adam(0.1)).epochs(10);
  }

  @Test
  void rowsOfATableAreLearnt(@TempDir Path folder) throws IOException, InterruptedException {
    RecordReaderDataSetIterator data =
        new RecordReaderDataSetIterator(csv(folder), 10, CLASSES, CLASSES);
    TrainingResult result = training().run(data, data);
    assertEquals(ROWS, result.history().get(9).images());
    assertTrue(
        result.history().get(9).validationAccuracy().orElseThrow() > 0.9,
        () -> result.history().toString());
  }

  @Test
  void columnsOfATableAreSeveralArrays(@TempDir Path folder)
      throws IOException, InterruptedException {
    RecordReaderMultiDataSetIterator data =
        new RecordReaderMultiDataSetIterator.Builder(10)
            .addReader("rows", csv(folder))
            .addInput("rows", 0, CLASSES - 1)
            .addOutputOneHot("rows", CLASSES, CLASSES)
            .build();
    TrainingResult result = training().run(data);
    assertTrue(
        result.history().get(9).loss() < 0.7 * result.history().get(0).loss(),
        () -> result.history().toString());
  }
}
