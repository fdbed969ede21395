package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.Target;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The npm package onnxruntime-web, in a process of Node, which is started again when it ended.
 * Models are exported for the target; their inputs and outputs are tensors of JavaScript's types.
 */
public final class WebBackend implements Backend, AutoCloseable {
  /** For {@code conformance --backend}; where the package is, {@link #modules} says. */
  public static final class Supply implements Supplier<Backend> {
    @Override
    public Backend get() {
      return new WebBackend(
          modules()
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "There is no Node, or no package onnxruntime-web in"
                              + " -Dsardonyx.node.modules, NODE_PATH or here")));
    }
  }

  private static final Path SCRIPT =
      Path.of("src/test/resources/dev/sardonyx/samples/onnxruntime-web.mjs");
  private static final Target TARGET = Target.named("onnxruntime-web");
  private static final Map<ElementType, String> TYPES = types();

  private final Path modules;
  private @Nullable Process node;
  private @Nullable BufferedReader answers;
  private @Nullable BufferedWriter commands;

  WebBackend(Path modules) {
    this.modules = modules;
  }

  private static Map<ElementType, String> types() {
    Map<ElementType, String> types = new EnumMap<>(ElementType.class);
    types.put(ElementType.FLOAT, "float32");
    types.put(ElementType.DOUBLE, "float64");
    for (String name :
        "float16 bool string int8 int16 int32 int64 uint8 uint16 uint32 uint64".split(" ", -1)) {
      types.put(ElementType.named(name).orElseThrow(), name);
    }
    return types;
  }

  /**
   * A folder {@code node_modules} that has the package: the one that {@code
   * -Dsardonyx.node.modules} or the environment's {@code NODE_PATH} names, or one here; empty if
   * there is none, or no Node.
   */
  static Optional<Path> modules() {
    String named = System.getProperty("sardonyx.node.modules", "");
    String path = System.getenv().getOrDefault("NODE_PATH", "");
    return Stream.concat(
            Stream.of(named),
            Stream.concat(Arrays.stream(path.split(File.pathSeparator, -1)), here()))
        .filter(folder -> !folder.isEmpty())
        .map(Path::of)
        .filter(folder -> Files.exists(folder.resolve("onnxruntime-web/package.json")))
        .filter(folder -> hasNode())
        .findFirst();
  }

  private static Stream<String> here() {
    return Stream.of("node_modules", "../node_modules");
  }

  private static boolean hasNode() {
    try {
      return new ProcessBuilder("node", "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String name() {
    return "ONNX Runtime Web";
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    for (Input input : model.graph().inputs()) {
      if (!isPassed(input.type())) {
        return Optional.of("input '" + input.name() + "' " + input.type());
      }
    }
    for (Output output : model.graph().outputs()) {
      if (!isPassed(output.type())) {
        return Optional.of("output '" + output.name() + "' " + output.type());
      }
    }
    List<String> reasons = OnnxExport.of(model).target(TARGET).whyUnsupported();
    return reasons.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", reasons));
  }

  private static boolean isPassed(ValueType type) {
    return type instanceof TensorType tensor && TYPES.containsKey(tensor.elementType());
  }

  /** What the target takes and the package does not is a fault of the target's description. */
  @Override
  public PreparedModel prepare(Model model, Options options) {
    whyUnsupported(model)
        .ifPresent(
            reason -> {
              throw new UnsupportedModelException(reason);
            });
    byte[] file = OnnxExport.of(model).target(TARGET).toBytes();
    ask("load " + Base64.getEncoder().encodeToString(file));
    return new Prepared(model);
  }

  /** What the process answers. */
  private String ask(String command) {
    try {
      if (node == null || !node.isAlive()) {
        start();
      }
      commands.write(command);
      commands.newLine();
      commands.flush();
      String answer = answers.readLine();
      if (answer == null || !answer.startsWith("ok ")) {
        throw new IllegalStateException(answer == null ? "Node ended" : answer.substring(3));
      }
      return answer.substring(3);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void start() throws IOException {
    close();
    Process started =
        new ProcessBuilder("node", SCRIPT.toString(), modules.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    node = started;
    answers = started.inputReader(StandardCharsets.UTF_8);
    commands = started.outputWriter(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    if (node != null) {
      node.destroyForcibly();
      node = null;
    }
  }

  /** A model that the process has loaded, until it loads another. */
  private final class Prepared implements PreparedModel {
    private final Model model;

    Prepared(Model model) {
      this.model = model;
    }

    @Override
    public Outputs run(Map<String, ? extends Datum> inputs) {
      String given =
          inputs.entrySet().stream()
              .map(e -> encoded(e.getKey(), (Tensor) e.getValue()))
              .collect(Collectors.joining(" "));
      Map<String, Datum> computed = new LinkedHashMap<>();
      for (String word : ask("run " + given).split(" ", -1)) {
        String[] parts = word.split(":", -1);
        computed.put(text(parts[0]), decoded(parts));
      }
      Map<String, Datum> outputs = new LinkedHashMap<>();
      for (Output output : model.graph().outputs()) {
        outputs.put(output.name(), computed.get(output.name()));
      }
      return Outputs.of(outputs);
    }

    @Override
    public void close() {
      // The next one takes its place.
    }
  }

  private static String encoded(String name, Tensor tensor) {
    String dims =
        LongStream.of(tensor.dims()).mapToObj(String::valueOf).collect(Collectors.joining(","));
    return String.join(":", code(name), TYPES.get(tensor.elementType()), dims, data(tensor));
  }

  private static String data(Tensor tensor) {
    if (tensor.elementType() == ElementType.STRING) {
      return tensor.strings().stream().map(WebBackend::code).collect(Collectors.joining(","));
    }
    ByteBuffer bytes = tensor.bytes();
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return Base64.getEncoder().encodeToString(copy);
  }

  private static Tensor decoded(String[] parts) {
    long[] dims = Arrays.stream(words(parts[2])).mapToLong(Long::parseLong).toArray();
    if (parts[1].equals("string")) {
      List<String> strings = new ArrayList<>();
      if (LongStream.of(dims).reduce(1, (a, b) -> a * b) > 0) {
        Arrays.stream(parts[3].split(",", -1)).map(WebBackend::text).forEach(strings::add);
      }
      return Tensor.ofStrings(strings, dims);
    }
    ElementType type =
        TYPES.entrySet().stream()
            .filter(e -> e.getValue().equals(parts[1]))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow();
    return Tensor.of(type, dims, ByteBuffer.wrap(Base64.getDecoder().decode(parts[3])));
  }

  private static String[] words(String list) {
    return list.isEmpty() ? new String[0] : list.split(",", -1);
  }

  private static String code(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(String code) {
    return new String(Base64.getDecoder().decode(code), StandardCharsets.UTF_8);
  }
}
