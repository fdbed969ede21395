package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Operators that run graphs. */
final class ControlFlowKernels {
  private ControlFlowKernels() {}

  static void register(Kernels kernels) {
    kernels.add("If", ControlFlowKernels::branch);
    kernels.add("Loop", ControlFlowKernels::loop);
    kernels.add("Scan", ControlFlowKernels::scan);
    kernels.add("SequenceMap", ControlFlowKernels::sequenceMap);
  }

  private static boolean isTrue(Datum condition, String what) {
    Tensor tensor = KernelContext.dense(condition, what);
    if (tensor.size() != 1) {
      throw new EvaluationException(what + " is " + tensor.type() + ", not one boolean");
    }
    return Elements.booleans(tensor)[0];
  }

  private static List<Datum> branch(KernelContext c) {
    boolean condition = isTrue(c.input(0), "the condition");
    return c.call(c.graphAttribute(condition ? "then_branch" : "else_branch"), List.of());
  }

  /**
   * The body takes iteration, condition and carried values; it gives condition, carried, scanned.
   */
  private static List<Datum> loop(KernelContext c) {
    Graph body = c.graphAttribute("body");
    long limit = c.longInput(0, Long.MAX_VALUE);
    boolean going = !c.has(1) || isTrue(c.input(1), "the condition");
    List<Datum> carried = new ArrayList<>();
    for (int i = 2; i < c.inputs(); i++) {
      carried.add(c.input(i));
    }
    int carriedCount = carried.size();
    List<List<Tensor>> scanned = lists(body.outputs().size() - 1 - carriedCount);
    long scannedElements = 0;
    for (long i = 0; i < limit && going; i++) {
      List<Datum> actuals = new ArrayList<>(List.of(Tensor.scalar(i), Tensor.scalar(going)));
      actuals.addAll(carried);
      List<Datum> results = c.call(body, actuals);
      going = isTrue(results.get(0), "the condition that the body gives");
      carried = results.subList(1, 1 + carriedCount);
      for (int s = 0; s < scanned.size(); s++) {
        Tensor item =
            KernelContext.dense(results.get(1 + carriedCount + s), "a value to be scanned");
        scanned.get(s).add(item);
        scannedElements += Math.max(item.size(), 1);
        AllocationLimit.require(scannedElements, Long.BYTES);
      }
    }
    List<Datum> outputs = new ArrayList<>(carried);
    for (int s = 0; s < scanned.size(); s++) {
      ValueType declared = body.outputs().get(1 + carriedCount + s).type();
      if (scanned.get(s).isEmpty() && !hasElementType(declared)) {
        // Only a trial of the body tells what its items would have been.
        List<Datum> actuals = new ArrayList<>(List.of(Tensor.scalar(0L), Tensor.scalar(true)));
        actuals.addAll(carried);
        declared = c.call(body, actuals).get(1 + carriedCount + s).type();
      }
      outputs.add(stacked(scanned.get(s), 0, declared));
    }
    return outputs;
  }

  private static boolean hasElementType(ValueType type) {
    return type instanceof TensorType tensor && tensor.elementType() != ElementType.UNDEFINED;
  }

