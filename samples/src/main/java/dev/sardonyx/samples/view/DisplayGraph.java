package dev.sardonyx.samples.view;

import dev.sardonyx.ir.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A graph as it is drawn. Constants have no box: they are listed in the nodes that use them.
 *
 * @param title the graph's name, or its part in the node that holds it
 * @param path the place of the graph as {@link dev.sardonyx.ir.diff.Difference#place} writes it
 * @param boxes inputs, nodes in topological order, outputs
 * @param values what the graph names, by number
 * @param wires the values that go from box to box
 * @param root all boxes, in clusters within clusters
 */
record DisplayGraph(
    String title,
    String path,
    List<Box> boxes,
    List<NamedType> values,
    List<Wire> wires,
    Cluster root) {
  DisplayGraph {
    boxes = List.copyOf(boxes);
    values = List.copyOf(values);
    wires = List.copyOf(wires);
  }

  /** What a box stands for. */
  enum Kind {
    NODE,
    INPUT,
    OUTPUT,
    /** A value of a graph around this one. */
    CAPTURE
  }

  /**
   * A rectangle.
   *
   * @param title its first line: an operator, or the name of an input or output
   * @param lines what else is written in it
   * @param node the node, or null if it is none
   * @param inputs what the node takes, in order
   * @param results the numbers of the values that the node gives, those it does not give left out
   * @param bodies graphs inside: subgraphs, or the body of the function it calls
   */
  record Box(
      Kind kind,
      String title,
      List<String> lines,
      @Nullable Node node,
      List<NodeInput> inputs,
      List<Integer> results,
      List<Body> bodies) {
    Box {
      lines = List.copyOf(lines);
      inputs = List.copyOf(inputs);
      results = List.copyOf(results);
      bodies = List.copyOf(bodies);
    }

    /** An input, output or captured value. */
    static Box of(Kind kind, String name, String type, int value) {
      List<String> lines = type.isEmpty() ? List.of() : List.of(type);
      return new Box(kind, name, lines, null, List.of(), List.of(value), List.of());
    }
  }

  /**
   * What a node takes in one place.
   *
   * @param name what the operator calls it, such as {@code W}; empty if unknown
   * @param value the number of a value, or -1
   * @param weight the number of a constant, or -1
   */
  record NodeInput(String name, int value, int weight) {}

  /**
   * A graph inside a box.
   *
   * @param label the attribute's name, or {@code function}
   * @param graph its number among the graphs of the model
   * @param nodes how many nodes it has
   * @param isFunction whether other boxes may have the very same graph inside
   */
  record Body(String label, int graph, int nodes, boolean isFunction) {}

  /** A value's name and type as it is written; the type may be empty. */
  record NamedType(String name, String type) {}

  /**
   * A value on its way.
   *
   * @param value its number
   * @param from the box that gives it
   * @param to the boxes that use it, each once
   */
  record Wire(int value, int from, List<Integer> to) {
    Wire {
      to = List.copyOf(to);
    }
  }

  /** A box by its number, or several of them in a row. */
  sealed interface Part permits Leaf, Cluster {
    /** The first of its boxes. */
    int from();

    /** The first box after it. */
    int to();
  }

  record Leaf(int from) implements Part {
    @Override
    public int to() {
      return from + 1;
    }
  }

  /**
   * Boxes that belong together and can be shown as one. They follow each other in topological
   * order: so no path leaves a cluster and comes back, and clusters as a whole form no cycle.
   */
  record Cluster(String title, List<Part> parts) implements Part {
    Cluster {
      parts = List.copyOf(parts);
    }

    @Override
    public int from() {
      return parts.isEmpty() ? 0 : parts.get(0).from();
    }

    @Override
    public int to() {
      return parts.isEmpty() ? 0 : parts.get(parts.size() - 1).to();
    }

    int size() {
      return to() - from();
    }
  }

  /** The graph with its boxes in other clusters. */
  DisplayGraph withRoot(Cluster changed) {
    return new DisplayGraph(title, path, boxes, values, wires, changed);
  }

  /** The graph and its clusters as text, a line for each part, for people and tests. */
  String outline() {
    StringBuilder text = new StringBuilder();
    outline(root, "", text);
    return text.toString();
  }

  private void outline(Cluster cluster, String indent, StringBuilder text) {
    for (Part part : cluster.parts()) {
      if (part instanceof Cluster inner) {
        text.append(indent).append("[").append(inner.title()).append("]\n");
        outline(inner, indent + "  ", text);
      } else {
        Box box = boxes.get(part.from());
        text.append(indent).append(box.kind() == Kind.NODE ? "" : box.kind() + " ");
        text.append(box.title());
        box.lines().forEach(line -> text.append(" | ").append(line));
        text.append('\n');
      }
    }
  }
}
