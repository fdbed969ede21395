package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import org.nd4j.linalg.api.ops.impl.summarystats.Variance;

/** Operators over axes, and distances over axes of two values. */
final class ReductionOperators {
  private ReductionOperators() {}

  static void add(OperatorTable.Builder table) {
    sums(table);
    counts(table);
    indices(table);
    distances(table);
    statistics(table);
    norms(table);
  }

  private interface Reduction {
    Value of(GraphBuilder b, Value x, boolean keep, long[] axes);
  }

  /** Of numbers of the output's type. */
  private static void reduction(OperatorTable.Builder table, String name, Reduction reduction) {
    table.one(name, site -> reduction.of(site.b(), site.converted(0), site.keeps(), site.axes(1)));
  }

  private static void sums(OperatorTable.Builder table) {
    reduction(table, "reduce_sum", GraphBuilder::reduceSum);
    reduction(table, "reduce_mean", GraphBuilder::reduceMean);
    reduction(table, "reduce_prod", GraphBuilder::reduceProd);
    reduction(table, "reduce_max", GraphBuilder::reduceMax);
    reduction(table, "reduce_min", GraphBuilder::reduceMin);
    reduction(table, "amax", (b, x, keep, axes) -> b.reduceMax(b.abs(x), keep, axes));
    reduction(table, "reduce_normmax", (b, x, keep, axes) -> b.reduceMax(b.abs(x), keep, axes));
    reduction(table, "amin", (b, x, keep, axes) -> b.reduceMin(b.abs(x), keep, axes));
    reduction(table, "amean", (b, x, keep, axes) -> b.reduceMean(b.abs(x), keep, axes));
    reduction(table, "asum", GraphBuilder::reduceL1);
    reduction(table, "reduce_norm1", GraphBuilder::reduceL1);
    reduction(table, "reduce_norm2", GraphBuilder::reduceL2);
    reduction(table, "reduce_sqnorm", GraphBuilder::reduceSumSquare);
    reduction(table, "entropy", ReductionOperators::entropy);
    reduction(table, "logentropy", (b, x, keep, axes) -> b.log(entropy(b, x, keep, axes)));
    reduction(table, "shannonentropy", ReductionOperators::bits);
    table.one("reduce_logsumexp", ReductionOperators::logSumExp);
  }

  private static Value entropy(GraphBuilder b, Value x, boolean keep, long[] axes) {
    return b.neg(b.reduceSum(b.mul(x, b.log(x)), keep, axes));
  }

  private static Value bits(GraphBuilder b, Value x, boolean keep, long[] axes) {
    return b.mul(entropy(b, x, keep, axes), b.scalarLike(x, 1 / Math.log(2)));
  }

  private static Value logSumExp(OperatorSite site) {
    boolean keep = site.hasNumber(0) && site.number(0) != 0;
    long[] axes = site.has(1) ? site.longs(1, "its axes") : site.integers();
    return site.b().reduceLogSumExp(site.x(), keep, axes);
  }

  // Truth values and counts

  private static void counts(OperatorTable.Builder table) {
    table.one("all", site -> truth(site, GraphBuilder::reduceMin));
    table.one("any", site -> truth(site, GraphBuilder::reduceMax));
    table.one("countNonZero", site -> count(site, isZero(site, false), 1));
    table.one("countZero", site -> count(site, isZero(site, true), 1));
    table.one("zero_fraction", ReductionOperators::zeroFraction);
    table.one("match_condition", site -> count(site, condition(site, 0).of(site, site.x()), 1));
    table.one("match_condition_transform", site -> condition(site, 0).of(site, site.x()));
    table.one("is_non_decreasing", site -> ordered(site, GraphBuilder::lessOrEqual));
    table.one("is_strictly_increasing", site -> ordered(site, GraphBuilder::less));
  }

  /** A condition from the further numbers {@code number, tolerance, mode}. */
  private static Condition condition(OperatorSite site, int from) {
    return new Condition((int) site.extra(from + 2), site.extra(from), site.extra(from + 1));
  }

  private static Value truth(OperatorSite site, Reduction reduction) {
    Value x = site.cast(site.cast(site.x(), ElementType.BOOL), ElementType.INT32);
    Value y = reduction.of(site.b(), x, site.keeps(), site.axes(1));
    return site.b().cast(y, ElementType.BOOL);
  }

  private static Value isZero(OperatorSite site, boolean wanted) {
    Value isZero = site.b().equal(site.x(), site.like(site.x(), 0));
    return wanted ? isZero : site.b().not(isZero);
  }

  private static Value count(OperatorSite site, Value truths, int operands) {
    Value ones = site.b().cast(truths, ElementType.INT64);
    return site.b().reduceSum(ones, site.keeps(), site.axes(operands));
  }

