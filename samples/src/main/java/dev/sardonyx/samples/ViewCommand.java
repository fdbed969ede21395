package dev.sardonyx.samples;

import dev.sardonyx.ir.Model;
import dev.sardonyx.runtime.input.MadeUpInputs;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.Profile;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.samples.view.Marks;
import dev.sardonyx.samples.view.ModelDrawing;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx view}: draws the graph of an ONNX file. */
@Command(
    name = "view",
    description = {
      "Draws an ONNX file's graph: a page for the browser that needs no network, or an SVG.",
      "In the page, groups of nodes open and close, and nodes show their attributes, types and"
          + " weights. Of large weights, samples are read.",
      "Exit status: 0 drawn, 1 failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class ViewCommand implements Callable<Integer> {
  private static final int RUNS = 10;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "An ONNX file; - is standard input.")
  private Path file;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      description =
          "The page, OUT.html, or the drawing alone, OUT.svg; - is standard output for the page"
              + " (default: FILE's name with .html, in the current folder).")
  private @Nullable Path output;

  @Option(
      names = "--no-weights",
      description = "Leave external data files alone; they need not be there.")
  private boolean withoutWeights;

  @Option(
      names = "--time",
      description = "Run the model in ONNX Runtime on made-up inputs, and colour nodes by time.")
  private boolean timed;

  @Option(
      names = "--dim",
      paramLabel = "NAME=N",
      description = "With --time, the size of a symbol in the inputs' shapes; 1 for others.")
  private Map<String, Long> dims = new LinkedHashMap<>();

  @Option(
      names = "--profile",
      paramLabel = "JSON",
      description = "Colour nodes by the times in a profile that ONNX Runtime wrote.")
  private @Nullable Path profile;

  @Override
  public Integer call() throws IOException {
    requireSense();
    Path out = output == null ? defaultOutput() : output;
    boolean isSvg = name(out).endsWith(".svg");
    if (!isSvg && !StandardStreams.isMeant(out) && !name(out).endsWith(".html")) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--output': '" + out + "' ends neither with .html nor .svg");
    }
    OutputFiles.requireWritable(
        spec, "--output", out, profile == null ? List.of(file) : List.of(file, profile));
    Model model = ModelArgument.read(spec, file, withoutWeights);
    ModelDrawing drawing = ModelDrawing.of(title(), model, marks(model));
    byte[] drawn = (isSvg ? drawing.svg() : drawing.html()).getBytes(StandardCharsets.UTF_8);
    OutputFiles.write(out, drawn);
    Console.of(spec)
        .detail(
            "Drawn %s: %s, %s",
            StandardStreams.output(out),
            Sizes.bytes(drawn.length),
            Count.of(model.graph().nodes().size(), "node"));
    return 0;
  }

  private void requireSense() {
    if (!timed && Failures.isTyped(spec, "--dim")) {
      throw new ParameterException(spec.commandLine(), "--dim goes with --time");
    }
    if (timed && profile != null) {
      throw new ParameterException(spec.commandLine(), "--time and --profile exclude each other");
    }
    if (timed && withoutWeights) {
      throw new ParameterException(
          spec.commandLine(), "--time and --no-weights exclude each other");
    }
  }

  private String title() {
    return StandardStreams.isMeant(file) ? "model" : String.valueOf(file.getFileName());
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
  }

  private Path defaultOutput() {
    return Path.of(title().replaceFirst("\\.onnx$", "") + ".html");
  }

  private Marks marks(Model model) throws IOException {
    if (timed) {
      DimSizes.require(spec, dims, MadeUpInputs.symbols(model));
      return Marks.ofTimes(measured(model), model.graph().nodes());
    }
    return profile == null
        ? Marks.NONE
        : Marks.ofTimes(Profile.read(profile), model.graph().nodes());
  }

  /** Where the time of some runs went. */
  private Profile measured(Model model) throws IOException {
    Path folder = Files.createTempDirectory("sardonyx-profile");
    try (InferenceSession session =
        InferenceSession.of(model, SessionOptions.DEFAULT.withProfile(folder.resolve("profile")))) {
      for (int run = 0; run < RUNS; run++) {
        session.run(MadeUpInputs.of(model, dims, run));
      }
      return session.profile();
    } finally {
      try (Stream<Path> files = Files.list(folder)) {
        files.map(Path::toFile).forEach(File::delete);
      }
      Files.delete(folder);
    }
  }
}
