package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** RNN, GRU and LSTM: layout sequence, batch, input; with attribute layout batch first. */
final class RecurrentKernels {
  private RecurrentKernels() {}

  static void register(Kernels kernels) {
    kernels.add("RNN", c -> run(c, 1, List.of("Tanh"), RecurrentKernels::rnn));
    kernels.add("GRU", c -> run(c, 3, List.of("Sigmoid", "Tanh"), RecurrentKernels::gru));
    kernels.add("LSTM", c -> run(c, 4, List.of("Sigmoid", "Tanh", "Tanh"), RecurrentKernels::lstm));
  }

  /** What one step makes of the hidden (and cell) state, given the input's part of the gates. */
  @FunctionalInterface
  private interface Cell {
    void step(double[] gates, double[] hidden, double[] cell);
  }

  @FunctionalInterface
  private interface CellMaker {
    Cell make(Direction direction);
  }

  /**
   * One direction's weights.
   *
   * @param index 0 or 1
   * @param hidden size of the state
   * @param recurrence {@code [directions, gates * hidden, hidden]}
   * @param recurrenceBias {@code [gates * hidden]}, that of the recurrence
   * @param functions the activations f, g, h
   */
  private record Direction(
      KernelContext c,
      int index,
      int hidden,
      double[] recurrence,
      double[] recurrenceBias,
      DoubleUnaryOperator[] functions) {

    /** A gate's recurrent part: its rows times the state, and its bias. */
    double recurrent(int row, double[] state) {
      int at = (index * recurrenceBias.length + row) * hidden;
      double sum = recurrenceBias[row];
      for (int k = 0; k < hidden; k++) {
        sum += recurrence[at + k] * state[k];
      }
      return sum;
    }
  }

  private static Cell rnn(Direction d) {
    return (gates, hidden, cell) -> {
      double[] before = hidden.clone();
      for (int i = 0; i < hidden.length; i++) {
        hidden[i] = d.functions[0].applyAsDouble(gates[i] + d.recurrent(i, before));
      }
    };
  }

  private static Cell gru(Direction d) {
    boolean linear = d.c.flag("linear_before_reset");
    return (gates, hidden, cell) -> {
      int n = hidden.length;
      double[] before = hidden.clone();
      double[] reset = new double[n];
      double[] shrunk = new double[n];
      for (int i = 0; i < n; i++) {
        reset[i] = d.functions[0].applyAsDouble(gates[n + i] + d.recurrent(n + i, before));
        shrunk[i] = reset[i] * before[i];
      }
      for (int i = 0; i < n; i++) {
        double update = d.functions[0].applyAsDouble(gates[i] + d.recurrent(i, before));
        int row = 2 * n + i;
        double past = linear ? reset[i] * d.recurrent(row, before) : d.recurrent(row, shrunk);
        double proposed = d.functions[1].applyAsDouble(gates[row] + past);
        hidden[i] = (1 - update) * proposed + update * before[i];
      }
    };
  }

  private static Cell lstm(Direction d) {
    int n = d.hidden;
    double[] peephole = new double[3 * n];
    if (d.c.has(7)) {
      System.arraycopy(d.c.doubles(7), d.index * 3 * n, peephole, 0, 3 * n);
    }
    boolean coupled = d.c.flag("input_forget");
    return (gates, hidden, cell) -> {
      double[] before = hidden.clone();
      for (int i = 0; i < n; i++) {
        double in =
            d.functions[0].applyAsDouble(gates[i] + d.recurrent(i, before) + peephole[i] * cell[i]);
        double forget =
            coupled
                ? 1 - in
                : d.functions[0].applyAsDouble(
                    gates[2 * n + i]
                        + d.recurrent(2 * n + i, before)
                        + peephole[2 * n + i] * cell[i]);
        double proposed =
            d.functions[1].applyAsDouble(gates[3 * n + i] + d.recurrent(3 * n + i, before));
        cell[i] = forget * cell[i] + in * proposed;
        double out =
            d.functions[0].applyAsDouble(
                gates[n + i] + d.recurrent(n + i, before) + peephole[n + i] * cell[i]);
        hidden[i] = out * d.functions[2].applyAsDouble(cell[i]);
      }
    };
  }

  private static List<Datum> run(
      KernelContext c, int gates, List<String> functions, CellMaker maker) {
    boolean batchFirst = c.intAttribute("layout", 0) == 1;
    Tensor x = batchFirst ? swapped(c.tensor(0)) : c.tensor(0);
    int steps = (int) x.dim(0);
    int batch = (int) x.dim(1);
    int directions = (int) c.tensor(1).dim(0);
    int hidden = (int) c.tensor(2).dim(2);
    double[] y = new double[Dims.size(steps, directions, batch, hidden)];
    double[] states = initial(c, 5, batchFirst, directions, batch, hidden);
    double[] cells = initial(c, 6, batchFirst && gates == 4, directions, batch, hidden);
    for (int d = 0; d < directions; d++) {
      double[] bias = bias(c, d, gates * hidden, 1);
      DoubleUnaryOperator[] chosen = functions(c, functions, d);
      Cell cell = maker.make(new Direction(c, d, hidden, c.doubles(2), bias, chosen));
      boolean reverse = d == 1 || c.stringAttribute("direction", "forward").equals("reverse");
      direction(c, x, cell, d, directions, reverse, gates * hidden, states, cells, y);
    }
    ElementType type = x.elementType();
    Tensor all = Elements.of(type, y, steps, directions, batch, hidden);
    Tensor last = Elements.of(type, states, directions, batch, hidden);
    List<Datum> outputs = new ArrayList<>();
    outputs.add(batchFirst ? Rows.permuted(all, new int[] {2, 0, 1, 3}) : all);
    outputs.add(batchFirst ? swapped(last) : last);
    if (gates == 4) {
      Tensor lastCell = Elements.of(type, cells, directions, batch, hidden);
      outputs.add(batchFirst ? swapped(lastCell) : lastCell);
    }
    return outputs;
  }

