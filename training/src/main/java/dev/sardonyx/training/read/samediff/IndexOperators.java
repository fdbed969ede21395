package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.IndexingOps.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Operators that choose elements, or put them somewhere, by numbers or conditions. */
final class IndexOperators {
  private IndexOperators() {}

  static void add(OperatorTable.Builder table) {
    chosen(table);
    conditions(table);
    scattered(table);
    segments(table);
  }

  private static void chosen(OperatorTable.Builder table) {
    table.one("gather", IndexOperators::gather);
    table.one("gather_nd", site -> site.b().gatherNd(site.x(), indices(site, 1)));
    table.one("embedding_lookup", IndexOperators::embedding);
    table.one("onehot", IndexOperators::oneHot);
    table.all("top_k", IndexOperators::topK);
    table.one("confusion_matrix", IndexOperators::confusion);
    table.all("dynamic_partition", IndexOperators::partition);
    table.one("dynamic_stitch", IndexOperators::stitch);
  }

  private static Value indices(OperatorSite site, int index) {
    return site.cast(site.in(index), ElementType.INT64);
  }

  private static Value gather(OperatorSite site) {
    long axis = site.hasInteger(0) ? site.integer(0) : 0;
    if (site.has(1)) {
      return site.b().gather(site.x(), indices(site, 1), axis);
    }
    long[] all = site.integers();
    Value places = site.b().longs("indices", Arrays.copyOfRange(all, 1, all.length));
    return site.b().gather(site.x(), places, axis);
  }

  private static Value embedding(OperatorSite site) {
    if (site.inputs().size() > 2) {
      throw site.refuse("its table is in several pieces");
    }
    return site.b().gather(site.x(), indices(site, 1), 0);
  }

  private static Value oneHot(OperatorSite site) {
    long depth = site.has(1) ? site.longs(1, "its sizes")[0] : site.integer(1);
    double on = site.hasNumber(0) ? site.number(0) : 1;
    double off = site.hasNumber(1) ? site.number(1) : 0;
    ElementType type = site.types().get(0);
    Value both = site.b().constant(Tensor.ofNumbers(type, new double[] {off, on}, 2));
    return site.b().oneHot(indices(site, 0), depth, both, site.integer(0));
  }

  private static List<Value> topK(OperatorSite site) {
    if (site.hasInteger(1) && site.integer(1) == 0 && site.integer(0) > 1) {
      throw site.refuse("of elements that are not sorted, ONNX tells no order");
    }
    TopK top = site.b().topK(site.x(), site.integer(0), -1);
    return List.of(top.values(), top.indices());
  }

  /** How often each label, by rows, was taken for each other, by columns. */
  private static Value confusion(OperatorSite site) {
    GraphBuilder b = site.b();
    if (!site.hasInteger(0)) {
      throw site.refuse("its number of classes depends on the data");
    }
    long classes = site.integer(0);
    Value both = b.constant(Tensor.ofFloats(new float[] {0, 1}, 2));
    Value labels = b.oneHot(indices(site, 0), classes, both, -1);
    Value taken = b.oneHot(indices(site, 1), classes, both, -1);
    if (site.has(2)) {
      taken = b.mul(taken, b.unsqueeze(site.cast(site.in(2), ElementType.FLOAT), -1));
    }
    return b.matMul(b.transpose(labels, 1, 0), taken);
  }

  private static List<Value> partition(OperatorSite site) {
    GraphBuilder b = site.b();
    if (site.rank(site.in(1)) != 1) {
      throw site.refuse("ONNX chooses by numbers of the first axis only");
    }
    Value parts = indices(site, 1);
    List<Value> all = new ArrayList<>();
    for (long i = 0; i < site.integer(0); i++) {
      all.add(b.compress(site.x(), b.equal(parts, b.constant(i)), 0));
    }
    return all;
  }

  /** Rows of several values in the order of constants; of equal ones the last counts. */
  private static Value stitch(OperatorSite site) {
    int count = site.inputs().size() / 2;
    List<Long> from = new ArrayList<>();
    long row = 0;
    for (int i = 0; i < count; i++) {
      for (long to : site.longs(i, "its places")) {
        while (from.size() <= to) {
          from.add(-1L);
        }
        from.set((int) to, row++);
      }
    }
    if (from.contains(-1L)) {
      throw site.refuse("some rows are not given");
    }
    Value all = site.b().concat(0, site.inputs().subList(count, 2 * count));
    long[] order = from.stream().mapToLong(Long::longValue).toArray();
    return site.b().gather(all, site.b().longs("order", order), 0);
  }

  // Conditions

