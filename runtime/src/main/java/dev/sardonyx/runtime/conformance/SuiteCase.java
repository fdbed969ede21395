package dev.sardonyx.runtime.conformance;

import dev.sardonyx.export.OnnxData;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.file.TextFile;
import dev.sardonyx.runtime.Tolerance;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One case: a model, and data sets of inputs with the outputs they give. Files are read when first
 * asked for; the model is kept. For one thread at a time.
 */
public final class SuiteCase {
  /** What the backend suite uses where a case says nothing: rtol 1e-3, atol 1e-7. */
  private static final Tolerance USUAL = new Tolerance(1e-3, 1e-7);

  private static final Pattern NUMBER = Pattern.compile("_(\\d+)(?:\\.pb)?/?$");

  private final String name;
  private final Path folder;
  private @Nullable Model model;

  SuiteCase(String name, Path folder) {
    this.name = name;
    this.folder = folder;
  }

  static SuiteCase of(Path root, Path modelFile) {
    Path folder = modelFile.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IllegalArgumentException(modelFile + " lies in no folder");
    }
    String name = root.toAbsolutePath().relativize(folder).toString().replace('\\', '/');
    return new SuiteCase(name, folder);
  }

  /** The case's folder within the suite, such as {@code node/test_abs}. */
  public String name() {
    return name;
  }

  /** Releases the model; it is read again when asked for. */
  void release() {
    model = null;
  }

  /** The file's bytes. */
  public byte[] modelBytes() throws IOException {
    return Files.readAllBytes(folder.resolve("model.onnx"));
  }

  /** The model as {@link OnnxReader} reads it; in a folder it may have external data. */
  public Model model() throws IOException {
    if (model == null) {
      boolean isFolder = folder.getFileSystem().equals(FileSystems.getDefault());
      model =
          isFolder ? OnnxReader.read(folder.resolve("model.onnx")) : OnnxReader.read(modelBytes());
    }
    return model;
  }

  /** By how much the outputs may differ from those recorded. */
  public Tolerance tolerance() throws IOException {
    Path file = folder.resolve("tolerance.json");
    if (Files.notExists(file)) {
      return USUAL;
    }
    String json = TextFile.read(file);
    return new Tolerance(
        number(json, "rtol", USUAL.rtol(), file), number(json, "atol", USUAL.atol(), file));
  }

  /** The file holds one flat JSON object of two numbers, so no JSON library is needed. */
  private static double number(String json, String key, double otherwise, Path file)
      throws IOException {
    Matcher matcher = Pattern.compile("\"" + key + "\"\\s*:\\s*([-+.\\deE]+)").matcher(json);
    if (!matcher.find()) {
      return otherwise;
    }
    try {
      return Double.parseDouble(matcher.group(1));
    } catch (NumberFormatException e) {
      throw new IOException(file + ": '" + matcher.group(1) + "' is not a number", e);
    }
  }

  /**
   * Inputs and the outputs they give, by name.
   *
   * @param name the data set's folder, such as {@code test_data_set_0}
   */
  public record DataSet(String name, Map<String, Datum> inputs, Map<String, Datum> outputs) {}

  /** The case's data sets, in the order of their numbers; some cases have none. */
  public List<DataSet> dataSets() throws IOException {
    List<DataSet> sets = new ArrayList<>();
    for (Path set : numbered(folder, "test_data_set_")) {
      String setName = String.valueOf(set.getFileName()).replace("/", "");
      sets.add(
          new DataSet(
              setName, data(set, "input_", inputTypes(set)), data(set, "output_", outputTypes())));
    }
    return sets;
  }

  private Map<String, ValueType> outputTypes() throws IOException {
    return model().graph().outputs().stream()
        .collect(Collectors.toMap(Output::name, Output::type, (a, b) -> a, LinkedHashMap::new));
  }

  /**
   * The inputs that the files belong to: all if there are enough files, else those without a
   * default.
   */
  private Map<String, ValueType> inputTypes(Path set) throws IOException {
    Set<String> constants =
        model().graph().constants().stream().map(Constant::name).collect(Collectors.toSet());
    List<Input> all = model().graph().inputs();
    List<Input> needed = all.stream().filter(i -> !constants.contains(i.name())).toList();
    boolean defaultsGiven = numbered(set, "input_").size() > needed.size();
    return (defaultsGiven ? all : needed)
        .stream()
            .collect(Collectors.toMap(Input::name, Input::type, (a, b) -> a, LinkedHashMap::new));
  }

  private static Map<String, Datum> data(Path set, String prefix, Map<String, ValueType> types)
      throws IOException {
    List<Path> files = numbered(set, prefix);
    if (files.size() > types.size()) {
      throw new IOException(
          set
              + " has "
              + files.size()
              + " files "
              + prefix
              + "*.pb for "
              + types.size()
              + " values");
    }
    Map<String, Datum> data = new LinkedHashMap<>();
    int i = 0;
    for (Map.Entry<String, ValueType> entry : types.entrySet()) {
      if (i < files.size()) {
        data.put(entry.getKey(), OnnxData.read(files.get(i), entry.getValue()));
      }
      i++;
    }
    return data;
  }

  /** Children of a folder whose names begin so, by the number they end in. */
  private static List<Path> numbered(Path folder, String prefix) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children
          .filter(child -> String.valueOf(child.getFileName()).startsWith(prefix))
          .sorted(Comparator.comparingInt(SuiteCase::number))
          .toList();
    }
  }

  private static int number(Path path) {
    Matcher matcher = NUMBER.matcher(path.toString());
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  @Override
  public String toString() {
    return name;
  }
}
