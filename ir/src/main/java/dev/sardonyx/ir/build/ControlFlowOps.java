package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.TypeMerge;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Branches and loops. Their bodies are written as lambdas that get a builder of their own; they may
 * use all values of the graphs around them.
 */
public interface ControlFlowOps extends OperatorBuilder {
  /** An empty subgraph that sees this graph's values and shares its names. */
  GraphBuilder subgraph(String name);

  /**
   * What one step of a loop leaves behind.
   *
   * @param condition whether to go on, a bool scalar
   * @param state the state for the next step, in the order of the initial state
   * @param scans what is collected from each step, stacked along a new first axis
   */
  record LoopStep(Value condition, List<Value> state, List<Value> scans) {
    public LoopStep {
      state = List.copyOf(state);
      scans = List.copyOf(scans);
    }

    public static LoopStep of(Value condition, Value... state) {
      return new LoopStep(condition, List.of(state), List.of());
    }

    /** The step with values to collect. */
    public LoopStep collecting(Value... changed) {
      return new LoopStep(condition, state, List.of(changed));
    }
  }

  /** One step of a loop. */
  @FunctionalInterface
  interface LoopBody {
    /**
     * Builds the step.
     *
     * @param iteration the number of the step from 0, an int64 scalar
     * @param condition what the step before decided, a bool scalar
     */
    LoopStep step(GraphBuilder b, Value iteration, Value condition, List<Value> state);
  }

  /**
   * What one step of a scan leaves behind.
   *
   * @param state the state for the next step
   * @param outputs what is stacked into the outputs
   */
  record ScanStep(List<Value> state, List<Value> outputs) {
    public ScanStep {
      state = List.copyOf(state);
      outputs = List.copyOf(outputs);
    }
  }

  /** One step of a scan. */
  @FunctionalInterface
  interface ScanBody {
    /** Builds the step from the state and one slice of each scanned value. */
    ScanStep step(GraphBuilder b, List<Value> state, List<Value> slices);
  }

  /** One of two values, depending on a bool scalar (ONNX {@code If}). */
  default Value ifThenElse(
      Value condition,
      Function<GraphBuilder, Value> then,
      Function<GraphBuilder, Value> otherwise) {
    return ifThenElseAll(condition, b -> List.of(then.apply(b)), b -> List.of(otherwise.apply(b)))
        .get(0);
  }

  /** {@link #ifThenElse} for branches that give several values, as many in both. */
  default List<Value> ifThenElseAll(
      Value condition,
      Function<GraphBuilder, List<Value>> then,
      Function<GraphBuilder, List<Value>> otherwise) {
    GraphBuilder thenBuilder = subgraph("then");
    List<Value> thenValues = then.apply(thenBuilder);
    thenValues.forEach(thenBuilder::output);
    GraphBuilder elseBuilder = subgraph("else");
    List<Value> elseValues = otherwise.apply(elseBuilder);
    elseValues.forEach(elseBuilder::output);
    if (thenValues.size() != elseValues.size()) {
      throw GraphBuildException.here(
          "The branches give "
              + thenValues.size()
              + " and "
              + elseValues.size()
              + " values; they must give as many");
    }
    for (int i = 0; i < thenValues.size(); i++) {
      Value a = thenValues.get(i);
      Value c = elseValues.get(i);
      if (TypeMerge.either(a.type(), c.type()).isEmpty()) {
        throw GraphBuildException.here(
            "The branches give "
                + a.name()
                + " "
                + a.type()
                + " and "
                + c.name()
                + " "
                + c.type()
                + " as the same value; insert a cast");
      }
    }
    return nodes(
        "If",
        thenValues.size(),
        OperatorBuilder.operands(condition),
        Attribute.ofGraph("then_branch", thenBuilder.build()),
        Attribute.ofGraph("else_branch", elseBuilder.build()));
  }