  private static void conditions(OperatorTable.Builder table) {
    table.one("Where", IndexOperators::where);
    table.one("cas", IndexOperators::compareAndSet);
    table.one("car", IndexOperators::compareAndReplace);
  }

  /** Of two values, or the places where a condition holds. */
  private static Value where(OperatorSite site) {
    GraphBuilder b = site.b();
    Value condition = site.cast(site.x(), ElementType.BOOL);
    return site.inputs().size() == 1
        ? b.transpose(b.nonZero(condition), 1, 0)
        : b.where(condition, site.in(1), site.in(2));
  }

  private static Condition condition(OperatorSite site) {
    return new Condition((int) site.extra(3), site.extra(0), site.extra(2));
  }

  private static Value compareAndSet(OperatorSite site) {
    if (site.has(1)) {
      throw site.refuse(
          "SameDiff restores CompareAndReplace as CompareAndSet, which takes a number");
    }
    Value set = site.like(site.x(), site.extra(1));
    return site.b().where(condition(site).of(site, site.x()), set, site.x());
  }

  private static Value compareAndReplace(OperatorSite site) {
    return site.b().where(condition(site).of(site, site.x()), site.in(1), site.x());
  }

  // Scattered

  private static void scattered(OperatorTable.Builder table) {
    table.one("scatter_add", site -> scattered(site, "add", site.in(2)));
    table.one("scatter_sub", site -> scattered(site, "add", site.b().neg(site.in(2))));
    table.one("scatter_mul", site -> scattered(site, "mul", site.in(2)));
    table.one("scatter_div", site -> scattered(site, "mul", site.b().reciprocal(site.in(2))));
    table.one("scatter_max", site -> scattered(site, "max", site.in(2)));
    table.one("scatter_min", site -> scattered(site, "min", site.in(2)));
  }

  /** Rows that numbers name are changed. */
  private static Value scattered(OperatorSite site, String how, Value updates) {
    Value rows = site.b().unsqueeze(indices(site, 1), -1);
    return scattered(site.b(), site.x(), rows, updates, how);
  }

  private static Value scattered(GraphBuilder b, Value x, Value places, Value updates, String how) {
    return b.node("ScatterND", List.of(x, places, updates), Attribute.ofString("reduction", how));
  }

  // Segments

  private static void segments(OperatorTable.Builder table) {
    for (String prefix : List.of("segment_", "unsorted_segment_")) {
      table.one(prefix + "sum", site -> segments(site, 0, "add"));
      table.one(prefix + "prod", site -> segments(site, 1, "mul"));
      table.one(prefix + "max", site -> segments(site, -Float.MAX_VALUE, "max"));
      table.one(prefix + "min", site -> segments(site, Float.MAX_VALUE, "min"));
      table.one(prefix + "mean", site -> shared(site, false));
    }
    table.one("unsorted_segment_sqrt_n", site -> shared(site, true));
  }

  /** What rows of the same number come to, from what stands for none. */
  private static Value segments(OperatorSite site, double none, String how) {
    GraphBuilder b = site.b();
    if (site.rank(site.in(1)) != 1) {
      throw site.refuse("its numbers are not those of the first axis");
    }
    Value numbers = indices(site, 1);
    Value rest = b.shape(site.x(), 1, Long.MAX_VALUE);
    Value shape = b.concat(0, count(site, numbers), rest);
    Tensor element = Tensor.ofNumbers(site.type(site.x()), new double[] {none}, 1);
    Value empty = b.constantOfShape(shape, element);
    return scattered(b, empty, b.unsqueeze(numbers, -1), site.x(), how);
  }

  /** The number of segments, {@code [1]}. */
  private static Value count(OperatorSite site, Value numbers) {
    GraphBuilder b = site.b();
    if (site.has(2)) {
      return b.reshape(indices(site, 2), 1);
    }
    return site.hasInteger(0)
        ? b.longs("segments", site.integer(0))
        : b.add(b.reduceMax(numbers, true, 0), b.longs("one", 1));
  }

  private static Value shared(OperatorSite site, boolean isRoot) {
    GraphBuilder b = site.b();
    Value sum = segments(site, 0, "add");
    Value ones = b.expand(site.like(site.x(), 1), b.shape(site.x()));
    Value count = segments(withFirst(site, ones), 0, "add");
    Value how = b.max(count, site.like(count, 1));
    return b.div(sum, isRoot ? b.sqrt(how) : how);
  }

  private static OperatorSite withFirst(OperatorSite site, Value first) {
    List<Value> inputs = new ArrayList<>(site.inputs());
    inputs.set(0, first);
    return new OperatorSite(site.b(), site.op(), inputs, site.types(), site.computed());
  }
}
