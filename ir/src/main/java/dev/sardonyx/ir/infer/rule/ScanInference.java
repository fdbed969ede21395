package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;
import dev.sardonyx.ir.infer.NodeInference;
import dev.sardonyx.ir.infer.TypeMerge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Scan: a loop over an axis of its scan inputs. Version 8 has a batch axis before everything and
 * sequences on axis 1; later versions name the axes.
 */
final class ScanInference {
  private ScanInference() {}

  static void addTo(Rules rules) {
    rules.add("Scan", c -> new Scan(c).infer());
  }

  /** One Scan node, whose inputs and outputs are states first, then scanned values. */
  private static final class Scan {
    private final InferenceContext c;
    private final boolean batched;
    private final int first;
    private final int scanned;
    private final int states;
    private final Graph body;
    private Dim batch = Dim.UNKNOWN;
    private Dim length = Dim.UNKNOWN;

    Scan(InferenceContext c) {
      this.c = c;
      this.batched = c.since() == 8;
      this.first = batched ? 1 : 0;
      long asked = c.intAttribute("num_scan_inputs");
      if (asked < 1 || asked > c.inputs() - first) {
        throw c.attributeError(
            "num_scan_inputs",
            "from 1 to " + (c.inputs() - first),
            Long.toString(asked),
            "attribute num_scan_inputs is "
                + asked
                + ", but the node has "
                + (c.inputs() - first)
                + " inputs to take them from");
      }
      this.scanned = (int) asked;
      this.states = c.inputs() - first - scanned;
      this.body = ControlFlowInference.body(c, "body", states + scanned);
      ControlFlowInference.outputs(c, "body", body, c.outputs());
    }

    void infer() {
      directions(batched ? "directions" : "scan_input_directions", scanned);
      List<ValueType> inputs = new ArrayList<>();
      for (int i = 0; i < states; i++) {
        inputs.add(withoutBatch(first + i));
      }
      for (int i = 0; i < scanned; i++) {
        inputs.add(element(first + states + i, axis("scan_input_axes", i, scanned)));
      }
      List<ValueType> results = c.subgraph(body, inputs);
      directions("scan_output_directions", c.outputs() - states);
      for (int i = 0; i < c.outputs(); i++) {
        c.setOutputType(
            i,
            i < states
                ? state(i, inputs.get(i), results.get(i))
                : stacked(
                    results.get(i), axis("scan_output_axes", i - states, c.outputs() - states)));
      }
    }

    private ValueType withoutBatch(int input) {
      if (!batched
          || !(c.inputType(input) instanceof TensorType type)
          || !type.shape().isRanked()) {
        return c.inputType(input);
      }
      Expect.rankAtLeast(c, input, 1);
      batch = agree("batch size", input, 0, batch);
      return type.withShape(type.shape().slice(1, type.shape().rank()));
    }

    /** What the body sees of a scan input: all but the axis that is scanned. */
    private ValueType element(int input, long axis) {
      if (!(c.inputType(input) instanceof TensorType type) || !type.shape().isRanked()) {
        return c.inputType(input);
      }
      Shape shape = type.shape();
      Expect.rankAtLeast(c, input, first + 1);
      int at = batched ? 1 : Axes.normalize("scan_input_axes", axis, shape.rank());
      if (batched) {
        batch = agree("batch size", input, 0, batch);
      }
      length = agree("length", input, at, length);
      return type.withShape(shape.slice(first, at).concat(shape.slice(at + 1, shape.rank())));
    }

    private Dim agree(String what, int input, int axis, Dim before) {
      Dim size = c.inputDim(input, axis);
      if (!size.isCompatibleWith(before)) {
        throw c.shapeError(
            input,
            what + " " + before + " on axis " + axis,
            "input "
                + Expect.described(c, input)
                + " has "
                + size
                + " on axis "
                + axis
                + ", but the "
                + what
                + " of the inputs before it is "
                + before);
      }
      return TypeMerge.both(before, size);
    }

    /** A state keeps its shape from one iteration to the next. */
    private ValueType state(int i, ValueType initial, ValueType result) {
      ValueType type =
          TypeMerge.both(initial, result)
              .orElseThrow(
                  () ->
                      new InferenceException(
                          ProblemCode.SHAPE_MISMATCH,
                          body.outputs().get(i).name(),
                          initial.toString(),
                          result.toString(),
                          "state "
                              + c.inputName(first + i)
                              + " has type "
                              + initial
                              + ", but the body gives "
                              + body.outputs().get(i).name()
                              + " of type "
                              + result
                              + " for it; a state keeps its type"));
      return batched && type instanceof TensorType tensor && tensor.shape().isRanked()
          ? tensor.withShape(Shape.of(batch).concat(tensor.shape()))
          : batched ? NodeInference.withoutShape(type) : type;
    }

    private ValueType stacked(ValueType each, long axis) {
      if (!(each instanceof TensorType tensor) || !tensor.shape().isRanked()) {
        return each;
      }
      if (batched) {
        return tensor.withShape(Shape.of(batch, length).concat(tensor.shape()));
      }
      List<Dim> dims = new ArrayList<>(tensor.shape().dims());
      dims.add(Axes.normalize("scan_output_axes", axis, dims.size() + 1), length);
      return tensor.withShape(Shape.of(dims));
    }

    private long axis(String attribute, int i, int count) {
      long[] axes = c.intsAttribute(attribute);
      if (axes == null || axes.length == 0) {
        return 0;
      }
      count(attribute, axes, count);
      return axes[i];
    }

    private void directions(String attribute, int count) {
      long[] directions = c.intsAttribute(attribute);
      if (directions == null || directions.length == 0) {
        return;
      }
      count(attribute, directions, count);
      if (Arrays.stream(directions).anyMatch(d -> d != 0 && d != 1)) {
        throw c.attributeError(
            attribute,
            "0 (forward) or 1 (reverse)",
            Arrays.toString(directions),
            attribute + " " + Arrays.toString(directions) + " must be 0 (forward) or 1 (reverse)");
      }
    }

    private void count(String attribute, long[] given, int count) {
      if (given.length != count) {
        throw c.attributeError(
            attribute,
            count + " numbers",
            given.length + " numbers",
            attribute
                + " "
                + Arrays.toString(given)
                + " must have "
                + count
                + " numbers, one for each scanned value");
      }
    }
  }
}
