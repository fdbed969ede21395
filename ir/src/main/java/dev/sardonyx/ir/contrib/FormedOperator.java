package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OnnxRelease;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.NoStandardFormException;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardForm;
import dev.sardonyx.ir.build.StandardOps;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.OperatorKernel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;
import dev.sardonyx.ir.infer.InferenceRule;
import dev.sardonyx.ir.op.OperatorDefinition;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An operator that is told by what it is in ONNX's own operators: its outputs have the types that
 * those have, and it computes what those compute.
 */
record FormedOperator(OperatorSchema schema, ContribForm form)
    implements OperatorDefinition, StandardForm, InferenceRule, OperatorKernel {
  private static final int OPSET = (int) OnnxRelease.newest().opset();

  /** Larger constants, which are weights, do not matter to types. */
  private static final int SMALL = 64;

  @Override
  public List<Value> write(StandardOps to, Node node, List<Value> inputs) {
    List<Value> results = form.of(new ContribNode(to, node, inputs));
    for (int i = 0; i < node.outputs().size(); i++) {
      if (node.hasOutput(i) && (i >= results.size() || results.get(i).name().isEmpty())) {
        throw new NoStandardFormException("its output " + i + " has no counterpart");
      }
    }
    return results;
  }

  // Types

  @Override
  public void infer(InferenceContext context) {
    if (isOpen(context)) {
      return;
    }
    GraphBuilder builder = GraphBuilder.of(schema.name(), OPSET);
    List<Value> inputs = new ArrayList<>();
    boolean isRanked = true;
    for (int i = 0; i < context.inputs(); i++) {
      Tensor constant = context.inputConstant(i);
      isRanked &= !context.hasInput(i) || context.inputShape(i).isRanked();
      inputs.add(
          !context.hasInput(i)
              ? OperatorBuilder.ABSENT
              : constant != null && constant.size() <= SMALL
                  ? builder.constant("input" + i, constant)
                  : builder.input("input" + i, context.inputType(i)));
    }
    List<Value> results;
    try {
      results = write(builder, schema.withDefaults(context.node()), inputs);
    } catch (NoStandardFormException e) {
      return; // the signature says what is known
    } catch (GraphBuildException e) {
      if (isRanked) {
        throw contradiction(context, e);
      }
      return;
    }
    for (int i = 0; i < context.outputs(); i++) {
      if (context.node().hasOutput(i) && results.get(i).type().isKnown()) {
        context.setOutputType(i, results.get(i).type());
      }
    }
  }

  /** Whether attributes or types are missing on which all depends. */
  private static boolean isOpen(InferenceContext context) {
    for (Attribute attribute : context.node().attributes()) {
      if (attribute.value() instanceof AttributeValue.Reference) {
        return true;
      }
    }
    for (int i = 0; i < context.inputs(); i++) {
      if (context.hasInput(i)
          && !(context.inputType(i) instanceof TensorType t
              && t.elementType() != ElementType.UNDEFINED)) {
        return true;
      }
    }
    return false;
  }

  private InferenceException contradiction(InferenceContext context, GraphBuildException e) {
    List<ValueType> types = new ArrayList<>();
    for (int i = 0; i < context.inputs(); i++) {
      if (context.hasInput(i)) {
        types.add(context.inputType(i));
      }
    }
    ProblemCode code = e.code();
    return new InferenceException(
        code == null ? ProblemCode.SHAPE_MISMATCH : code,
        context.node().inputs().isEmpty() ? "" : context.node().input(0),
        "inputs of " + schema + " that fit each other",
        types.toString(),
        "inputs of types " + types + " do not fit: " + e.problem());
  }

  // Values

  @Override
  public List<? extends Datum> evaluate(Node node, List<@Nullable Datum> inputs) {
    GraphBuilder builder = GraphBuilder.of(schema.name(), OPSET);
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Datum input = inputs.get(i);
      if (input != null && !(input instanceof Tensor)) {
        throw new EvaluationException("input " + i + " is " + input.type() + ", not a tensor");
      }
      values.add(
          input instanceof Tensor tensor
              ? builder.constant("input" + i, tensor)
              : OperatorBuilder.ABSENT);
    }
    try {
      return run(builder, node, write(builder, node, values));
    } catch (NoStandardFormException e) {
      throw new EvaluationException(String.valueOf(e.getMessage()));
    } catch (GraphBuildException e) {
      throw new EvaluationException(e.problem());
    }
  }

  private static List<Datum> run(GraphBuilder builder, Node node, List<Value> results) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      String name = "output" + i;
      // What nobody asks for may be anything.
      builder.output(builder.identity(node.hasOutput(i) ? results.get(i) : results.get(0)), name);
      names.add(name);
    }
    try (PreparedModel prepared = new ReferenceBackend().prepare(builder.buildModel())) {
      Map<String, Datum> outputs = prepared.run(Map.of());
      return names.stream().map(outputs::get).toList();
    }
  }
}
