package dev.sardonyx.training.read;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;

/** Vertices without parameters: arithmetic, joining and taking apart. */
final class Vertices {
  private Vertices() {}

  static Value elementWise(ElementWiseVertex vertex, Site site, List<Value> inputs) {
    GraphBuilder b = site.b();
    Value[] all = inputs.toArray(Value[]::new);
    if (all.length == 1) {
      return all[0];
    }
    return switch (vertex.getOp()) {
      case Add -> all.length == 2 ? b.add(all[0], all[1]) : b.sum(all);
      case Average -> b.mean(all);
      case Max -> b.max(all);
      case Product -> inputs.stream().reduce(b::mul).orElseThrow();
      case Subtract -> {
        if (all.length != 2) {
          throw site.refuse("DL4J itself subtracts two inputs, not " + all.length);
        }
        yield b.sub(all[0], all[1]);
      }
    };
  }

  static Value merge(MergeVertex vertex, Site site, List<Value> inputs) {
    return inputs.size() == 1 ? inputs.get(0) : site.b().concat(vertex.getMergeAxis(), inputs);
  }

  /** The channels from one to another, both included. */
  static Value subset(SubsetVertex vertex, Site site, List<Value> inputs) {
    return site.b().slice(inputs.get(0), 1, vertex.getFrom(), vertex.getTo() + 1L);
  }

  /** One batch behind another. */
  static Value stack(StackVertex vertex, Site site, List<Value> inputs) {
    return inputs.size() == 1 ? inputs.get(0) : site.b().concat(0, inputs);
  }

  /** One of the equal parts of a batch. */
  static Value unstack(UnstackVertex vertex, Site site, List<Value> inputs) {
    return site.b().splitEvenly(inputs.get(0), 0, vertex.getStackSize()).get(vertex.getFrom());
  }

  static Value scale(ScaleVertex vertex, Site site, List<Value> inputs) {
    Value x = inputs.get(0);
    return vertex.getScaleFactor() == 1
        ? x
        : site.b().mul(x, site.b().scalarLike(x, vertex.getScaleFactor()));
  }

  static Value shift(ShiftVertex vertex, Site site, List<Value> inputs) {
    Value x = inputs.get(0);
    return site.b().add(x, site.b().scalarLike(x, vertex.getShiftFactor()));
  }

  /** Reshapes; in order f the first index varies fastest. */
  static Value reshape(ReshapeVertex vertex, Site site, List<Value> inputs) {
    long[] shape = ConvolutionReadings.longs(vertex.getNewShape());
    if (LongStream.of(shape).anyMatch(size -> size == 0)) {
      throw site.refuse("its shape has a size of 0");
    }
    Value x = inputs.get(0);
    if (vertex.getReshapeOrder() == 'c') {
      return site.b().reshape(x, shape);
    }
    int last = shape.length - 1;
    long[] backwards = IntStream.rangeClosed(0, last).mapToLong(i -> shape[last - i]).toArray();
    return reversed(site, site.b().reshape(reversed(site, x), backwards));
  }

  private static Value reversed(Site site, Value x) {
    long last = site.rank(x) - 1L;
    return site.b().transpose(x, LongStream.rangeClosed(0, last).map(i -> last - i).toArray());
  }

  /** The distance of two rows, {@code [N,1]}. */
  static Value distance(L2Vertex vertex, Site site, List<Value> inputs) {
    Value difference = site.b().sub(inputs.get(0), inputs.get(1));
    Value norm = site.b().reduceL2(difference, false, axesBehindBatch(site, difference));
    return site.b().unsqueeze(norm, 1);
  }

  /** Divided by the norm, which is at least eps. */
  static Value normalize(L2NormalizeVertex vertex, Site site, List<Value> inputs) {
    Value x = inputs.get(0);
    int[] given = vertex.getDimension();
    long[] axes =
        given == null || given.length == 0
            ? axesBehindBatch(site, x)
            : ConvolutionReadings.longs(given);
    Value norm = site.b().reduceL2(x, true, axes);
    return site.b().div(x, site.b().max(norm, site.b().scalarLike(x, vertex.getEps())));
  }

  private static long[] axesBehindBatch(Site site, Value x) {
    return LongStream.range(1, site.rank(x)).toArray();
  }

  /** Without the first row and column. */
  static Value poolHelper(PoolHelperVertex vertex, Site site, List<Value> inputs) {
    site.require(inputs.get(0), 4, "images");
    return site.b()
        .slice(
            inputs.get(0),
            new long[] {2, 3},
            new long[] {1, 1},
            new long[] {Long.MAX_VALUE, Long.MAX_VALUE},
            new long[] {1, 1});
  }

  // Sequences

  static Value lastStep(LastTimeStepVertex vertex, Site site, List<Value> inputs) {
    GraphBuilder b = site.b();
    Value x = site.require(inputs.get(0), 3, "[N,C,T]");
    Value mask = site.mask();
    if (mask == null) {
      return b.gather(x, b.constant(-1L), 2);
    }
    Value steps = b.sub(Sequences.numbers(b, b.transpose(mask, 1, 0)), b.scalarLike(mask, 1));
    Value numbers = b.transpose(steps, 1, 0);
    Value last = b.argMax(b.mul(mask, numbers), 1, true);
    Value isLast = b.unsqueeze(b.equal(b.cast(numbers, ElementType.INT64), last), 1);
    return b.reduceSum(b.where(isLast, x, b.scalarLike(x, 0)), false, 2);
  }

  static Value reversed(ReverseTimeSeriesVertex vertex, Site site, List<Value> inputs) {
    return Sequences.reversed(site, site.require(inputs.get(0), 3, "[N,C,T]"), 2);
  }

  /** {@code [N,C]} at each step of an input of the network. */
  static Value duplicated(DuplicateToTimeSeriesVertex vertex, Site site, List<Value> inputs) {
    GraphBuilder b = site.b();
    Value like =
        site.networkInputs().stream()
            .filter(input -> input.name().equals(vertex.getInputName()))
            .findFirst()
            .orElseThrow(
                () -> site.refuse("there is no input '%s'".formatted(vertex.getInputName())));
    Value shape = b.concat(0, b.longs("ones", 1, 1), b.shape(like, 2, 3));
    return b.expand(b.unsqueeze(inputs.get(0), 2), shape);
  }
}