  /**
   * Repeats a body while its condition holds, but at most so many times (ONNX {@code Loop}).
   *
   * @param trips the most steps, an int64 scalar; null for no limit
   * @param condition whether to begin at all, a bool scalar; null for yes
   * @param initial the state before the first step
   * @return the last state, then the collected values, each with the number of steps as first axis
   */
  default List<Value> loop(
      @Nullable Value trips, @Nullable Value condition, List<Value> initial, LoopBody body) {
    List<ValueType> types = initial.stream().map(Value::type).toList();
    while (true) {
      GraphBuilder builder = subgraph("body");
      Input iteration = builder.input(innerName("iteration"), scalar(ElementType.INT64));
      Input holds = builder.input(innerName("condition"), scalar(ElementType.BOOL));
      List<Value> state = states(builder, types);
      LoopStep step = body.step(builder, iteration, holds, state);
      requireAsMany("Loop", initial, step.state());
      List<ValueType> wider = wider(types, step.state());
      if (wider.equals(types)) {
        builder.output(step.condition());
        step.state().forEach(builder::output);
        step.scans().forEach(builder::output);
        Value limit = trips == null ? ABSENT : trips;
        Value first = condition == null ? ABSENT : condition;
        List<Value> inputs = new ArrayList<>(List.of(limit, first));
        inputs.addAll(initial);
        int count = step.state().size() + step.scans().size();
        return nodes("Loop", count, inputs, Attribute.ofGraph("body", builder.build()));
      }
      builder.discard();
      types = wider; // a state whose shape changes on the way: build again for any such shape
    }
  }

  /** {@link #loop(Value, Value, List, LoopBody)} a fixed number of times. */
  default List<Value> loop(long trips, List<Value> initial, LoopBody body) {
    Value limit = numberedConstant("trips", Tensor.scalar(trips));
    return loop(limit, null, initial, body);
  }

  /**
   * Walks along the first axis of tensors, carrying a state (ONNX {@code Scan}, opset 9 on).
   *
   * @param initial the state before the first step
   * @param scanned tensors whose first axes are of one size
   * @return the last state, then the outputs of all steps stacked along a first axis
   */
  default List<Value> scan(List<Value> initial, List<Value> scanned, ScanBody body) {
    if (opset() < 9) {
      throw GraphBuildException.here("scan needs opset 9 or later; this is opset " + opset());
    }
    List<ValueType> types = initial.stream().map(Value::type).toList();
    while (true) {
      GraphBuilder builder = subgraph("body");
      List<Value> state = states(builder, types);
      List<Value> slices = new ArrayList<>();
      for (Value value : scanned) {
        slices.add(builder.input(innerName("slice"), sliceOf(value)));
      }
      ScanStep step = body.step(builder, state, slices);
      requireAsMany("Scan", initial, step.state());
      List<ValueType> wider = wider(types, step.state());
      if (wider.equals(types)) {
        step.state().forEach(builder::output);
        step.outputs().forEach(builder::output);
        List<Value> inputs = new ArrayList<>(initial);
        inputs.addAll(scanned);
        return nodes(
            "Scan",
            step.state().size() + step.outputs().size(),
            inputs,
            Attribute.ofGraph("body", builder.build()),
            Attribute.ofInt("num_scan_inputs", scanned.size()));
      }
      builder.discard();
      types = wider;
    }
  }

  /** A name for a body's input that is unique in the graphs around it. */
  String innerName(String base);

  private List<Value> states(GraphBuilder builder, List<ValueType> types) {
    List<Value> state = new ArrayList<>();
    for (ValueType type : types) {
      state.add(builder.input(innerName("state"), type));
    }
    return state;
  }

  private static TensorType scalar(ElementType type) {
    return TensorType.of(type, Shape.SCALAR);
  }

  private static ValueType sliceOf(Value value) {
    if (value.type() instanceof TensorType t) {
      Shape shape = t.shape();
      if (shape.isRanked() && shape.rank() == 0) {
        throw GraphBuildException.here(
            "Scan walks along the first axis, but " + value.name() + " is a scalar");
      }
      return t.withShape(shape.isRanked() ? shape.slice(1, shape.rank()) : shape);
    }
    return value.type();
  }

  private static void requireAsMany(String operator, List<Value> initial, List<Value> state) {
    if (initial.size() != state.size()) {
      throw GraphBuildException.here(
          operator
              + " begins with "
              + initial.size()
              + " state values, but a step gives "
              + state.size()
              + "; it must give as many");
    }
  }

  /** Types that hold for the state before and after a step. */
  private static List<ValueType> wider(List<ValueType> before, List<Value> after) {
    List<ValueType> wider = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      ValueType type = before.get(i);
      Value next = after.get(i);
      if (!next.type().isKnown() || next.type().equals(type)) {
        wider.add(type);
        continue;
      }
      int which = i;
      wider.add(
          TypeMerge.either(type, next.type())
              .orElseThrow(
                  () ->
                      GraphBuildException.here(
                          "State "
                              + which
                              + " begins as "
                              + type
                              + ", but a step gives "
                              + next.name()
                              + " "
                              + next.type())));
    }
    return wider;
  }
}
