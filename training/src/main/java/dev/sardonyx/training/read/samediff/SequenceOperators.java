package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Recurrent layers and cells. */
final class SequenceOperators {
  private SequenceOperators() {}

  static void add(OperatorTable.Builder table) {
    table.all("gruCell", SequenceOperators::gruCell);
    table.one("gru", SequenceOperators::gru);
    table.all("lstmBlockCell", SequenceOperators::lstmCell);
    table.all("lstmLayer", LstmLayerOperator::read);
  }

  /** Inputs are x, h and the weights and biases of both gates and of the candidate. */
  private static List<Value> gruCell(OperatorSite site) {
    GraphBuilder b = site.b();
    Value x = site.in(0);
    Value h = site.in(1);
    Value gates = b.add(b.matMul(b.concat(1, x, h), site.in(2)), site.in(4));
    List<Value> both = b.splitEvenly(b.sigmoid(gates), 1, 2);
    Value r = both.get(0);
    Value u = both.get(1);
    Value remembered = b.concat(1, x, b.mul(r, h));
    Value c = b.tanh(b.add(b.matMul(remembered, site.in(3)), site.in(5)));
    Value next = b.add(b.mul(u, h), b.mul(b.sub(site.like(u, 1), u), c));
    return List.of(r, u, c, next);
  }

  /** From {@code [T,N,C]}; weights hold columns of the reset gate, update gate and candidate. */
  private static Value gru(OperatorSite site) {
    GraphBuilder b = site.b();
    List<Value> bias = parts(b, site.in(4), 0, 3);
    Value ordered = b.concat(0, bias.get(1), bias.get(0), bias.get(2));
    Value none = b.mul(ordered, site.like(ordered, 0));
    Value hidden = b.unsqueeze(site.in(1), 0);
    Value all =
        b.nodes(
                "GRU",
                1,
                List.of(
                    site.x(),
                    rows(b, site.in(2)),
                    rows(b, site.in(3)),
                    b.unsqueeze(b.concat(0, ordered, none), 0),
                    OperatorBuilder.ABSENT,
                    hidden),
                Attribute.ofInt("hidden_size", site.size(site.in(1), 1)),
                Attribute.ofInt("linear_before_reset", 1))
            .get(0);
    return b.squeeze(all, 1);
  }

  private static Value rows(GraphBuilder b, Value w) {
    List<Value> gates = parts(b, w, 1, 3);
    Value ordered = b.concat(1, gates.get(1), gates.get(0), gates.get(2));
    return b.unsqueeze(b.transpose(ordered, 1, 0), 0);
  }

  private static List<Value> parts(GraphBuilder b, Value w, int axis, int count) {
    return b.splitEvenly(w, axis, count);
  }

  /**
   * Inputs are x, the last cell and output, weights with columns of the input gate, candidate,
   * forget and output gate, three peepholes, and a bias.
   */
  private static List<Value> lstmCell(OperatorSite site) {
    GraphBuilder b = site.b();
    Value cell = site.in(1);
    Value sum = b.add(b.matMul(b.concat(1, site.in(0), site.in(2)), site.in(3)), site.in(7));
    List<Value> gates = b.splitEvenly(sum, 1, 4);
    boolean hasPeepholes = site.integer(0) != 0;
    Value i = b.sigmoid(peeped(site, gates.get(0), cell, hasPeepholes ? site.in(4) : null));
    Value z = b.tanh(gates.get(1));
    Value forget = peeped(site, gates.get(2), cell, hasPeepholes ? site.in(5) : null);
    Value f = b.sigmoid(b.add(forget, site.like(forget, site.number(0))));
    Value c = b.add(b.mul(f, cell), b.mul(i, z));
    if (site.number(1) > 0) {
      c = b.clip(c, -site.number(1), site.number(1));
    }
    Value o = b.sigmoid(peeped(site, gates.get(3), c, hasPeepholes ? site.in(6) : null));
    Value h = b.tanh(c);
    return List.of(i, c, f, o, z, h, b.mul(o, h));
  }

  private static Value peeped(OperatorSite site, Value x, Value cell, @Nullable Value weights) {
    return weights == null ? x : site.b().add(x, site.b().mul(cell, weights));
  }

  /** A layer that reads sequences in one direction or both. */
  private record LstmLayerOperator(OperatorSite site, boolean isOneWay) {
    /** libnd4j's numbers of the activations that ONNX knows without further numbers. */
    private static final List<String> ACTIVATIONS =
        List.of(
            "Tanh", "Relu", "Sigmoid", "", "", "", "", "HardSigmoid", "", "Softsign", "Softplus");

    static List<Value> read(OperatorSite site) {
      return new LstmLayerOperator(site, site.integer(1) < 2).read();
    }

