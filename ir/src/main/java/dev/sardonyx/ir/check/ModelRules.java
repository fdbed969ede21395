package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.IrVersion;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.OperatorCatalogue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Rules about the model as a whole: versions, imports, and the main graph's signature. */
final class ModelRules {
  private final Model model;
  private final List<Problem> problems;

  private ModelRules(Model model, List<Problem> problems) {
    this.model = model;
    this.problems = problems;
  }

  static void check(Model model, List<Problem> problems) {
    ModelRules rules = new ModelRules(model, problems);
    rules.irVersion();
    rules.imports("", model.opsetImports());
    for (Function function : model.functions()) {
      rules.imports(FunctionRules.label(function), function.opsetImports());
    }
    rules.signature();
  }

  private void irVersion() {
    long version = model.irVersion();
    if (version < 1 || version > IrVersion.newest()) {
      add(
          ProblemCode.IR_VERSION,
          "",
          "",
          "1 to " + IrVersion.newest(),
          Long.toString(version),
          "the model has IR version " + version + "; known are 1 to " + IrVersion.newest());
    }
    if (version < 8 && !model.functions().isEmpty()) {
      add(
          ProblemCode.IR_VERSION,
          "",
          "",
          "8 or later",
          Long.toString(version),
          "the model has functions, which IR version " + version + " does not have");
    }
    if (version >= 1 && version < 4) {
      initializersAreInputs();
    }
  }

  private void initializersAreInputs() {
    Set<String> inputs =
        model.graph().inputs().stream().map(Input::name).collect(Collectors.toSet());
    for (Constant constant : model.graph().constants()) {
      if (!inputs.contains(constant.name())) {
        add(
            ProblemCode.IR_VERSION,
            model.graph().name(),
            constant.name(),
            "IR version 4 or later",
            Long.toString(model.irVersion()),
            "initializer "
                + constant.name()
                + " is no graph input, which IR version "
                + model.irVersion()
                + " demands");
      }
    }
  }

  private void imports(String where, List<OpsetImport> imports) {
    if (imports.isEmpty()) {
      // IR versions before 3 knew no imports and meant the first operator set.
      if (model.irVersion() >= IrVersion.OPSET_IMPORTS) {
        add(
            ProblemCode.NO_OPSET_IMPORT,
            where,
            "",
            "an opset import",
            "none",
            (where.isEmpty() ? "the model" : where) + " imports no operators");
      }
      return;
    }
    Map<String, Long> seen = new HashMap<>();
    for (OpsetImport each : imports) {
      String domain = OpsetImport.canonical(each.domain());
      Long before = seen.putIfAbsent(domain, each.version());
      if (before != null) {
        add(
            ProblemCode.DUPLICATE_OPSET_IMPORT,
            where,
            shown(domain),
            "one import",
            before + " and " + each.version(),
            "domain "
                + shown(domain)
                + " is imported twice, at versions "
                + before
                + " and "
                + each.version());
      }
      version(where, domain, each.version());
    }
  }

  private void version(String where, String domain, long version) {
    long newest = newest(domain);
    if (version < 1 || newest > 0 && version > newest) {
      add(
          ProblemCode.OPSET_VERSION,
          where,
          shown(domain),
          newest > 0 ? "1 to " + newest : "at least 1",
          Long.toString(version),
          "domain "
              + shown(domain)
              + " has no version "
              + version
              + (newest > 0 ? "; known are 1 to " + newest : ""));
    }
  }

  /** The newest known version of a domain, 0 if the domain is not known. */
  private static long newest(String domain) {
    OperatorCatalogue catalogue = OperatorCatalogue.standard();
    return catalogue.knowsDomain(domain) ? catalogue.newestOpset(domain) : 0;
  }

  static String shown(String domain) {
    return domain.isEmpty() ? "ai.onnx" : domain;
  }

  private void signature() {
    String graph = model.graph().name();
    if (graph.isEmpty()) {
      add(ProblemCode.EMPTY_NAME, "", "", "a name", "none", "the main graph has no name");
    }
    for (Input input : model.graph().inputs()) {
      if (!isStated(input.type())) {
        add(
            ProblemCode.MISSING_TYPE,
            graph,
            input.name(),
            "a type",
            input.type().toString(),
            "graph input " + input.name() + " has no type");
      } else {
        shapeOf("input", input.name(), input.type());
      }
    }
    Set<String> names = new HashSet<>();
    for (Output output : model.graph().outputs()) {
      if (!isStated(output.type())) {
        // Runtimes find the type out, but onnx.checker refuses the file.
        problems.add(
            Problem.error(
                    ProblemCode.MISSING_TYPE,
                    graph,
                    "",
                    output.name(),
                    "a type",
                    output.type().toString(),
                    "graph output " + output.name() + " has no type")
                .asWarning());
      } else {
        shapeOf("output", output.name(), output.type());
      }
      if (!names.add(output.name())) {
        add(
            ProblemCode.DUPLICATE_OUTPUT,
            graph,
            output.name(),
            "one output",
            "two",
            "value " + output.name() + " is a graph output twice");
      }
    }
  }

  /** Runtimes take any rank where none is declared, but onnx.checker refuses the file. */
  private void shapeOf(String role, String name, ValueType type) {
    boolean isRanked =
        type instanceof TensorType dense
            ? dense.shape().isRanked()
            : !(type instanceof SparseTensorType sparse) || sparse.shape().isRanked();
    if (!isRanked) {
      problems.add(
          Problem.error(
                  ProblemCode.MISSING_TYPE,
                  model.graph().name(),
                  "",
                  name,
                  "a shape, whose dimensions may be names",
                  type.toString(),
                  "graph " + role + " " + name + " has a type without a shape")
              .asWarning());
    }
  }

  private static boolean isStated(ValueType type) {
    return type.isKnown()
        && !(type instanceof TensorType t && t.elementType() == ElementType.UNDEFINED);
  }

  private void add(
      ProblemCode code,
      String graph,
      String value,
      String expected,
      String actual,
      String message) {
    problems.add(Problem.error(code, graph, "", value, expected, actual, message));
  }
}
