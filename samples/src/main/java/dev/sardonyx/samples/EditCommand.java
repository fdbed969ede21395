package dev.sardonyx.samples;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.samples.ChangedFiles.Changed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sardonyx edit}: names, dimensions, parts and wholes of a model. */
@Command(
    name = "edit",
    description = {
      "Changes the names, dimensions or extent of models.",
      "Whatever their order, the options act in that of this list; the later ones use the names that"
          + " the earlier ones gave.",
      "Exit status: 0 written, 1 failed (the others are written), 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class EditCommand implements Callable<Integer> {
  /** An axis of an input, as in {@code image[0]}. */
  private static final Pattern AXIS = Pattern.compile("(.+)\\[(\\d{1,3})]");

  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

  /** What can be left out of a model. */
  private enum Part {
    DOCS,
    METADATA,
    TYPES,
    WEIGHTS
  }

  @Spec private CommandSpec spec;

  @Mixin private ChangedFiles files;

  @Option(
      names = "--from",
      paramLabel = "VALUE",
      split = ",",
      description = "Keep only the part after these values, which become its inputs (with --to).")
  private List<String> from = new ArrayList<>();

  @Option(
      names = "--to",
      paramLabel = "VALUE",
      split = ",",
      description = "Keep only what these values need, which become the outputs.")
  private List<String> to = new ArrayList<>();

  @Option(
      names = "--append",
      paramLabel = "FILE",
      description = "Put another model behind this one.")
  private @Nullable Path appended;

  @Option(
      names = "--join",
      paramLabel = "OUTPUT=INPUT",
      split = ",",
      description =
          "With --append: which output becomes which input of the other model (default: those of one"
              + " name, or the only ones).")
  private Map<String, String> joins = new LinkedHashMap<>();

  @Option(
      names = "--rename",
      paramLabel = "OLD=NEW",
      split = ",",
      description = "Rename an input, an output or another value.")
  private Map<String, String> values = new LinkedHashMap<>();

  @Option(
      names = "--rename-node",
      paramLabel = "OLD=NEW",
      split = ",",
      description = "Rename a node.")
  private Map<String, String> nodes = new LinkedHashMap<>();

  @Option(
      names = "--set-dim",
      paramLabel = "DIM=SIZE",
      split = ",",
      description =
          "Give an axis of an input, as image[0], or a symbol, as N, a size or another symbol's"
              + " name.")
  private Map<String, String> dims = new LinkedHashMap<>();

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      description = "Put a text before all names but those of inputs and outputs.")
  private @Nullable String prefix;

  @Option(
      names = "--strip",
      paramLabel = "PART",
      split = ",",
      description =
          "Leave out ${COMPLETION-CANDIDATES}: DOCS are texts for people, METADATA these and the"
              + " properties, TYPES those of inner values, and large WEIGHTS become zeros.")
  private List<Part> stripped = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    requireSomething();
    files.requireWritable(spec, appended == null ? List.of() : List.of(appended));
    Model other = appended == null ? null : ModelArgument.read(spec, appended);
    return files.write(
        spec,
        (console, file) -> {
          Model read = ModelArgument.read(spec, file);
          return Changed.of(read, Optional.of(Checker.require(edited(read, other))));
        });
  }

  private void requireSomething() {
    boolean nothing =
        to.isEmpty() && appended == null && values.isEmpty() && nodes.isEmpty() && dims.isEmpty();
    if (!from.isEmpty() && to.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--from goes with --to");
    }
    if (!joins.isEmpty() && appended == null) {
      throw new ParameterException(spec.commandLine(), "--join goes with --append");
    }
    if (nothing && prefix == null && stripped.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "nothing to change: name an option such as --rename or --set-dim");
    }
  }

  private Model edited(Model model, @Nullable Model other) {
    ModelEditor e = ModelEditor.of(model);
    if (!from.isEmpty()) {
      e = e.extract(from, to);
    } else if (!to.isEmpty()) {
      e = e.outputs(to.toArray(String[]::new));
    }
    if (other != null) {
      e = e.append(other, joins.isEmpty() ? joined(e.model(), other) : joins);
    }
    for (Map.Entry<String, String> name : values.entrySet()) {
      e = e.renameValue(name.getKey(), name.getValue());
    }
    for (Map.Entry<String, String> name : nodes.entrySet()) {
      e = e.renameNode(name.getKey(), name.getValue());
    }
    for (Map.Entry<String, String> dim : dims.entrySet()) {
      e = withDim(e, dim.getKey(), dim.getValue());
    }
    if (prefix != null) {
      e = e.prefixInside(prefix);
    }
    for (Part part : stripped) {
      e = without(e, part);
    }
    return e.model();
  }

  private static Map<String, String> joined(Model first, Model second) {
    List<String> outputs = first.graph().outputs().stream().map(o -> o.name()).toList();
    List<String> inputs = second.graph().inputs().stream().map(i -> i.name()).toList();
    if (outputs.size() == 1 && inputs.size() == 1) {
      return Map.of(outputs.get(0), inputs.get(0));
    }
    Map<String, String> same =
        outputs.stream().filter(inputs::contains).collect(Collectors.toMap(o -> o, o -> o));
    if (same.isEmpty()) {
      throw new IllegalArgumentException(
          "no output of %s is an input of the model to append, %s; say which: --join OUTPUT=INPUT"
              .formatted(String.join(", ", outputs), String.join(", ", inputs)));
    }
    return same;
  }

  private static ModelEditor withDim(ModelEditor e, String dim, String size) {
    Matcher axis = AXIS.matcher(dim);
    if (axis.matches()) {
      return e.dimension(axis.group(1), Integer.parseInt(axis.group(2)), size);
    }
    return NUMBER.matcher(size).matches()
        ? e.fixDimension(dim, Long.parseLong(size))
        : e.renameDimension(dim, size);
  }

  private static ModelEditor without(ModelEditor e, Part part) {
    return switch (part) {
      case DOCS -> e.withoutDocs();
      case METADATA -> e.withoutMetadata();
      case TYPES -> e.withoutTypes();
      case WEIGHTS -> e.withoutWeights(1000);
    };
  }
}