  private static Value zeroFraction(OperatorSite site) {
    Value ones = site.b().cast(isZero(site, true), site.types().get(0));
    return site.b().reduceMean(ones, false);
  }

  /** Whether each element, one after another, is in order with the next. */
  private static Value ordered(OperatorSite site, OperatorTable.OfTwo order) {
    GraphBuilder b = site.b();
    Value flat = b.reshape(site.x(), -1);
    Value first = b.slice(flat, 0, 0, -1);
    Value next = b.slice(flat, 0, 1, Long.MAX_VALUE);
    Value isInOrder = b.cast(order.of(b, first, next), ElementType.INT32);
    Value breaks = b.reduceSum(b.sub(b.constant(Tensor.ofInts(new int[] {1})), isInOrder), false);
    return b.equal(breaks, site.like(breaks, 0));
  }

  // Indices

  private static void indices(OperatorTable.Builder table) {
    table.one("argmax", site -> largest(site, GraphBuilder::argMax));
    table.one("argmin", site -> largest(site, GraphBuilder::argMin));
    table.one("first_index", site -> index(site, true));
    table.one("last_index", site -> index(site, false));
    table.one("ismax", ReductionOperators::isMax);
    table.one("cumsum", ReductionOperators::cumSum);
  }

  private interface Search {
    Value of(GraphBuilder b, Value x, long axis, boolean keep);
  }

  private static Value largest(OperatorSite site, Search search) {
    long[] axes = site.has(1) ? site.longs(1, "its axes") : site.integers();
    GraphBuilder b = site.b();
    if (axes.length > 1) {
      throw site.refuse("ONNX looks along one axis, not along " + axes.length);
    }
    if (axes.length == 1 && axes[0] != Integer.MAX_VALUE) {
      return search.of(b, site.x(), axes[0], site.flag(0));
    }
    if (site.flag(0)) {
      throw site.refuse("ONNX keeps no axes where it looks along all of them");
    }
    return b.squeeze(search.of(b, b.reshape(site.x(), -1), 0, true), 0);
  }

  /** The number of the first or last element that is asked for; -1 if there is none. */
  private static Value index(OperatorSite site, boolean isFirst) {
    GraphBuilder b = site.b();
    long[] axes = site.axes(1);
    if (axes.length != 1) {
      throw site.refuse("ONNX looks along one axis, not along several");
    }
    Value x = site.x();
    int axis = site.axis(x, axes[0]);
    Condition condition = new Condition((int) site.extra(2), site.extra(0), site.extra(1));
    Value positions = site.along(site.positions(x, axis), axis, site.rank(x));
    Value none = b.constant(isFirst ? Long.MAX_VALUE : -1L);
    Value found = b.where(condition.of(site, x), positions, none);
    Value index =
        isFirst ? b.reduceMin(found, site.keeps(), axis) : b.reduceMax(found, site.keeps(), axis);
    return isFirst ? b.where(b.equal(index, none), b.constant(-1L), index) : index;
  }

  /** Where the first largest element is, of all or along an axis. */
  private static Value isMax(OperatorSite site) {
    GraphBuilder b = site.b();
    long[] axes = site.integers();
    if (axes.length > 1) {
      throw site.refuse("ONNX looks along one axis, not along several");
    }
    if (axes.length == 1) {
      int axis = site.axis(site.x(), axes[0]);
      Value positions = site.along(site.positions(site.x(), axis), axis, site.rank(site.x()));
      return b.equal(b.argMax(site.x(), axis, true), positions);
    }
    Value flat = b.reshape(site.x(), -1);
    Value isMax = b.equal(b.argMax(flat, 0, true), site.positions(flat, 0));
    return b.reshape(isMax, b.shape(site.x()));
  }

  private static Value cumSum(OperatorSite site) {
    GraphBuilder b = site.b();
    Value y = site.x();
    for (int i = 2; i < site.integers().length; i++) {
      Value axis = b.constant(site.integer(i));
      y =
          b.node(
              "CumSum",
              List.of(y, axis),
              Attribute.ofInt("exclusive", site.integer(0)),
              Attribute.ofInt("reverse", site.integer(1)));
    }
    return y;
  }

  // Distances

  private interface Distance {
    Value of(GraphBuilder b, Value x, Value y, boolean keep, long[] axes);
  }

  private static void distance(OperatorTable.Builder table, String name, Distance distance) {
    table.one(
        name,
        site ->
            distance.of(
                site.b(), site.converted(0), site.converted(1), site.keeps(), site.axes(2)));
  }

