package dev.sardonyx.export;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The ONNX backend suite, which lies among the resources of {@code runtime}. */
public final class BackendSuite implements AutoCloseable {
  private static final Path FILE =
      Path.of(
          "../runtime/src/main/resources/dev/sardonyx/runtime/conformance/onnx-backend-tests.zip");

  private final ZipFile zip;
  private final NavigableSet<String> names;

  private BackendSuite(ZipFile zip) {
    this.zip = zip;
    this.names = zip.stream().map(ZipEntry::getName).collect(Collectors.toCollection(TreeSet::new));
  }

  public static BackendSuite open() throws IOException {
    return new BackendSuite(new ZipFile(FILE.toFile()));
  }

  /** Names of the files with this last name, in alphabetical order. */
  public List<String> named(String fileName) {
    return names.stream().filter(name -> name.endsWith("/" + fileName)).toList();
  }

  public List<String> models() {
    return named("model.onnx");
  }

  /** Input and output files of the test case with this model. */
  public List<String> data(String model) {
    return startingWith(model.substring(0, model.lastIndexOf('/') + 1)).stream()
        .filter(name -> name.endsWith(".pb"))
        .toList();
  }

  private Set<String> startingWith(String prefix) {
    return names.subSet(prefix, prefix + Character.MAX_VALUE);
  }

  /** Folders with the inputs and outputs of one run each of the test case with this model. */
  public Set<String> dataSets(String model) {
    return data(model).stream()
        .map(file -> file.substring(0, file.lastIndexOf('/') + 1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * The inputs of a run. The files stand for the inputs without a default, or for all if there are
   * enough.
   *
   * @param set one of {@link #dataSets}
   */
  public Map<String, Datum> inputs(String set, Graph graph) throws IOException {
    Set<String> defaults =
        graph.constants().stream()
            .map(Constant::name)
            .collect(Collectors.toCollection(HashSet::new));
    List<Input> inputs = new ArrayList<>(graph.inputs());
    int count = startingWith(set + "input_").size();
    if (count < inputs.size()) {
      inputs.removeIf(input -> defaults.contains(input.name()));
    }
    Map<String, Datum> data = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String file = set + "input_" + i + ".pb";
      data.put(inputs.get(i).name(), OnnxData.read(bytes(file), inputs.get(i).type(), file));
    }
    return data;
  }

  public byte[] bytes(String name) throws IOException {
    return zip.getInputStream(zip.getEntry(name)).readAllBytes();
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
