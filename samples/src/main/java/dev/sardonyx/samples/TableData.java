package dev.sardonyx.samples;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.samples.plan.PlannedNetwork;
import dev.sardonyx.training.data.CsvTable;
import dev.sardonyx.training.data.DataException;
import dev.sardonyx.training.data.Examples;
import dev.sardonyx.training.data.LabelledRows;
import dev.sardonyx.training.data.TableEncoding;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows of a table, with classes or numbers to predict.
 *
 * @param given the rows to test on, as they are
 * @param train as the network sees them
 * @param test likewise
 */
record TableData(
    String source,
    String name,
    TableEncoding encoding,
    CsvTable given,
    LabelledRows train,
    LabelledRows test)
    implements LearningData {

  /**
   * Rows to learn from and to test on.
   *
   * @throws DataException naming the line, the column and the value that does not fit
   */
  static TableData of(
      String source, String name, TableEncoding encoding, CsvTable train, CsvTable test)
      throws DataException {
    return new TableData(source, name, encoding, test, encoding.rows(train), encoding.rows(test));
  }

  @Override
  public String unit() {
    return "rows";
  }

  @Override
  public String description() {
    return "%s, %s"
        .formatted(
            encoding,
            targets().isEmpty()
                ? classNames().size() + " classes"
                : "to predict " + String.join(", ", targets()));
  }

  @Override
  public List<String> notes() {
    return encoding.notes();
  }

  @Override
  public PlannedNetwork.Task task() {
    boolean classes = targets().isEmpty();
    return new PlannedNetwork.Task(
        "features",
        List.of((long) encoding.features()),
        classes ? "probabilities" : "answers",
        classes ? classNames().size() : targets().size(),
        classes);
  }

  @Override
  public List<String> classNames() {
    return encoding.classes();
  }

  @Override
  public List<String> targets() {
    return encoding.targets();
  }

  @Override
  public float target(int row, int column) {
    return encoding.target(test, row, column);
  }

  @Override
  public int label(Examples examples, int index) {
    return (int) ((LabelledRows) examples).label(index, 0);
  }

  @Override
  public Model deployed(Model trained) {
    return encoding.deployed(trained);
  }

  @Override
  public Map<String, Tensor> inputs(Model deployed, int first, int last) {
    try {
      return encoding.inputs(given.range(first, last));
    } catch (DataException e) {
      throw new UncheckedIOException(e); // Not possible: all rows have been read before.
    }
  }

  @Override
  public Tensor seen(Map<String, ? extends Datum> inputs) {
    return encoding.features(inputs);
  }

  @Override
  public Tensor restored(Tensor answers) {
    return encoding.restored(answers);
  }

  @Override
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    boolean classes = targets().isEmpty();
    metadata.put(
        classes ? ClassNames.KEY : "targets", ClassNames.text(classes ? classNames() : targets()));
    metadata.put("preprocessing", "none: inputs are the columns of the table as they are");
    return metadata;
  }

  @Override
  public TrainResult.DataSet facts() {
    return new TrainResult.DataSet(
        source,
        train.size(),
        test.size(),
        null,
        null,
        null,
        encoding.features(),
        targets().isEmpty() ? classNames().size() : null,
        targets().isEmpty() ? classNames() : null,
        targets().isEmpty() ? null : targets());
  }
}
