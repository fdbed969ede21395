package dev.sardonyx.samples.bench;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.pass.Passes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Whether work on graphs is linear in their size: nanoseconds a node for building, inferring,
 * checking and each pass, on chains from 1,000 to 200,000 nodes. The last column is the slowest
 * size against the fastest one; it stays about 1 if the work is linear. Each size works through as
 * many different models as make up the largest size, so that all sizes touch as much memory: a
 * small model met again and again would sit in the processor's cache and seem several times faster.
 * Of several runs the fastest counts, since the machine may have other things to do.
 *
 * <p>{@code ScalingBench [NODES...]}: other sizes. A ratio above two is marked, and should be
 * investigated if it recurs on an idle machine.
 */
public final class ScalingBench {
  private static final double ALLOWED = 2;
  private static final long WARM_UP_NANOS = 1_000_000_000L;
  private static final long MEASURE_NANOS = 200_000_000L;
  private static final int ROUNDS = 3;
  private static final int MIN_RUNS = 3;

  /** Holds results, so that the JIT compiler cannot remove the work. */
  @SuppressWarnings("UnusedVariable")
  private static volatile Object result = "";

  private ScalingBench() {}

  public static void main(String[] arguments) {
    int[] sizes =
        arguments.length == 0
            ? new int[] {1_000, 10_000, 50_000, 200_000}
            : List.of(arguments).stream().mapToInt(Integer::parseInt).toArray();
    table("a chain of Add and Relu, where passes find nothing", sizes, false);
    table("a chain full of copies and things said twice", sizes, true);
  }

  private static void table(String title, int[] sizes, boolean busy) {
    System.out.println("ns a node on " + title);
    StringBuilder head = new StringBuilder(String.format("%-24s", ""));
    for (int size : sizes) {
      head.append(String.format("%10d", size));
    }
    System.out.println(head.append("   ratio"));
    int all = IntStream.of(sizes).max().orElse(0);
    List<List<Model>> models = new ArrayList<>();
    for (int size : sizes) {
      models.add(Stream.generate(() -> chain(size, busy)).limit(all / size).toList());
    }
    List<Map<String, Supplier<?>>> tasks = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      tasks.add(tasks(models.get(i), sizes[i], busy));
    }
    for (String work : tasks.get(0).keySet()) {
      long[] nodes =
          models.stream()
              .mapToLong(m -> m.stream().mapToLong(n -> n.graph().nodes().size()).sum())
              .toArray();
      row(work, tasks, nodes);
    }
    System.out.println();
  }

  private static void row(String work, List<Map<String, Supplier<?>>> tasks, long[] nodes) {
    double[] each = new double[nodes.length];
    Arrays.fill(each, Double.MAX_VALUE);
    // In rounds, so that a temporary disturbance affects all sizes.
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < nodes.length; i++) {
        Supplier<?> task = Objects.requireNonNull(tasks.get(i).get(work), work);
        each[i] = Math.min(each[i], (double) best(task, round + i == 0) / nodes[i]);
      }
    }
    StringBuilder line = new StringBuilder(String.format("%-24s", work));
    for (double nanos : each) {
      line.append(String.format("%10.0f", nanos));
    }
    double fastest = DoubleStream.of(each).min().orElseThrow();
    double slowest = DoubleStream.of(each).max().orElseThrow();
    line.append(String.format("%8.2f", slowest / fastest));
    System.out.println(slowest <= ALLOWED * fastest ? line : line.append(" !"));
  }

  private static Map<String, Supplier<?>> tasks(List<Model> models, int size, boolean busy) {
    Map<String, Supplier<?>> tasks = new LinkedHashMap<>();
    List<Model> bare = models.stream().map(ScalingBench::withoutTypes).toList();
    tasks.put("build", () -> each(models, m -> chain(size, busy)));
    tasks.put("infer", () -> each(bare, ShapeInference::infer));
    tasks.put("check", () -> each(models, Checker::check));
    for (String pass : Passes.names()) {
      List<Model> input = pass.equals("infer-types") ? bare : models;
      tasks.put(pass, () -> each(input, Passes.named(pass)::apply));
    }
    // Without functions there is nothing to inline, and nothing is done.
    tasks.remove("function-inlining");
    return tasks;
  }

  private static int each(List<Model> models, Function<Model, ?> work) {
    int results = 0;
    for (Model model : models) {
      results += work.apply(model) == null ? 0 : 1;
    }
    return results;
  }

  /** The shortest time of one run, in nanoseconds. */
  private static long best(Supplier<?> task, boolean first) {
    long end = System.nanoTime() + (first ? WARM_UP_NANOS : 0);
    while (System.nanoTime() < end) {
      result = task.get();
    }
    long best = Long.MAX_VALUE;
    end = System.nanoTime() + MEASURE_NANOS;
    for (int run = 0; run < MIN_RUNS || System.nanoTime() < end; run++) {
      long start = System.nanoTime();
      result = task.get();
      best = Math.min(best, System.nanoTime() - start);
    }
    return best;
  }

  private static Model chain(int nodes, boolean busy) {
    GraphBuilder b = GraphBuilder.of("chain", 18);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,16")));
    Value one = b.constant("one", ones());
    Value y = x;
    for (int i = 0; i < nodes; i += busy ? 5 : 2) {
      y = busy ? busyStep(b, y) : b.relu(b.add(y, one));
    }
    b.output(y, "y");
    return b.buildModel();
  }

  /** Not zeros, since adding zero would be removed. */
  private static Tensor ones() {
    float[] ones = new float[16];
    Arrays.fill(ones, 1);
    return Tensor.ofFloats(ones, 16);
  }

  /** Five nodes, of which two are redundant. */
  private static Value busyStep(GraphBuilder b, Value x) {
    Value copy = b.identity(x);
    Value constant = b.constant(ones());
    Value a = b.relu(copy);
    Value c = b.relu(copy);
    return b.add(b.add(a, c), constant);
  }

  private static Model withoutTypes(Model model) {
    List<Node> bare = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      bare.add(
          node.withOutputs(
              node.outputs().stream().map(r -> r.withType(ValueType.unknown())).toList()));
    }
    return model.withGraph(model.graph().withNodes(bare));
  }
}