  private static Tensor swapped(Tensor x) {
    return Rows.permuted(x, new int[] {1, 0, 2});
  }

  private static double[] initial(
      KernelContext c, int input, boolean batchFirst, int directions, int batch, int hidden) {
    boolean given = c.has(input) && (input == 5 || c.opType().equals("LSTM"));
    if (!given) {
      return new double[Dims.size(directions, batch, hidden)];
    }
    long[] expected =
        batchFirst
            ? new long[] {batch, directions, hidden}
            : new long[] {directions, batch, hidden};
    Tensor state = c.tensor(input);
    if (!Arrays.equals(state.dims(), expected)) {
      throw new EvaluationException(
          "initial state "
              + c.node().input(input)
              + " has shape "
              + Arrays.toString(state.dims())
              + " instead of "
              + Arrays.toString(expected));
    }
    return Elements.doubles(batchFirst ? swapped(state) : state);
  }

  /** The bias of the input (part 0) or the recurrence (part 1). */
  private static double[] bias(KernelContext c, int direction, int size, int part) {
    if (!c.has(3)) {
      return new double[size];
    }
    int at = (2 * direction + part) * size;
    return Arrays.copyOfRange(c.doubles(3), at, at + size);
  }

  /** All entries of the batch through one direction; a reverse one starts at each entry's end. */
  private static void direction(
      KernelContext c,
      Tensor x,
      Cell cell,
      int d,
      int directions,
      boolean reverse,
      int rows,
      double[] states,
      double[] cells,
      double[] y) {
    int steps = (int) x.dim(0);
    int batch = (int) x.dim(1);
    int width = (int) x.dim(2);
    int hidden = (int) c.tensor(2).dim(2);
    double[] values = Elements.doubles(x);
    double[] weights = c.doubles(1);
    double[] bias = bias(c, d, rows, 0);
    long[] lengths = c.has(4) ? c.longs(4) : Dims.fill(batch, steps);
    for (int b = 0; b < batch; b++) {
      int at = (d * batch + b) * hidden;
      double[] state = Arrays.copyOfRange(states, at, at + hidden);
      double[] memory = Arrays.copyOfRange(cells, at, at + hidden);
      for (int s = 0; s < lengths[b]; s++) {
        int t = reverse ? (int) lengths[b] - 1 - s : s;
        double[] gates = bias.clone();
        for (int r = 0; r < rows; r++) {
          for (int k = 0; k < width; k++) {
            gates[r] += weights[(d * rows + r) * width + k] * values[(t * batch + b) * width + k];
          }
        }
        cell.step(gates, state, memory);
        System.arraycopy(state, 0, y, ((t * directions + d) * batch + b) * hidden, hidden);
      }
      System.arraycopy(state, 0, states, at, hidden);
      System.arraycopy(memory, 0, cells, at, hidden);
    }
  }

  /** A direction's activations, with the parameters that those before them leave over. */
  private static DoubleUnaryOperator[] functions(
      KernelContext c, List<String> defaults, int direction) {
    List<String> given = c.stringsAttribute("activations");
    List<String> names = given == null || given.isEmpty() ? defaults : given;
    Parameters alpha = new Parameters(c.floatsAttribute("activation_alpha"));
    Parameters beta = new Parameters(c.floatsAttribute("activation_beta"));
    double clip = c.floatAttribute("clip", Float.POSITIVE_INFINITY);
    int count = defaults.size();
    DoubleUnaryOperator[] chosen = new DoubleUnaryOperator[count];
    for (int i = 0; i < (direction + 1) * count; i++) {
      DoubleUnaryOperator function = function(names.get(i % names.size()), alpha, beta);
      chosen[i % count] =
          clip < Double.POSITIVE_INFINITY
              ? x -> function.applyAsDouble(Math.max(-clip, Math.min(clip, x)))
              : function;
    }
    return chosen;
  }

  /** Numbers that activations take one after the other. */
  private static final class Parameters {
    private final float[] values;
    private int next;

    Parameters(float @Nullable [] values) {
      this.values = values == null ? new float[0] : values;
    }

    double next(double otherwise) {
      return next < values.length ? values[next++] : otherwise;
    }
  }

  private static DoubleUnaryOperator function(String name, Parameters alphas, Parameters betas) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "sigmoid" -> SpecialFunctions::sigmoid;
      case "tanh" -> Math::tanh;
      case "relu" -> x -> Math.max(0, x);
      case "softsign" -> x -> x / (1 + Math.abs(x));
      case "softplus" -> SpecialFunctions::softplus;
      case "affine" -> {
        double alpha = alphas.next(1);
        double beta = betas.next(0);
        yield x -> alpha * x + beta;
      }
      case "leakyrelu" -> {
        double alpha = alphas.next(0.01f);
        yield x -> x >= 0 ? x : alpha * x;
      }
      case "thresholdedrelu" -> {
        double alpha = alphas.next(1);
        yield x -> x >= alpha ? x : 0;
      }
      case "scaledtanh" -> {
        double alpha = alphas.next(1);
        double beta = betas.next(1);
        yield x -> alpha * Math.tanh(beta * x);
      }
      case "hardsigmoid" -> {
        double alpha = alphas.next(0.2f);
        double beta = betas.next(0.5f);
        yield x -> Math.min(Math.max(alpha * x + beta, 0), 1);
      }
      case "elu" -> {
        double alpha = alphas.next(1);
        yield x -> x >= 0 ? x : alpha * Math.expm1(x);
      }
      default -> throw new EvaluationException("there is no activation " + name);
    };
  }
}
