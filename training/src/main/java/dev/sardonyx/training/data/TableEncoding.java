package dev.sardonyx.training.data;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.edit.ModelEditor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/**
 * How rows of a table become what a network sees, and back. Numbers come first, {@code (x - mean) /
 * deviation}, then for each category of each text 1 or 0; a category that was not learnt is all 0.
 * {@link #deployed} writes the same into a model, which then takes the columns as they are.
 */
public final class TableEncoding {
  private final TableFormat format;
  private final List<Scale> numbers;
  private final List<Categories> categories;
  private final List<String> classes;
  private final List<Scale> targets;
  private final List<String> notes;

  /**
   * A column of numbers.
   *
   * @param mean what is subtracted
   * @param deviation what the rest is divided by
   * @param usual stands for a missing value
   */
  record Scale(String name, float mean, float deviation, float usual) {}

  /** A column of texts, and those that are known. */
  record Categories(String name, List<String> known) {}

  TableEncoding(
      TableFormat format,
      List<Scale> numbers,
      List<Categories> categories,
      List<String> classes,
      List<Scale> targets,
      List<String> notes) {
    this.format = format;
    this.numbers = List.copyOf(numbers);
    this.categories = List.copyOf(categories);
    this.classes = List.copyOf(classes);
    this.targets = List.copyOf(targets);
    this.notes = List.copyOf(notes);
  }

  /** How many numbers a network sees of a row. */
  public int features() {
    return numbers.size() + categories.stream().mapToInt(c -> c.known().size()).sum();
  }

  /** The names of the classes in the order of their numbers; none if targets are learnt. */
  public List<String> classes() {
    return classes;
  }

  /** The columns to predict, in order; none if classes are learnt. */
  public List<String> targets() {
    return targets.stream().map(Scale::name).toList();
  }

  /** The columns of numbers that are learnt from. */
  public List<String> numeric() {
    return numbers.stream().map(Scale::name).toList();
  }

  /** The columns of texts that are learnt from. */
  public List<String> categorical() {
    return categories.stream().map(Categories::name).toList();
  }

  /**
   * What the author of the table may not have meant: columns that nobody called categorical and
   * whose cells are numbers for the most part, with the line of the first that is not.
   */
  public List<String> notes() {
    return notes;
  }

  /**
   * Rows as a network sees them.
   *
   * @throws DataException naming the line, the column and the value that does not fit
   */
  public LabelledRows rows(CsvTable table) throws DataException {
    TableColumns columns = new TableColumns(table, format);
    float[] features = features(inputs(table)).toFloats();
    if (format.label()) {
      int column = columns.index(format.goals().get(0));
      int[] labels = new int[table.size()];
      for (int row = 0; row < labels.length; row++) {
        labels[row] = label(columns, row, column);
      }
      return LabelledRows.ofClasses(table.source(), features, labels);
    }
    float[] labels = new float[table.size() * targets.size()];
    for (int i = 0; i < targets.size(); i++) {
      Scale target = targets.get(i);
      int column = columns.index(target.name());
      for (int row = 0; row < table.size(); row++) {
        labels[row * targets.size() + i] =
            (columns.number(row, column, false) - target.mean()) / target.deviation();
      }
    }
    return LabelledRows.ofTargets(table.source(), features, labels, targets.size());
  }

  private int label(TableColumns columns, int row, int column) throws DataException {
    String text = columns.text(row, column, false);
    int label = classes.indexOf(text);
    if (label < 0) {
      throw new DataException(
          "%s: '%s' is none of the classes to learn, %s"
              .formatted(columns.table().place(row, column), text, String.join(", ", classes)));
    }
    return label;
  }

