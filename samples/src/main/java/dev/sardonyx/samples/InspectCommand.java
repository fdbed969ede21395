package dev.sardonyx.samples;

import dev.sardonyx.export.text.ModelPrinter;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.file.AtomicFile;
import dev.sardonyx.ir.nn.ModelSummary;
import dev.sardonyx.runtime.input.OutputFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx inspect}: prints what is in ONNX files. */
@Command(
    name = "inspect",
    description = {
      "Prints what is in ONNX files: their summary, their layers, their whole text or some values.",
      "Exit status: 0 printed, 1 failed (the others are printed), 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class InspectCommand implements Callable<Integer> {
  /** Elements of a value that are printed if nobody says how many. */
  private static final int ELEMENTS = 8;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "ONNX files; - is standard input.")
  private List<Path> files;

  @Option(names = "--layers", description = "Print the table of layers with inferred shapes.")
  private boolean layers;

  @Option(names = "--text", description = "Print the whole model in ONNX's text syntax.")
  private boolean text;

  @Option(
      names = "--elements",
      paramLabel = "N",
      description = "With --text or --value, print only the first N elements of long tensors.")
  private @Nullable Integer elements;

  @Option(
      names = "--no-weights",
      description = "Leave external data files alone; they need not be there.")
  private boolean withoutWeights;

  @Option(
      names = "--value",
      paramLabel = "NAME",
      description =
          "Print an initializer or constant instead: its type, statistics and first elements; may be"
              + " repeated.")
  private List<String> values = new ArrayList<>();

  @Option(
      names = "--npy",
      paramLabel = "FILE",
      description = "With one --value: write all of it in NumPy's format as well.")
  private @Nullable Path npy;

  @Mixin private JsonOption json;

  @Override
  public Integer call() throws IOException {
    requireSense();
    ResultFile.requireWritable(spec, files, json);
    if (npy != null) {
      List<Path> others = new ArrayList<>(files);
      others.addAll(json.files());
      requireWritable(npy, others);
    }
    Console console = Console.of(spec);
    FileResults results = FileResults.of(spec, files, file -> inspected(console, file));
    json.write(results.json());
    return results.exitStatus();
  }

  private void requireWritable(Path file, List<Path> others) throws IOException {
    if (StandardStreams.isMeant(file)) {
      StandardStreams.of(spec).take(spec, "--npy", false);
    } else {
      OutputFiles.requireWritable(spec, "--npy", file, others);
    }
  }

  private void requireSense() {
    if (elements != null && (elements < 0 || !(text || !values.isEmpty()))) {
      throw wrong(
          "Invalid value for option '--elements': it goes with --text or --value and is 0 or more");
    }
    if (layers && text) {
      throw wrong("--layers and --text exclude each other");
    }
    if (!values.isEmpty() && (layers || text)) {
      throw wrong("--value goes neither with --layers nor with --text");
    }
    if (npy != null && (values.size() != 1 || files.size() != 1)) {
      throw wrong("--npy goes with one --value and one FILE");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private FileResults.Found inspected(Console console, Path file) throws IOException {
    Model model = ModelArgument.read(spec, file, withoutWeights);
    if (!values.isEmpty()) {
      return new FileResults.Found(true, Map.of("values", values(console, model)));
    }
    if (text && elements != null) {
      console.results(ModelPrinter.printAbbreviated(model, elements));
    } else if (text) {
      ModelPrinter.printEscaped(model, console.out());
      console.out().flush();
    }
    Map<String, Object> told = new LinkedHashMap<>();
    if (layers) {
      ModelSummary summary = ModelSummary.of(model);
      console.results(summary.toString());
      told.put("layers", summary.rows());
    }
    if (json.isGiven() || !(text || layers)) {
      InspectedModel found = InspectedModel.of(model, ModelArgument.size(spec, file));
      if (!(text || layers)) {
        found.print(console, StandardStreams.input(file));
      }
      told.put("model", found);
    }
    return new FileResults.Found(true, told);
  }

  private static void writeNpy(Path file, String name, TensorData data) throws IOException {
    if (StandardStreams.isMeant(file)) {
      OutputFile.write(".npy", System.out, StandardStreams.output(file), name, data);
      return;
    }
    try (AtomicFile out = AtomicFile.create(file)) {
      OutputFile.write(".npy", out, file.toString(), name, data);
      out.commit();
    }
  }

  private List<InspectedValue> values(Console console, Model model) throws IOException {
    int shown = elements == null ? ELEMENTS : elements;
    List<InspectedValue> found = new ArrayList<>();
    for (String name : values) {
      TensorData data = InspectedValue.find(model, name);
      InspectedValue value = InspectedValue.of(name, data, shown);
      value.print(console);
      found.add(value);
      if (npy != null) {
        writeNpy(npy, name, data);
        console.detail("Written: %s", StandardStreams.output(npy));
      }
    }
    return found;
  }
}
