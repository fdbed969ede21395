package dev.sardonyx.samples;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.pass.Change;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.PassResult;
import dev.sardonyx.ir.pass.Passes;
import dev.sardonyx.samples.ChangedFiles.Changed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sardonyx simplify}: fewer nodes that compute the same. */
@Command(
    name = "simplify",
    description = {
      "Folds, fuses and removes nodes and keeps what the model computes, which is verified: ONNX"
          + " Runtime with the result against the reference evaluator with the original.",
      "Exit status: 0 written, 1 failed (the others are written), 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class SimplifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ChangedFiles files;

  @Option(
      names = "--pass",
      paramLabel = "PASS",
      completionCandidates = PassNames.class,
      description = "Only this pass; may be repeated, for several in order.")
  private List<String> passes = new ArrayList<>();

  @Option(
      names = "--fix",
      paramLabel = "NAME=N",
      description =
          "Give a symbol of the inputs' shapes a size for good, which more can be folded with.")
  private Map<String, Long> fixed = new LinkedHashMap<>();

  @Option(names = "--changes", description = "Print each change.")
  private boolean changes;

  @Mixin private Proof proof;

  /** For the shell's completion. */
  static final class PassNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Passes.names().iterator();
    }
  }

  @Override
  public Integer call() throws IOException {
    proof.requireValid(spec);
    Pass pass = pass();
    files.requireWritable(spec, List.of());
    Set<String> named = new TreeSet<>(fixed.keySet());
    named.addAll(proof.symbols());
    Consumer<Model> symbols =
        DimSizes.check(files.inputs(), named, DimSizes.TypesReader.onnx(spec), this::requireKnown);
    return files.write(
        spec,
        (console, file) -> {
          Model read = ModelArgument.read(spec, file);
          symbols.accept(read);
          Model given = fixed(Checker.require(read));
          PassResult result = pass.apply(given);
          if (changes) {
            result.changes().stream().map(Change::toString).forEach(c -> console.result("%s", c));
          }
          boolean same = proof.holds(spec, console, result.model(), given, new ReferenceBackend());
          return Changed.of(read, same ? Optional.of(result.model()) : Optional.empty());
        });
  }

  /**
   * Makes sure that some input has each symbol that is given a size, and gets it from one option.
   */
  private void requireKnown(Set<String> known) {
    DimSizes.require(spec, "--fix", fixed, known);
    Set<String> left = new TreeSet<>(known);
    left.removeAll(fixed.keySet());
    proof.requireKnownDims(spec, left);
  }

  private Pass pass() {
    try {
      return passes.stream().map(Passes::named).reduce(Pass::andThen).orElseGet(Passes::simplify);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "Invalid value for option '--pass': " + e.getMessage(), e);
    }
  }

  private Model fixed(Model model) {
    ModelEditor editor = ModelEditor.of(model);
    for (Map.Entry<String, Long> size : DimSizes.of(model, fixed).entrySet()) {
      editor = editor.fixDimension(size.getKey(), size.getValue());
    }
    return editor.model();
  }
}
