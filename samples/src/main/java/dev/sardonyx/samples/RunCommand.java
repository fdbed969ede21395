package dev.sardonyx.samples;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.input.MadeUpInputs;
import dev.sardonyx.runtime.input.OutputFile;
import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.runtime.session.TopK;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
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

/** {@code sardonyx run}: what ONNX Runtime computes with a model. */
@Command(
    name = "run",
    description = {
      "Runs a model in ONNX Runtime on given or made-up inputs and prints the outputs, shortened.",
      "Exit status: 0 run, 1 failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "An ONNX file; - is standard input.")
  private Path file;

  @Mixin private GivenInputs given;

  @Option(
      names = "--dim",
      paramLabel = "NAME=N",
      description = "Size of a symbol in the inputs' shapes; 1 for those not named.")
  private Map<String, Long> dims = new LinkedHashMap<>();

  @Option(
      names = "--output",
      paramLabel = "NAME=FILE",
      description = {
        "Write an output whole: .npy, .json, .pb as the ONNX backend suite has values, or .png for a",
        "picture, [H,W], [C,H,W] or [1,C,H,W], of bytes or of numbers from 0 to 1; - is JSON on",
        "standard output."
      })
  private Map<String, Path> saved = new LinkedHashMap<>();

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "Print the K largest of each row of the outputs, best first.")
  private @Nullable Integer top;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = "With --top: the classes' names, one a line (default: those in the model).")
  private @Nullable Path labels;

  @Mixin private AcceleratorOption accelerator;

  @Override
  public Integer call() throws IOException {
    requireValid();
    String chosen = accelerator.name(spec);
    Model model = Checker.require(ModelArgument.read(spec, file));
    List<String> names = labels == null ? ClassNames.of(model) : lines(labels);
    DimSizes.require(spec, dims, MadeUpInputs.symbols(model));
    saved.keySet().forEach(name -> requireOutput(model, name));
    Map<String, Datum> inputs = MadeUpInputs.beside(given.read(model), model, dims, given.seed());
    Console console = Console.of(spec);
    try (PreparedModel session = OrtBackend.of(Accelerator.of(chosen)).prepare(model)) {
      Outputs outputs = session.run(inputs);
      for (Map.Entry<String, Datum> output : outputs.entrySet()) {
        print(console, output.getKey(), output.getValue(), names);
      }
      for (Map.Entry<String, Path> entry : saved.entrySet()) {
        Datum value = outputs.get(entry.getKey());
        if (value == null) {
          throw new IOException("'" + entry.getKey() + "' was not computed");
        }
        write(entry.getValue(), entry.getKey(), value);
      }
    }
    return 0;
  }

  private static List<String> lines(Path file) throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": is not text in UTF-8", e);
    }
  }

  private void requireValid() throws IOException {
    if (top != null) {
      Requirement.on(spec, top >= 1, "--top", top, "1 or more");
    } else if (Failures.isTyped(spec, "--labels")) {
      throw new ParameterException(spec.commandLine(), "--labels goes with --top");
    }
    List<Path> others = new ArrayList<>(List.of(file));
    others.addAll(given.files());
    if (labels != null) {
      others.add(labels);
    }
    for (Path to : saved.values()) {
      Requirement.on(
          spec,
          StandardStreams.isMeant(to) || OutputFile.of(to).isKnown(),
          "--output",
          to,
          "a file that ends in one of " + String.join(", ", OutputFile.ENDINGS));
      OutputFiles.requireWritable(spec, "--output", to, others);
      others.add(to);
    }
  }

  private static void write(Path file, String name, Datum value) throws IOException {
    if (StandardStreams.isMeant(file)) {
      OutputFile.write(".json", System.out, StandardStreams.output(file), name, value);
    } else {
      OutputFile.of(file).write(name, value);
    }
  }

  private void requireOutput(Model model, String name) {
    List<String> known = model.graph().outputs().stream().map(o -> o.name()).toList();
    if (!known.contains(name)) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--output': the model has no output '%s'; it has %s"
              .formatted(name, String.join(", ", known)));
    }
  }

  private void print(Console console, String name, Datum value, List<String> classes)
      throws IOException {
    console.result("%s: %s", name, value);
    boolean numbers = value instanceof Tensor t && t.elementType().isFloat();
    if (top == null || !numbers || ((Tensor) value).rank() == 0) {
      return;
    }
    Tensor scores = (Tensor) value;
    boolean fits = classes.size() == scores.dim(scores.rank() - 1);
    if (!fits && labels != null) {
      throw new IOException(
          "%s: has %s, but rows of '%s' have %,d scores"
              .formatted(
                  labels, Count.of(classes.size(), "label"), name, scores.dim(scores.rank() - 1)));
    }
    for (List<TopK.Ranked> row : TopK.ofRows(scores, top, fits ? classes : List.of())) {
      for (TopK.Ranked ranked : row) {
        console.result("  %,8d %-24s %.6f", ranked.index(), ranked.label(), ranked.score());
      }
    }
  }
}
