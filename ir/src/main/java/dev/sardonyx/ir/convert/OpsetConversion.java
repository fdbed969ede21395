package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OnnxRelease;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.pass.Change;
import dev.sardonyx.ir.pass.FunctionInlining;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.PassResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Moves a model to other versions of ONNX's operators, upward or downward, and keeps what it
 * computes. Subgraphs and the model's own functions move too; functions that cannot move by
 * themselves are inlined first.
 *
 * <p>The opset of {@code ai.onnx.ml} moves only if it is asked for with {@link #ml}, or down to the
 * one that was released with the opset asked for.
 *
 * @param versions from domains, canonical, to the version asked for
 * @param limits how far functions may be inlined
 */
public record OpsetConversion(Map<String, Long> versions, Limits limits) implements Pass {
  /** The oldest opset of ONNX's own operators that can be asked for. */
  public static final int OLDEST = 7;

  /** The oldest opset of ONNX's own operators that a model may have. */
  public static final int OLDEST_SOURCE = 6;

  private static final String NAME = "opset-conversion";
  private static final String ML = "ai.onnx.ml";

  public OpsetConversion {
    versions = Map.copyOf(versions);
  }

  /**
   * A conversion to a version of ONNX's own operators.
   *
   * @param opset from 7 to the newest known
   * @throws IllegalArgumentException if it is another
   */
  public static OpsetConversion to(long opset) {
    long newest = OnnxRelease.newest().opset();
    if (opset < OLDEST || opset > newest) {
      throw new IllegalArgumentException(
          "Models can be converted to opset " + OLDEST + " to " + newest + ", not " + opset);
    }
    return new OpsetConversion(Map.of("", opset), Limits.standard());
  }

  /**
   * The same with a version of the operators of {@code ai.onnx.ml}.
   *
   * @param opset from 1 to the newest known
   */
  public OpsetConversion ml(long opset) {
    long newest = OnnxRelease.newest().mlOpset();
    if (opset < 1 || opset > newest) {
      throw new IllegalArgumentException(
          "Models can be converted to opset 1 to " + newest + " of ai.onnx.ml, not " + opset);
    }
    Map<String, Long> changed = new LinkedHashMap<>(versions);
    changed.put(ML, opset);
    return new OpsetConversion(changed, limits);
  }

  public OpsetConversion withLimits(Limits changed) {
    return new OpsetConversion(versions, changed);
  }

  /** What becomes of every operator at every version that changed it, in order. */
  public static List<VersionStep> steps() {
    return StepTable.standard().all().stream()
        .sorted(
            Comparator.comparing(VersionStep::domain)
                .thenComparing(VersionStep::operator)
                .thenComparing(VersionStep::version))
        .toList();
  }

  /**
   * @throws OpsetConversionException if nodes cannot be said in the versions asked for, naming all
   */
  @Override
  public PassResult apply(Model model) {
    return Nesting.follow(model, () -> converted(model));
  }

  /** What is in the way of converting a model; nothing if it can be converted. */
  public List<Refusal> refusals(Model model) {
    try {
      apply(model);
      return List.of();
    } catch (OpsetConversionException e) {
      return e.refusals();
    }
  }

  private PassResult converted(Model model) {
    requireConvertible(model);
    Attempt first = new Attempt(model);
    first.run(versions(model));
    if (first.refusals.all.isEmpty() && isSound(model, first.model)) {
      return first.result();
    }
    if (model.functions().isEmpty()) {
      throw refused(first.refusals.all);
    }
    return inlined(model, first);
  }

  private void requireConvertible(Model model) {
    long opset = model.opset("").orElse(OLDEST_SOURCE);
    String reason =
        !model.training().isEmpty()
            ? "training information refers to values by name"
            : opset < OLDEST_SOURCE ? "models before opset " + OLDEST_SOURCE + " are left" : "";
    if (!reason.isEmpty()) {
      String graph = model.graph().name();
      throw refused(List.of(new Refusal(graph, "all of it", "the model", reason, opset)));
    }
  }

  /** Functions alone do not know their types and attributes; in the place of a call they do. */
  private PassResult inlined(Model model, Attempt first) {
    Attempt aligned = new Attempt(model);
    aligned.run(imports(model));
    if (aligned.refusals.all.isEmpty()) {
      PassResult flat = new FunctionInlining(limits).apply(aligned.model);
      if (flat.model().functions().size() < model.functions().size()) {
        Attempt second = new Attempt(flat.model());
        second.changes.addAll(0, flat.changes());
        second.run(versions(model));
        if (second.refusals.all.isEmpty()) {
          return second.result();
        }
        throw refused(second.refusals.all);
      }
    }
    throw refused(first.refusals.all);
  }

  private OpsetConversionException refused(List<Refusal> refusals) {
    String target =
        versions.size() == 1 && versions.containsKey("")
            ? "opset " + versions.get("")
            : "the opsets " + versions;
    return new OpsetConversionException(target, refusals);
  }

  private static Map<String, Long> imports(Model model) {
    Map<String, Long> imports = new LinkedHashMap<>();
    for (String domain : List.of("", ML)) {
      model.opset(domain).ifPresent(version -> imports.put(domain, version));
    }
    return imports;
  }

  /** The versions to move to, with that of ai.onnx.ml if it is newer than goes with the opset. */
  private Map<String, Long> versions(Model model) {
    Map<String, Long> all = new LinkedHashMap<>(versions);
    Long opset = all.get("");
    OptionalLong ml = model.opset(ML);
    if (opset != null && !all.containsKey(ML) && ml.isPresent()) {
      long released =
          OnnxRelease.all().stream()
              .filter(r -> r.opset() <= opset)
              .mapToLong(OnnxRelease::mlOpset)
              .max()
              .orElse(1);
      all.put(ML, Math.min(released, ml.getAsLong()));
    }
    return all;
  }

  /** Whether functions, whose types only their callers know, have types that fit. */
  private static boolean isSound(Model before, Model after) {
    return before.functions().isEmpty() || errors(after) == 0 || errors(before) > 0;
  }

  private static long errors(Model model) {
    return ShapeInference.infer(model).problems().stream()
        .filter(p -> p.severity() == Problem.Severity.ERROR)
        .count();
  }

  /** A model on its way, version by version. */
  private static final class Attempt {
    Model model;
    final List<Change> changes = new ArrayList<>();
    final StepTransform.Refusals refusals = new StepTransform.Refusals();
    private boolean typed;

    Attempt(Model model) {
      this.model = model;
    }

    PassResult result() {
      return changes.isEmpty() ? PassResult.unchanged(model) : new PassResult(model, changes);
    }

    void run(Map<String, Long> versions) {
      versions.forEach(this::down);
      versions.forEach(this::up);
      Long opset = versions.get("");
      if (opset != null && model.opset("").isPresent()) {
        long needed = OnnxRelease.irVersionFor(opset);
        boolean raised = changes.stream().anyMatch(c -> c.pass().equals(NAME));
        if (raised && isUp && needed > model.irVersion()) {
          model = model.withVersions(needed, model.opsetImports());
        }
      }
    }

    private boolean isUp;

    private LongStream imported(String domain) {
      return Stream.concat(
              Stream.of(model.opsetImports()),
              model.functions().stream().map(Function::opsetImports))
          .flatMapToLong(i -> OpsetImport.version(i, domain).stream());
    }

    private void down(String domain, long target) {
      long newest = imported(domain).max().orElse(target);
      for (long version = newest; version > target; version--) {
        cross(domain, version, version, version - 1, false);
      }
    }

    private void up(String domain, long target) {
      long oldest = imported(domain).min().orElse(target);
      for (long version = oldest + 1; version <= target; version++) {
        isUp = true;
        cross(domain, version, version - 1, version, true);
      }
    }

    private void cross(String domain, long version, long from, long to, boolean upward) {
      boolean work = hasWork(domain, version, upward);
      if (work && !typed) {
        model = ShapeInference.infer(model).model();
        typed = true;
      }
      StepTransform step = new StepTransform(domain, version, upward, refusals);
      Pass pass =
          Pass.of(
              NAME,
              imports -> moved(imports, domain, from, to),
              work ? step : (node, rewriter) -> {});
      PassResult result = pass.apply(model);
      model = result.model();
      changes.addAll(result.changes());
    }

    private static List<OpsetImport> moved(
        List<OpsetImport> imports, String domain, long from, long to) {
      return imports.stream()
          .map(
              i ->
                  OpsetImport.canonical(i.domain()).equals(domain) && i.version() == from
                      ? OpsetImport.of(i.domain(), to)
                      : i)
          .toList();
    }

    /** Whether any operator of the model has to be looked at. */
    private boolean hasWork(String domain, long version, boolean upward) {
      for (String operator : operators(domain)) {
        StepRules entry = StepTable.standard().find(domain, operator, version);
        if (entry != null && entry.effect(upward) != Effect.NUMBER) {
          return true;
        }
      }
      return false;
    }

    private Set<String> operators(String domain) {
      Set<String> names = new HashSet<>();
      Deque<List<Node>> open = new ArrayDeque<>();
      open.push(model.graph().nodes());
      model.functions().forEach(f -> open.push(f.nodes()));
      while (!open.isEmpty()) {
        for (Node node : open.pop()) {
          if (OpsetImport.canonical(node.domain()).equals(domain)) {
            names.add(node.opType());
          }
          for (Graph body : node.subgraphs()) {
            open.push(body.nodes());
          }
        }
      }
      return names;
    }
  }
}
