package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ControlFlowOps.ScanStep;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.RecurrentOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.AbstractLSTM;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.params.LSTMParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Long short-term memory as DL4J has it. Its weights hold four blocks of columns: the cell's
 * candidate (ONNX's c), the forget gate, the output gate and the input gate; with peepholes, the
 * recurrent weights have three more columns, for the forget, output and input gate.
 *
 * @param size hidden units, H
 * @param weights {@code [I,4H]}
 * @param recurrence {@code [H,4H]}, or {@code [H,4H+3]} with peepholes
 * @param bias {@code [4H]}
 */
@SuppressWarnings("deprecation") // saved networks still have GravesBidirectionalLSTM
record LstmCell(
    Site site,
    IActivation activation,
    IActivation gate,
    int size,
    INDArray weights,
    INDArray recurrence,
    INDArray bias,
    String name) {
  /** Where ONNX's gates i, o, f, c are among DL4J's blocks. */
  private static final int[] ONNX_ORDER = {3, 2, 1, 0};

  static LstmCell of(AbstractLSTM layer, Site site) {
    return of(
        site,
        layer.getActivationFn(),
        layer.getGateActivationFn(),
        LSTMParamInitializer.INPUT_WEIGHT_KEY,
        LSTMParamInitializer.RECURRENT_WEIGHT_KEY,
        LSTMParamInitializer.BIAS_KEY);
  }

  /** One of the two directions, by the names of its parameters. */
  static LstmCell of(
      GravesBidirectionalLSTM layer, Site site, String weights, String recurrence, String bias) {
    return of(
        site, layer.getActivationFn(), layer.getGateActivationFn(), weights, recurrence, bias);
  }

  private static LstmCell of(
      Site site,
      IActivation activation,
      IActivation gate,
      String weights,
      String recurrence,
      String bias) {
    INDArray r = site.array(recurrence);
    INDArray b = site.array(bias);
    return new LstmCell(
        site,
        activation,
        gate,
        (int) r.size(0),
        site.array(weights),
        r,
        b.reshape(b.length()),
        site.prefix() + weights);
  }

  /**
   * The hidden state after each step.
   *
   * @param steps {@code [T,N,I]}
   * @param mask {@code [T,N,1]}, 0 where the states become zero; null for none
   * @return {@code [T,N,H]}
   */
  Value over(Value steps, @Nullable Value mask) {
    Optional<String> named = OnnxActivations.name(activation);
    Optional<String> gateNamed = OnnxActivations.name(gate);
    return mask == null && !hasPeepholes() && named.isPresent() && gateNamed.isPresent()
        ? operator(steps, gateNamed.get(), named.get())
        : scan(steps, mask);
  }

  private boolean hasPeepholes() {
    return recurrence.size(1) > 4L * size;
  }

  /** ONNX's own operator. */
  private Value operator(Value steps, String gateName, String activationName) {
    GraphBuilder b = site.b();
    INDArray both = Nd4j.concat(0, ordered(bias), Nd4j.zeros(bias.dataType(), 4L * size));
    RecurrentOptions options =
        RecurrentOptions.DEFAULT
            .withBias(site.constant(name + ".bias", both.reshape(1, 8L * size)))
            .withActivations(gateName, activationName, activationName);
    Value y =
        b.lstm(
                steps,
                site.constant(name, transposed(weights)),
                site.constant(name + ".recurrence", transposed(recurrence)),
                options)
            .steps();
    return b.squeeze(y, 1);
  }

  /** From columns of DL4J's blocks to rows of ONNX's gates, {@code [1,4H,...]}. */
  private INDArray transposed(INDArray array) {
    List<INDArray> gates = new ArrayList<>();
    for (int block : ONNX_ORDER) {
      gates.add(block(array, block).transpose());
    }
    INDArray all = Nd4j.concat(0, gates.toArray(INDArray[]::new));
    return all.reshape(1, all.size(0), all.size(1));
  }

  private INDArray ordered(INDArray vector) {
    List<INDArray> gates = new ArrayList<>();
    for (int block : ONNX_ORDER) {
      gates.add(
          vector.get(NDArrayIndex.interval((long) block * size, (long) (block + 1) * size)).dup());
    }
    return Nd4j.concat(0, gates.toArray(INDArray[]::new));
  }

  private INDArray block(INDArray array, int block) {
    return array
        .get(
            NDArrayIndex.all(),
            NDArrayIndex.interval((long) block * size, (long) (block + 1) * size))
        .dup();
  }

  /** Step by step, for what ONNX's operator does not have: masks, peepholes, other activations. */
  private Value scan(Value steps, @Nullable Value mask) {
    GraphBuilder b = site.b();
    Value w = site.constant(name, weights);
    Value r =
        site.constant(
            name + ".recurrence",
            recurrence.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 4L * size)).dup());
    Value pre = b.add(b.matMul(steps, w), site.constant(name + ".bias", bias));
    Value zero = Sequences.zeros(b, steps, size);
    List<Value> peepholes = peepholes();
    List<Value> scanned = mask == null ? List.of(pre) : List.of(pre, mask);
    List<Value> all =
        b.scan(
            List.of(zero, zero),
            scanned,
            (body, state, slices) -> step(body, state, slices, r, peepholes));
    return all.get(2);
  }

  /** The forget, output and input gate's, {@code [H]} each; none if there are none. */
  private List<Value> peepholes() {
    if (!hasPeepholes()) {
      return List.of();
    }
    List<Value> columns = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      INDArray column = recurrence.getColumn(4L * size + i).dup();
      columns.add(site.constant(name + ".peephole" + i, column.reshape(size)));
    }
    return columns;
  }

  private ScanStep step(
      GraphBuilder b, List<Value> state, List<Value> slices, Value r, List<Value> peepholes) {
    Site inside = site.in(b);
    Value hidden = state.get(0);
    Value cell = state.get(1);
    List<Value> blocks = b.splitEvenly(b.add(slices.get(0), b.matMul(hidden, r)), 1, 4);
    Value candidate = ActivationReadings.apply(activation, inside, blocks.get(0));
    Value forget = gate(inside, blocks.get(1), cell, peepholes, 0);
    Value input = gate(inside, blocks.get(3), cell, peepholes, 2);
    Value nextCell = b.add(b.mul(forget, cell), b.mul(input, candidate));
    Value output = gate(inside, blocks.get(2), nextCell, peepholes, 1);
    Value nextHidden = b.mul(output, ActivationReadings.apply(activation, inside, nextCell));
    if (slices.size() > 1) {
      nextHidden = b.mul(nextHidden, slices.get(1));
      nextCell = b.mul(nextCell, slices.get(1));
    }
    return new ScanStep(List.of(nextHidden, nextCell), List.of(nextHidden));
  }

  private Value gate(Site inside, Value x, Value cell, List<Value> peepholes, int which) {
    GraphBuilder b = inside.b();
    Value sum = peepholes.isEmpty() ? x : b.add(x, b.mul(cell, peepholes.get(which)));
    return ActivationReadings.apply(gate, inside, sum);
  }
}