    private List<Value> read() {
      GraphBuilder b = site.b();
      if (site.hasNumber(0) && site.number(0) != 0) {
        throw site.refuse("ONNX does not clip cells");
      }
      int next = 3;
      Value bias = site.flag(0) ? site.in(next++) : null;
      Value lengths = site.flag(1) ? site.cast(site.in(next++), ElementType.INT32) : null;
      Value hidden = site.flag(2) ? site.in(next++) : null;
      Value cell = site.flag(3) ? site.in(next++) : null;
      Value peepholes = site.flag(4) ? site.in(next) : null;
      List<Value> all =
          b.nodes(
              "LSTM",
              3,
              OperatorBuilder.inputs(
                  steps(),
                  rows(site.in(1)),
                  rows(site.in(2)),
                  bias(bias),
                  lengths,
                  directed(hidden),
                  directed(cell),
                  peepholes(peepholes)),
              Attribute.ofInt("hidden_size", site.size(site.in(2), isOneWay ? 0 : 1)),
              Attribute.ofString("direction", direction()),
              Attribute.ofStrings("activations", activations()));
      List<Value> results = new ArrayList<>();
      if (site.flag(5)) {
        results.add(sequence(all.get(0)));
      }
      for (int i = 1; i <= 2; i++) {
        if (site.flag(5 + i)) {
          results.add(isOneWay ? b.squeeze(all.get(i), 0) : all.get(i));
        }
      }
      return Collections.unmodifiableList(results);
    }

    private String direction() {
      return switch ((int) site.integer(1)) {
        case 0 -> "forward";
        case 1 -> "reverse";
        default -> "bidirectional";
      };
    }

    /** Of the gates, the candidate and the output, for each direction. */
    private String[] activations() {
      List<String> names = new ArrayList<>();
      for (int i = 2; i < 5; i++) {
        int number = (int) site.integer(i);
        String name = number < ACTIVATIONS.size() ? ACTIVATIONS.get(number) : "";
        if (name.isEmpty()) {
          throw site.refuse("the numbers of its activation %d are not known".formatted(number));
        }
        names.add(name);
      }
      if (!isOneWay) {
        names.addAll(List.copyOf(names));
      }
      return names.toArray(String[]::new);
    }

    /** From the layer's layout to {@code [T,N,C]}. */
    private Value steps() {
      return switch ((int) site.integer(0)) {
        case 1 -> site.b().transpose(site.x(), 1, 0, 2);
        case 2 -> site.b().transpose(site.x(), 2, 0, 1);
        default -> site.x();
      };
    }

    /** From {@code [T,directions,N,H]} to the layer's layout. */
    private Value sequence(Value all) {
      GraphBuilder b = site.b();
      Value y =
          switch ((int) site.integer(1)) {
            case 0, 1 -> b.squeeze(all, 1);
            case 2 -> b.reduceSum(all, false, 1);
            case 3 -> b.reshape(b.transpose(all, 0, 2, 1, 3), 0, 0, -1);
            default -> all;
          };
      return switch ((int) site.integer(0)) {
        case 1 -> b.transpose(y, 1, 0, 2);
        case 2 -> b.transpose(y, 1, 2, 0);
        default -> y;
      };
    }

    private @Nullable Value directed(@Nullable Value x) {
      return x == null || !isOneWay ? x : site.b().unsqueeze(x, 0);
    }

    /** From columns of the gates i, f, c, o to rows of ONNX's i, o, f, c. */
    private Value rows(Value w) {
      Value ordered = ordered(isOneWay ? site.b().unsqueeze(w, 0) : w, 2);
      return site.b().transpose(ordered, 0, 2, 1);
    }

    private Value ordered(Value w, int axis) {
      List<Value> gates = site.b().splitEvenly(w, axis, 4);
      return site.b().concat(axis, gates.get(0), gates.get(3), gates.get(1), gates.get(2));
    }

    private @Nullable Value bias(@Nullable Value bias) {
      if (bias == null) {
        return null;
      }
      Value ordered = ordered(isOneWay ? site.b().unsqueeze(bias, 0) : bias, 1);
      Value none = site.b().mul(ordered, site.like(ordered, 0));
      return site.b().concat(1, ordered, none);
    }

    /** From i, f, o to ONNX's i, o, f. */
    private @Nullable Value peepholes(@Nullable Value weights) {
      if (weights == null) {
        return null;
      }
      Value all = isOneWay ? site.b().unsqueeze(weights, 0) : weights;
      List<Value> gates = site.b().splitEvenly(all, 1, 3);
      return site.b().concat(1, gates.get(0), gates.get(2), gates.get(1));
    }
  }
}