  private static List<List<Tensor>> lists(int count) {
    List<List<Tensor>> lists = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lists.add(new ArrayList<>());
    }
    return lists;
  }

  /** The items along a new axis; of none, what the declared type of an item says. */
  private static Tensor stacked(List<Tensor> items, int axis, ValueType declared) {
    if (!items.isEmpty()) {
      return SequenceKernels.stack(items, Dims.axis(axis, items.get(0).rank() + 1));
    }
    if (!(declared instanceof TensorType type)) {
      throw new EvaluationException("there was nothing to scan, and its type is not known");
    }
    Shape shape = type.shape();
    long[] dims = new long[shape.isRanked() ? shape.rank() + 1 : 1];
    for (int d = 1; d < dims.length; d++) {
      dims[d] = shape.dim(d - 1) instanceof Dim.Fixed fixed ? fixed.size() : 0;
    }
    ElementType elementType = type.elementType();
    return Elements.zeros(
        elementType == ElementType.UNDEFINED ? ElementType.FLOAT : elementType, dims);
  }

  private static List<Datum> scan(KernelContext c) {
    return c.since() == 8 ? batchedScan(c) : scan(c, c.tensors(), "scan_input_directions", true);
  }

  /**
   * Version 8: a batch axis comes first in all, and the first input says how long each entry is.
   */
  private static List<Datum> batchedScan(KernelContext c) {
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 1; i < c.inputs(); i++) {
      inputs.add(c.tensor(i));
    }
    int scans = Math.toIntExact(c.intAttribute("num_scan_inputs"));
    int states = inputs.size() - scans;
    int batch = Dims.size(inputs.get(0).dim(0));
    List<List<Tensor>> results = lists(c.graphAttribute("body").outputs().size());
    for (int b = 0; b < batch; b++) {
      List<Tensor> entry = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        Tensor item = MovementKernels.at(inputs.get(i), 0, b);
        if (i >= states && c.has(0)) {
          long length = c.longs(0)[b];
          item = MovementKernels.split(item, 0, new long[] {length, item.dim(0) - length}).get(0);
        }
        entry.add(item);
      }
      List<Datum> outputs = scan(c, entry, "directions", false);
      for (int i = 0; i < outputs.size(); i++) {
        results.get(i).add(padded((Tensor) outputs.get(i), i < states, inputs, states));
      }
    }
    List<Datum> stacked = new ArrayList<>();
    results.forEach(items -> stacked.add(SequenceKernels.stack(items, 0)));
    return stacked;
  }

  /** Shorter entries of a batch end in zeros. */
  private static Tensor padded(Tensor x, boolean isState, List<Tensor> inputs, int states) {
    long longest = inputs.get(states).dim(1);
    if (isState || x.dim(0) == longest) {
      return x;
    }
    Tensor zeros = Elements.zeros(x.elementType(), Dims.with(x.dims(), 0, longest - x.dim(0)));
    return ShapeKernels.concat(List.of(x, zeros), 0);
  }

  private static List<Datum> scan(
      KernelContext c, List<Tensor> inputs, String directionsName, boolean axesGiven) {
    Graph body = c.graphAttribute("body");
    int scans = Math.toIntExact(c.intAttribute("num_scan_inputs"));
    int states = inputs.size() - scans;
    int scanOutputs = body.outputs().size() - states;
    long[] directions = c.intsAttribute(directionsName, new long[scans]);
    long[] axes = axesGiven ? c.intsAttribute("scan_input_axes", new long[scans]) : new long[scans];
    int[] inputAxes = new int[scans];
    for (int s = 0; s < scans; s++) {
      inputAxes[s] = Dims.axis(axes[s], inputs.get(states + s).rank());
    }
    int steps = Dims.size(inputs.get(states).dim(inputAxes[0]));
    List<Datum> carried = new ArrayList<>(inputs.subList(0, states));
    List<List<Tensor>> scanned = lists(scanOutputs);
    for (int i = 0; i < steps; i++) {
      List<Datum> actuals = new ArrayList<>(carried);
      for (int s = 0; s < scans; s++) {
        int at = directions[s] == 0 ? i : steps - 1 - i;
        actuals.add(MovementKernels.at(inputs.get(states + s), inputAxes[s], at));
      }
      List<Datum> results = c.call(body, actuals);
      carried = results.subList(0, states);
      for (int s = 0; s < scanOutputs; s++) {
        scanned.get(s).add(KernelContext.dense(results.get(states + s), "a scan output"));
      }
    }
    List<Datum> outputs = new ArrayList<>(carried);
    outputs.addAll(scanOutputs(c, body, scanned, states, axesGiven));
    return outputs;
  }

  private static List<Tensor> scanOutputs(
      KernelContext c, Graph body, List<List<Tensor>> scanned, int states, boolean attributes) {
    long[] none = new long[scanned.size()];
    long[] axes = attributes ? c.intsAttribute("scan_output_axes", none) : none;
    long[] directions = attributes ? c.intsAttribute("scan_output_directions", none) : none;
    List<Tensor> outputs = new ArrayList<>();
    for (int s = 0; s < scanned.size(); s++) {
      List<Tensor> items = scanned.get(s);
      if (directions[s] != 0) {
        Collections.reverse(items);
      }
      outputs.add(stacked(items, (int) axes[s], body.outputs().get(states + s).type()));
    }
    return outputs;
  }

  /** Runs the body on the items at each place; a tensor is the same at all places. */
  private static List<Datum> sequenceMap(KernelContext c) {
    Graph body = c.graphAttribute("body");
    int count = c.sequence(0).items().size();
    List<List<Datum>> results = new ArrayList<>();
    body.outputs().forEach(o -> results.add(new ArrayList<>()));
    for (int i = 0; i < count; i++) {
      List<Datum> actuals = new ArrayList<>();
      for (int k = 0; k < c.inputs(); k++) {
        Datum input = c.input(k);
        actuals.add(input instanceof SequenceDatum sequence ? sequence.items().get(i) : input);
      }
      List<Datum> outputs = c.call(body, actuals);
      for (int o = 0; o < outputs.size(); o++) {
        results.get(o).add(outputs.get(o));
      }
    }
    List<Datum> sequences = new ArrayList<>();
    for (int o = 0; o < results.size(); o++) {
      ValueType type = body.outputs().get(o).type();
      sequences.add(
          results.get(o).isEmpty()
              ? new SequenceDatum(type, List.of())
              : SequenceKernels.sequence(results.get(o)));
    }
    return sequences;
  }
}
