package dev.sardonyx.ir.eval.program;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.kernel.Kernel;
import dev.sardonyx.ir.eval.kernel.KernelContext;
import dev.sardonyx.ir.eval.kernel.Parallel;
import dev.sardonyx.ir.infer.IncrementalInference;
import dev.sardonyx.ir.infer.InferenceException;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A graph, or a function's body for one call, ready to run as often as wanted: what each node does,
 * and which values are of no use after it.
 *
 * @param inputs names of the formal inputs
 * @param outputs names of the values to give back
 * @param constants values that are the same in every run
 * @param captures names of the values it takes from around it
 */
public record Program(
    List<String> inputs,
    List<String> outputs,
    Map<String, Datum> constants,
    List<Step> steps,
    Set<String> captures) {
  /** One node and what it does. */
  public record Step(Node node, Operation operation, List<String> release) {}

  /** What a node does: one kernel, a function's body, or a gradient. */
  public sealed interface Operation permits Builtin, Call, Gradient {}

  /** An operator of ONNX's with its subgraphs. */
  public record Builtin(
      Kernel kernel, OperatorSchema schema, IdentityHashMap<Graph, Program> bodies)
      implements Operation {}

  /** A call of a function of the model's. */
  record Call(Program body) implements Operation {}

  /**
   * Runs the program.
   *
   * @param actuals a value for each input, null for an absent one
   * @param outer the values around it, null for a main graph or a function
   * @return the outputs in order
   */
  public List<Datum> run(
      List<? extends @Nullable Datum> actuals, @Nullable Scope outer, Parallel parallel) {
    Scope scope = new Scope(outer, constants);
    for (int i = 0; i < inputs.size() && i < actuals.size(); i++) {
      Datum actual = actuals.get(i);
      if (actual != null) {
        scope.define(inputs.get(i), actual);
      }
    }
    // Loops may go on for ever.
    Thread thread = Thread.currentThread();
    Parallel.stopIfInterrupted(thread);
    for (Step step : steps) {
      Parallel.stopIfInterrupted(thread);
      run(step, scope, parallel);
      step.release().forEach(scope::release);
    }
    List<Datum> results = new ArrayList<>(outputs.size());
    for (String output : outputs) {
      Datum value = scope.find(output);
      if (value == null) {
        throw new EvaluationException("output " + output + " has no value");
      }
      results.add(value);
    }
    return results;
  }

  private static void run(Step step, Scope scope, Parallel parallel) {
    Node node = step.node();
    List<@Nullable Datum> inputs = new ArrayList<>(node.inputs().size());
    for (String name : node.inputs()) {
      inputs.add(name.isEmpty() ? null : scope.find(name));
    }
    List<? extends Datum> results;
    try {
      results = evaluate(step, inputs, scope, parallel);
    } catch (EvaluationException | IllegalArgumentException e) {
      throw new EvaluationException(describe(node, inputs) + reason(e), e);
    } catch (RuntimeException e) {
      // A kernel ran past the end of an operand whose shape nobody could know before.
      Optional<String> misfit = misfit(step, inputs);
      if (misfit.isPresent()) {
        throw new EvaluationException(misfit.get(), e);
      }
      if (isOverflow(e)) {
        EvaluationException tooLarge =
            new EvaluationException(
                describe(node, inputs)
                    + "its result has more elements than the reference evaluator can hold");
        tooLarge.addSuppressed(e);
        throw tooLarge;
      }
      throw new EvaluationException(describe(node, inputs) + reason(e), e);
    } catch (OutOfMemoryError e) {
      // What the node was making is garbage by now; all else is still as it was.
      throw new EvaluationException(
          describe(node, inputs) + "there is not enough memory for its result (-Xmx gives more)");
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      Result result = node.outputs().get(i);
      if (result.isPresent()) {
        if (i >= results.size()) {
          throw new EvaluationException(
              describe(node, inputs) + "output " + i + " (" + result.name() + ") has no value");
        }
        scope.define(result.name(), results.get(i));
      }
    }
  }

  /** Whether exact arithmetic of {@link Math}, in which kernels compute sizes, gave up. */
  private static boolean isOverflow(RuntimeException e) {
    return e instanceof ArithmeticException && String.valueOf(e.getMessage()).endsWith("overflow");
  }

  private static List<? extends Datum> evaluate(
      Step step, List<@Nullable Datum> inputs, Scope scope, Parallel parallel) {
    if (step.operation() instanceof Call call) {
      return call.body().run(inputs, null, parallel);
    }
    if (step.operation() instanceof Gradient gradient) {
      return gradient.run(inputs, scope, parallel);
    }
    Builtin builtin = (Builtin) step.operation();
    return builtin
        .kernel()
        .evaluate(new KernelContext(step.node(), builtin, inputs, scope, parallel));
  }

  /** Such as {@code "Add (sum1) of a float[2,3], b float[4]: "}. */
  private static String describe(Node node, List<@Nullable Datum> inputs) {
    List<String> types = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Datum input = inputs.get(i);
      types.add(input == null ? "no input " + i : node.input(i) + " " + input.type());
    }
    String name = node.name().isEmpty() ? "" : " (" + node.name() + ")";
    return node.operator()
        + name
        + (types.isEmpty() ? "" : " of " + String.join(", ", types))
        + ": ";
  }

  /** What inference has to say against the operands, now that all their shapes are known. */
  private static Optional<String> misfit(Step step, List<@Nullable Datum> inputs) {
    if (!(step.operation() instanceof Builtin builtin) || !step.node().subgraphs().isEmpty()) {
      return Optional.empty();
    }
    Node node = step.node();
    IncrementalInference inference =
        IncrementalInference.of(List.of(OpsetImport.of(node.domain(), builtin.schema().since())));
    Set<String> defined = new HashSet<>();
    for (int i = 0; i < inputs.size(); i++) {
      Datum input = inputs.get(i);
      String name = node.input(i);
      if (input != null && defined.add(name)) {
        inference.add(new Input(name, input.type(), Metadata.EMPTY));
      }
    }
    try {
      inference.add(node.withOutputs(untyped(node)));
      return Optional.empty();
    } catch (InferenceException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }

  private static List<Result> untyped(Node node) {
    return node.outputs().stream().map(r -> r.withType(ValueType.unknown())).toList();
  }

  private static String reason(RuntimeException e) {
    String message = e.getMessage();
    boolean plain = e instanceof EvaluationException || e instanceof IllegalArgumentException;
    return plain && message != null ? message : e.toString();
  }
}
