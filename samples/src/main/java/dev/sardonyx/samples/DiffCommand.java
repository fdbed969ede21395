package dev.sardonyx.samples;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.diff.Difference;
import dev.sardonyx.ir.diff.ModelDiff;
import dev.sardonyx.samples.view.Marks;
import dev.sardonyx.samples.view.ModelDrawing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx diff}: how two models differ. */
@Command(
    name = "diff",
    description = {
      "Prints in what two ONNX files differ: nodes, attributes, types, weights and metadata.",
      "Names inside, the order of nodes and attributes given as their default make no difference.",
      "Exit status: 0 no difference, 1 differences or failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class DiffCommand implements Callable<Integer> {
  private static final int SHOWN = 100;

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "BEFORE",
      description = "An ONNX file; - is standard input.")
  private Path before;

  @Parameters(index = "1", paramLabel = "AFTER", description = "The ONNX file to compare with it.")
  private Path after;

  @Option(names = "--all", description = "Print more than the first " + SHOWN + " differences.")
  private boolean all;

  @Mixin private JsonOption json;

  @Mixin private ViewOption view;

  @Override
  public Integer call() throws IOException {
    ResultFile.requireWritable(spec, List.of(before, after), json, view);
    Model first = ModelArgument.read(spec, before);
    Model second = ModelArgument.read(spec, after);
    List<Difference> differences = ModelDiff.between(first, second);
    Console console = Console.of(spec);
    int shown = all ? differences.size() : Math.min(SHOWN, differences.size());
    differences.subList(0, shown).forEach(d -> console.result("%s", d));
    if (shown < differences.size()) {
      console.result("... and %,d more (--all)", differences.size() - shown);
    }
    console.result(
        "%s",
        differences.isEmpty()
            ? "No difference"
            : "%,d %s"
                .formatted(
                    differences.size(), differences.size() == 1 ? "difference" : "differences"));
    json.write(differences.stream().map(DiffCommand::fields).toList());
    view.write(
        () ->
            drawing(before, first, differences, true)
                .html(drawing(after, second, differences, false), differences));
    return differences.isEmpty() ? 0 : 1;
  }

  private static ModelDrawing drawing(
      Path file, Model model, List<Difference> differences, boolean isFirst) {
    return ModelDrawing.of(
        String.valueOf(file.getFileName()), model, Marks.ofDifferences(differences, isFirst));
  }

  private static Map<String, Object> fields(Difference difference) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("place", difference.place());
    fields.put("what", difference.what());
    if (difference instanceof Difference.Changed changed) {
      fields.put("kind", "changed");
      fields.put("before", changed.before());
      fields.put("after", changed.after());
    } else if (difference instanceof Difference.ElementValues elements) {
      fields.put("kind", "elements");
      fields.put("by", elements.by());
    } else {
      fields.put("kind", difference instanceof Difference.Added ? "added" : "removed");
    }
    return fields;
  }
}