  private static void distances(OperatorTable.Builder table) {
    distance(table, "dot", ReductionOperators::dot);
    distance(table, "cosinesimilarity", ReductionOperators::cosine);
    distance(
        table,
        "cosinedistance",
        (b, x, y, keep, axes) -> b.sub(b.scalarLike(x, 1), cosine(b, x, y, keep, axes)));
    distance(table, "euclidean", (b, x, y, keep, axes) -> b.reduceL2(b.sub(x, y), keep, axes));
    distance(table, "manhattan", (b, x, y, keep, axes) -> b.reduceL1(b.sub(x, y), keep, axes));
    distance(
        table,
        "hammingdistance",
        (b, x, y, keep, axes) -> b.reduceMean(b.castLike(b.not(b.equal(x, y)), x), keep, axes));
    distance(table, "jaccarddistance", ReductionOperators::jaccard);
  }

  private static Value dot(GraphBuilder b, Value x, Value y, boolean keep, long[] axes) {
    return b.reduceSum(b.mul(x, y), keep, axes);
  }

  private static Value cosine(GraphBuilder b, Value x, Value y, boolean keep, long[] axes) {
    Value lengths = b.mul(b.reduceL2(x, keep, axes), b.reduceL2(y, keep, axes));
    return b.div(dot(b, x, y, keep, axes), lengths);
  }

  private static Value jaccard(GraphBuilder b, Value x, Value y, boolean keep, long[] axes) {
    Value common = b.reduceSum(b.min(x, y), keep, axes);
    Value all = b.reduceSum(b.max(x, y), keep, axes);
    return b.sub(b.scalarLike(x, 1), b.div(common, all));
  }

  // Statistics

  private static void statistics(OperatorTable.Builder table) {
    table.one("var", ReductionOperators::variance);
    table.one("std", site -> site.b().sqrt(variance(site)));
    table.all("moments", ReductionOperators::moments);
    table.one("standardize", site -> standardized(site, site.integers()));
  }

  private static Value variance(OperatorSite site) {
    GraphBuilder b = site.b();
    if (!(site.op() instanceof Variance variance)) {
      throw site.refuse("its class does not tell whether it corrects the bias");
    }
    Value x = site.converted(0);
    long[] axes = site.axes(1);
    Value apart = b.sub(x, b.reduceMean(x, true, axes));
    Value mean = b.reduceMean(b.mul(apart, apart), site.keeps(), axes);
    if (!variance.isBiasCorrected()) {
      return mean;
    }
    Value sum = b.reduceSum(b.mul(apart, apart), site.keeps(), axes);
    Value ones = b.expand(site.like(x, 1), b.shape(x));
    Value count = b.reduceSum(ones, site.keeps(), axes);
    Value one = site.like(x, 1);
    return b.div(sum, b.max(b.sub(count, one), one)); // DL4J: 0 for one element
  }

  /** Mean and variance. */
  private static List<Value> moments(OperatorSite site) {
    GraphBuilder b = site.b();
    long[] axes = site.has(1) ? site.longs(1, "its axes") : site.integers();
    boolean keep = site.flag(0);
    Value apart = b.sub(site.x(), b.reduceMean(site.x(), true, axes));
    return List.of(
        b.reduceMean(site.x(), keep, axes), b.reduceMean(b.mul(apart, apart), keep, axes));
  }

  /** Without the mean and by the deviation; 0 where that is no number. */
  static Value standardized(OperatorSite site, long[] axes) {
    GraphBuilder b = site.b();
    Value x = site.x();
    Value apart = b.sub(x, b.reduceMean(x, true, axes));
    Value deviation = b.sqrt(b.reduceMean(b.mul(apart, apart), true, axes));
    Value y = b.div(apart, deviation);
    return b.where(b.isNaN(y), site.like(y, 0), y);
  }

  // Norms

  private static void norms(OperatorTable.Builder table) {
    table.one("clipbynorm", ReductionOperators::clippedNorm);
    table.one("ClipByValue", ReductionOperators::clipped);
  }

  private static Value clipped(OperatorSite site) {
    GraphBuilder b = site.b();
    Value x = site.x();
    Value low = site.has(1) ? site.cast(site.in(1), site.type(x)) : site.like(x, site.number(0));
    Value high = site.has(2) ? site.cast(site.in(2), site.type(x)) : site.like(x, site.number(1));
    return b.min(b.max(x, low), high);
  }

  private static Value clippedNorm(OperatorSite site) {
    GraphBuilder b = site.b();
    Value x = site.x();
    long[] axes = site.has(2) ? site.longs(2, "its axes") : site.integers();
    Value most = site.has(1) ? site.in(1) : site.like(x, site.number(0));
    Value norm = b.reduceL2(x, true, axes);
    return b.where(b.greater(norm, most), b.div(b.mul(x, most), norm), x);
  }
}