  /**
   * The inputs of a {@link #deployed} model: for each column float[N,1] or string[N,1].
   *
   * @throws DataException as {@link #rows}
   */
  public Map<String, Tensor> inputs(CsvTable table) throws DataException {
    TableColumns columns = new TableColumns(table, format);
    boolean mayMiss = format.missing() == TableFormat.Missing.MEAN;
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Scale number : numbers) {
      int column = columns.index(number.name());
      float[] values = new float[table.size()];
      for (int row = 0; row < values.length; row++) {
        values[row] = columns.number(row, column, mayMiss);
      }
      inputs.put(number.name(), Tensor.ofFloats(values, values.length, 1));
    }
    for (Categories category : categories) {
      int column = columns.index(category.name());
      List<String> texts = new ArrayList<>();
      for (int row = 0; row < table.size(); row++) {
        texts.add(columns.text(row, column, mayMiss));
      }
      inputs.put(category.name(), Tensor.ofStrings(texts, texts.size(), 1));
    }
    return inputs;
  }

  /** What a network sees, float[N,features], of the inputs of a {@link #deployed} model. */
  public Tensor features(Map<String, ? extends Datum> inputs) {
    int width = features();
    float[] features = null;
    int place = 0;
    for (Scale number : numbers) {
      float[] values = tensor(inputs, number.name()).toFloats();
      features = features == null ? new float[Math.multiplyExact(values.length, width)] : features;
      for (int row = 0; row < values.length; row++) {
        float value = Float.isNaN(values[row]) ? missing(number) : values[row];
        features[row * width + place] = (value - number.mean()) / number.deviation();
      }
      place++;
    }
    for (Categories category : categories) {
      List<String> texts = tensor(inputs, category.name()).strings();
      features = features == null ? new float[Math.multiplyExact(texts.size(), width)] : features;
      for (int row = 0; row < texts.size(); row++) {
        int known = category.known().indexOf(texts.get(row));
        if (known >= 0) {
          features[row * width + place + known] = 1;
        }
      }
      place += category.known().size();
    }
    float[] all = features == null ? new float[0] : features;
    return Tensor.ofFloats(all, all.length / width, width);
  }

  private float missing(Scale number) {
    return fills() ? number.usual() : Float.NaN;
  }

  private boolean fills() {
    return format.missing() == TableFormat.Missing.MEAN;
  }

  private static Tensor tensor(Map<String, ? extends Datum> inputs, String name) {
    if (inputs.get(name) instanceof Tensor tensor) {
      return tensor;
    }
    throw new IllegalArgumentException("There is no tensor for column '" + name + "'");
  }

  /**
   * What a network answers, in the units of the table: predictions of targets that were
   * standardised for it are no longer; probabilities stay as they are.
   *
   * @param answers float[N,columns]
   */
  public Tensor restored(Tensor answers) {
    if (!restores()) {
      return answers;
    }
    float[] values = answers.toFloats();
    for (int i = 0; i < values.length; i++) {
      Scale target = targets.get(i % targets.size());
      values[i] = values[i] * target.deviation() + target.mean();
    }
    return Tensor.ofFloats(values, answers.dims());
  }

  /** What a row's target is in the units of the table. */
  public float target(LabelledRows rows, int row, int column) {
    Scale target = targets.get(column);
    return rows.label(row, column) * target.deviation() + target.mean();
  }

  private boolean restores() {
    return !format.label() && format.standardized();
  }

  /**
   * A model that takes the columns as they are: an input float[N,1] for each of numbers and
   * string[N,1] for each of texts, called as the column. Numbers to predict come in their units.
   *
   * @param trained with one input float[N,features] and one output, which is renamed {@code
   *     prediction} if it is of targets that were standardised; names that are taken are lengthened
   * @throws IllegalArgumentException if it has others
   */
  public Model deployed(Model trained) {
    List<Input> inputs = trained.graph().inputs();
    List<Output> outputs = trained.graph().outputs();
    if (inputs.size() != 1 || outputs.size() != 1) {
      throw new IllegalArgumentException(
          "The model has %d inputs and %d outputs, and rows of a table are for one of each"
              .formatted(inputs.size(), outputs.size()));
    }
    String given = outputs.get(0).name();
    Model columns = columns(trained, inputs.get(0).name());
    String output = free(given, n -> has(columns, n) || (!n.equals(given) && has(trained, n)));
    Model network =
        output.equals(given)
            ? trained
            : ModelEditor.of(trained).renameOutput(given, output).model();
    String seen = columns.graph().outputs().get(0).name();
    Model joined =
        ModelEditor.of(columns).append(network, Map.of(seen, inputs.get(0).name())).model();
    if (restores()) {
      String usual = free("prediction", n -> !n.equals(output) && has(joined, n));
      String head = usual.equals(output) ? free("restored", n -> has(joined, n)) : usual;
      return ModelEditor.of(joined)
          .replaceHead(output, head, (b, y) -> restored(b, y))
          .model()
          .withMetadata(trained.metadata());
    }
    return joined.withMetadata(trained.metadata());
  }

  /** A name made longer until it is free. */
  private static String free(String name, Predicate<String> isTaken) {
    String free = name;
    while (isTaken.test(free)) {
      free += "_out";
    }
    return free;
  }

  private static boolean has(Model model, String value) {
    AtomicBoolean has = new AtomicBoolean();
    GraphIndex.of(model.graph()).forEachGraph(graph -> has.compareAndSet(false, graph.has(value)));
    return has.get();
  }

  private Value restored(GraphBuilder b, Value answers) {
    return b.add(b.mul(answers, b.constant(deviations(targets))), b.constant(means(targets)));
  }

  /** A model that computes what a network sees, as an output of a name if that is free. */
  private Model columns(Model trained, String output) {
    GraphBuilder b =
        GraphBuilder.of(trained.graph().name(), Math.toIntExact(trained.opset("").orElse(0)));
    // All inputs first, so that what is computed gets names that are free.
    List<Value> columns = new ArrayList<>();
    numbers.forEach(number -> columns.add(column(b, number.name(), ElementType.FLOAT)));
    List<Value> texts = new ArrayList<>();
    categories.forEach(c -> texts.add(column(b, c.name(), ElementType.STRING)));
    List<Value> parts = new ArrayList<>();
    if (!columns.isEmpty()) {
      for (int i = 0; fills() && i < columns.size(); i++) {
        Value x = columns.get(i);
        columns.set(i, b.where(b.isNaN(x), b.constant(numbers.get(i).usual()), x));
      }
      Value all = columns.size() == 1 ? columns.get(0) : b.concat(1, columns.toArray(Value[]::new));
      parts.add(
          format.standardized()
              ? b.div(b.sub(all, b.constant(means(numbers))), b.constant(deviations(numbers)))
              : all);
    }
    for (int i = 0; i < texts.size(); i++) {
      parts.add(indicators(b, texts.get(i), categories.get(i).known()));
    }
    Value joined =
        parts.size() == 1 ? b.identity(parts.get(0)) : b.concat(1, parts.toArray(Value[]::new));
    b.output(joined);
    Model model = b.buildModel();
    String name = model.graph().outputs().get(0).name();
    String free = free(output, n -> !n.equals(name) && has(model, n));
    return free.equals(name) ? model : ModelEditor.of(model).renameOutput(name, free).model();
  }

  private static Value column(GraphBuilder b, String name, ElementType type) {
    return b.input(name, TensorType.of(type, Shape.parse("N,1")));
  }

  /** 1 for the category that a text is, 0 for the others. */
  private static Value indicators(GraphBuilder b, Value texts, List<String> known) {
    b.importDomain("ai.onnx.ml", 3);
    long[] numbers = LongStream.range(0, known.size()).toArray();
    Value index =
        b.node(
            "ai.onnx.ml.LabelEncoder",
            List.of(texts),
            Attribute.ofStrings("keys_strings", known.toArray(String[]::new)),
            Attribute.ofInts("values_int64s", numbers),
            Attribute.ofInt("default_int64", -1));
    return b.cast(
        b.equal(index, b.constant(Tensor.ofLongs(numbers, 1, numbers.length))), ElementType.FLOAT);
  }

  private static Tensor means(List<Scale> scales) {
    float[] means = new float[scales.size()];
    for (int i = 0; i < means.length; i++) {
      means[i] = scales.get(i).mean();
    }
    return Tensor.ofFloats(means, means.length);
  }

  private static Tensor deviations(List<Scale> scales) {
    float[] deviations = new float[scales.size()];
    for (int i = 0; i < deviations.length; i++) {
      deviations[i] = scales.get(i).deviation();
    }
    return Tensor.ofFloats(deviations, deviations.length);
  }

  @Override
  public String toString() {
    return "%d columns of numbers and %d of texts as %d features"
        .formatted(numbers.size(), categories.size(), features());
  }
}
