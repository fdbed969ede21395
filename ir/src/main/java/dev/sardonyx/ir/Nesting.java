package dev.sardonyx.ir;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How deep a model nests, and how many nodes its function calls come to. Both are found in linear
 * time and without recursion, before anything is done that follows the nesting.
 *
 * @param depth levels of graphs within nodes, of calls within functions, and of types within types
 * @param deepest a node or function on the deepest level, or the value of the deepest type
 * @param messages how deep the messages of the model's file nest, at the least
 * @param expansions nodes of functions, counted anew for each call; {@code Long.MAX_VALUE} for more
 *     than that
 */
public record Nesting(int depth, String deepest, int messages, long expansions) {
  /** So many levels fit the smallest stacks that threads usually have. */
  private static final int SHALLOW = 32;

  private static final long BYTES_A_LEVEL = 8 << 10;

  /** A graph within a node is the message of an attribute of the node's. */
  private static final int MESSAGES_A_GRAPH = 3;

  private static final int MESSAGES_A_TYPE = 2;

  /** The nesting of a model. A function that calls itself does not count within itself. */
  public static Nesting of(Model model) {
    Map<OperatorName, Nesting> functions = new HashMap<>();
    Measure all = new Measure(functions);
    if (!model.functions().isEmpty()) {
      for (Function function : CallOrder.of(model.functions()).functions()) {
        Measure measure = new Measure(functions);
        measure.nodes(function.nodes());
        function.values().forEach(v -> measure.type(v.type(), v.name(), 0));
        Nesting nesting = measure.nesting();
        String at = nesting.deepest.isEmpty() ? function.operator() : nesting.deepest;
        long nodes = saturated(nesting.expansions, measure.count);
        functions.put(
            OperatorName.of(function), new Nesting(nesting.depth, at, nesting.messages, nodes));
        all.reach(nesting.depth, at);
        all.messages = Math.max(all.messages, nesting.messages);
      }
    }
    all.graph(model.graph());
    for (TrainingInfo training : model.training()) {
      all.graph(training.initialization());
      all.graph(training.algorithm());
    }
    return all.nesting();
  }

  private static long saturated(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }

  /** Goes through the nodes of one graph or function, and of all graphs inside. */
  private static final class Measure {
    private record Level(List<Node> nodes, int depth) {}

    private final Map<OperatorName, Nesting> functions;
    private final Deque<Level> open = new ArrayDeque<>();
    private int depth;
    private String deepest = "";
    private int messages;
    private long count;
    private long expansions;

    Measure(Map<OperatorName, Nesting> functions) {
      this.functions = functions;
    }

    Nesting nesting() {
      return new Nesting(depth, deepest, messages, expansions);
    }

    void reach(int level, String at) {
      if (level > depth) {
        depth = level;
        deepest = at;
      }
    }

    void graph(Graph graph) {
      types(graph, 0);
      nodes(graph.nodes());
    }

    private void types(Graph graph, int level) {
      messages = Math.max(messages, MESSAGES_A_GRAPH * (level + 1));
      graph.inputs().forEach(i -> type(i.type(), i.name(), level));
      graph.outputs().forEach(o -> type(o.type(), o.name(), level));
    }

    void nodes(List<Node> nodes) {
      open.push(new Level(nodes, 0));
      while (!open.isEmpty()) {
        Level level = open.pop();
        for (Node node : level.nodes) {
          node(node, level.depth);
        }
      }
    }

    private void node(Node node, int level) {
      count++;
      for (Result result : node.outputs()) {
        type(result.type(), result.name(), level);
      }
      for (Attribute attribute : node.attributes()) {
        if (attribute.value() instanceof AttributeValue.Graph one) {
          inside(one.value(), node, level);
        } else if (attribute.value() instanceof AttributeValue.Graphs many) {
          many.values().forEach(graph -> inside(graph, node, level));
        } else if (attribute.value() instanceof AttributeValue.Type type) {
          type(type.value(), node.label(), level);
        } else if (attribute.value() instanceof AttributeValue.Types types) {
          types.values().forEach(type -> type(type, node.label(), level));
        }
      }
      Nesting called = functions.isEmpty() ? null : functions.get(OperatorName.of(node));
      if (called != null) {
        if (level + 1 + called.depth > depth) {
          reach(level + 1 + called.depth, called.deepest);
        }
        expansions = saturated(expansions, called.expansions);
      }
    }

    private void inside(Graph graph, Node node, int level) {
      if (level + 1 > depth) {
        reach(level + 1, node.label());
      }
      types(graph, level + 1);
      open.push(new Level(graph.nodes(), level + 1));
    }

    void type(ValueType type, String value, int level) {
      int levels = 0;
      for (ValueType inner = element(type); inner != null; inner = element(inner)) {
        levels++;
      }
      if (levels > 0) {
        reach(levels, value);
        messages = Math.max(messages, MESSAGES_A_GRAPH * (level + 1) + MESSAGES_A_TYPE * levels);
      }
    }

    private static @Nullable ValueType element(ValueType type) {
      if (type instanceof TensorType) {
        return null;
      }
      if (type instanceof SequenceType sequence) {
        return sequence.element();
      }
      if (type instanceof OptionalType optional) {
        return optional.element();
      }
      return type instanceof MapType map ? map.value() : null;
    }
  }

  /**
   * Refuses what is too deep.
   *
   * @throws LimitExceededException naming the deepest place
   */
  public Nesting requireDepth(Limits limits) {
    limits.requireDepth(depth, "The nesting of graphs, calls and types down to " + deepest);
    return this;
  }

  /**
   * Refuses what would become too much if each call were the function's body.
   *
   * @throws LimitExceededException naming the model
   */
  public Nesting requireExpansions(Limits limits, String model) {
    limits.requireExpansions(expansions, "Every function call of " + model + " written out");
    return this;
  }

  /**
   * Does what recurses along a model's nesting, within the limits that hold where nothing else is
   * said.
   *
   * @throws LimitExceededException if the model nests too deep
   */
  public static <T> T follow(Model model, Supplier<T> task) {
    return of(model).requireDepth(Limits.standard()).run(task);
  }

  /** Does what recurses along the nesting, on a stack that is deep enough. */
  public <T> T run(Supplier<T> task) {
    return run(depth, task);
  }

  /** Does what recurses so many levels deep, on a stack that is deep enough. */
  public static <T> T run(int depth, Supplier<T> task) {
    if (depth <= SHALLOW) {
      return task.get();
    }
    FutureTask<T> result = new FutureTask<>(task::get);
    Thread thread = new Thread(null, result, "sardonyx-deep", (1 << 20) + depth * BYTES_A_LEVEL);
    thread.setDaemon(true);
    thread.start();
    return await(result, thread);
  }

  private static <T> T await(FutureTask<T> result, Thread thread) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return result.get();
        } catch (InterruptedException e) {
          interrupted = true;
          thread.interrupt();
        } catch (ExecutionException e) {
          if (e.getCause() instanceof Error error) {
            throw error;
          }
          throw e.getCause() instanceof RuntimeException known
              ? known
              : new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
