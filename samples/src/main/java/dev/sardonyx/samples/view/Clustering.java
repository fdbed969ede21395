package dev.sardonyx.samples.view;

import dev.sardonyx.ir.Node;
import dev.sardonyx.samples.view.DisplayGraph.Box;
import dev.sardonyx.samples.view.DisplayGraph.Cluster;
import dev.sardonyx.samples.view.DisplayGraph.Kind;
import dev.sardonyx.samples.view.DisplayGraph.Leaf;
import dev.sardonyx.samples.view.DisplayGraph.Part;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts the boxes of a graph into clusters, each a row of boxes in topological order: first those
 * whose nodes have the beginning of their names in common ({@code /layer1/conv1/Conv}, {@code
 * block1.conv1}), then blocks that few values enter and leave, such as residual ones, then what is
 * still too long in equal pieces. Takes time linear in the graph.
 */
final class Clustering {
  /** No cluster has more parts: layout takes longer than linear in them, and so do readers. */
  static final int MAX_PARTS = 100;

  private static final int PIECE = 50;

  /** Shorter rows are shown as they are. */
  private static final int MIN_ROW = 8;

  private static final int MIN_BLOCK = 3;

  /** Blocks of blocks are looked for in blocks of so many boxes. */
  private static final int LARGE_BLOCK = 24;

  private static final int MAX_DEPTH = 12;

  /** Where exporters of PyTorch keep the modules around a node. */
  private static final String SCOPES = "pkg.torch.onnx.name_scopes";

  private static final Pattern QUOTED = Pattern.compile("'([^']*)'");

  private final List<Box> boxes;
  private final List<List<String>> scopes;

  /** How many values that nodes give are still needed between each box and the one before. */
  private final int[] live;

  private final Map<String, Integer> titles = new HashMap<>();

  private Clustering(DisplayGraph graph) {
    boxes = graph.boxes();
    scopes = scopes(boxes);
    live = live(graph);
  }

  /** All boxes of a graph as one cluster. */
  static Cluster of(DisplayGraph graph) {
    Clustering clustering = new Clustering(graph);
    return clustering.pieces(
        new Cluster(graph.title(), clustering.named(0, graph.boxes().size(), 0)));
  }

  private static int[] live(DisplayGraph graph) {
    int[] change = new int[graph.boxes().size() + 2];
    for (DisplayGraph.Wire wire : graph.wires()) {
      int last = wire.from();
      for (int to : wire.to()) {
        // An output of the graph stands at its end, but what it shows is there long before.
        last = graph.boxes().get(to).kind() == Kind.OUTPUT ? last : Math.max(last, to);
      }
      if (graph.boxes().get(wire.from()).kind() == Kind.NODE && last > wire.from()) {
        change[wire.from() + 1]++;
        change[last + 1]--;
      }
    }
    for (int i = 1; i < change.length; i++) {
      change[i] += change[i - 1];
    }
    return change;
  }

  private static List<List<String>> scopes(List<Box> boxes) {
    List<List<String>> scopes = new ArrayList<>();
    List<String> before = List.of();
    for (Box box : boxes) {
      if (box.node() == null) {
        scopes.add(List.of());
      } else {
        // A node without a name belongs to the one before it.
        before = box.node().name().isEmpty() ? before : scope(box.node());
        scopes.add(before);
      }
    }
    return scopes;
  }

  private static List<String> scope(Node node) {
    List<String> parts = new ArrayList<>();
    String modules = node.metadata().properties().get(SCOPES);
    if (modules != null) {
      for (Matcher quoted = QUOTED.matcher(modules); quoted.find(); ) {
        if (!quoted.group(1).isEmpty()) {
          parts.add(quoted.group(1));
        }
      }
    } else {
      String separator = node.name().contains("/") ? "/" : "[.]";
      for (String part : node.name().split(separator, MAX_DEPTH + 2)) {
        if (!part.isEmpty()) {
          parts.add(part);
        }
      }
    }
    return parts.isEmpty() ? parts : parts.subList(0, Math.min(MAX_DEPTH, parts.size() - 1));
  }

  /** The boxes of a range: rows that share the next part of their scope become clusters. */
  private List<Part> named(int from, int to, int depth) {
    List<Part> parts = new ArrayList<>();
    int rowBegin = from;
    int i = from;
    while (i < to) {
      if (scopes.get(i).size() <= depth) {
        i++;
        continue;
      }
      String name = scopes.get(i).get(depth);
      int end = i + 1;
      while (end < to
          && scopes.get(end).size() > depth
          && scopes.get(end).get(depth).equals(name)) {
        end++;
      }
      if (end - i > 1) {
        row(rowBegin, i, parts);
        parts.add(cluster(name, named(i, end, depth + 1)));
        rowBegin = end;
      }
      i = end;
    }
    row(rowBegin, to, parts);
    return parts;
  }

  /** A cluster; if all it has is another, both become one. */
  private static Cluster cluster(String title, List<Part> parts) {
    if (parts.size() == 1 && parts.get(0) instanceof Cluster only) {
      boolean isPath = only.title().startsWith(title);
      return new Cluster(isPath ? only.title() : title + "/" + only.title(), only.parts());
    }
    return new Cluster(title, parts);
  }

  /** Adds a row of boxes without a common name, by blocks. */
  private void row(int from, int to, List<Part> parts) {
    if (to - from < MIN_ROW) {
      leaves(from, to, parts);
    } else {
      blocks(from, to, 0, parts);
    }
  }

  private static void leaves(int from, int to, List<Part> parts) {
    for (int i = from; i < to; i++) {
      parts.add(new Leaf(i));
    }
  }

  /**
   * Cuts a row where the fewest values are needed later: between two cuts lies one node, or a block
   * that branches and joins again.
   */
  private void blocks(int from, int to, int depth, List<Part> parts) {
    int first = from;
    while (first < to && boxes.get(first).kind() != Kind.NODE) {
      first++;
    }
    int last = to;
    while (last > first && boxes.get(last - 1).kind() != Kind.NODE) {
      last--;
    }
    leaves(from, first, parts);
    int fewest = Integer.MAX_VALUE;
    for (int i = first + 1; i < last; i++) {
      fewest = Math.min(fewest, live[i]);
    }
    int begin = first;
    for (int i = first + 1; i <= last; i++) {
      if (i == last || live[i] == fewest) {
        int end = i;
        if (isBlock(begin, end) && end + 1 < last && live[end + 1] == fewest && isActivation(end)) {
          end++; // the activation of a sum belongs to its block
          i++;
        }
        block(begin, end, to - from, depth, parts);
        begin = end;
      }
    }
    leaves(last, to, parts);
  }

  private boolean isBlock(int from, int to) {
    return to - from >= MIN_BLOCK;
  }

  private boolean isActivation(int box) {
    return OperatorCategory.of(boxes.get(box)) == OperatorCategory.ACTIVATION;
  }

  private void block(int from, int to, int row, int depth, List<Part> parts) {
    if (!isBlock(from, to)) {
      leaves(from, to, parts);
      return;
    }
    List<Part> inner = new ArrayList<>();
    if (to - from >= LARGE_BLOCK && depth < MAX_DEPTH) {
      blocks(from, to, depth + 1, inner);
    } else {
      leaves(from, to, inner);
    }
    boolean isMostOfIt = to - from > row * 2 / 3;
    if (isMostOfIt && depth < MAX_DEPTH) {
      parts.addAll(inner);
    } else {
      parts.add(cluster(title(from, to), inner));
    }
  }

  /** What joins the branches of a block names it. */
  private String title(int from, int to) {
    int last = to - 1;
    while (last > from && isActivation(last)) {
      last--;
    }
    String title =
        switch (boxes.get(last).title()) {
          case "Add", "Sum" -> "Residual block";
          case "Concat" -> "Branches";
          case "Mul" -> "Gate";
          default -> "Block";
        };
    return title + " " + titles.merge(title, 1, Integer::sum);
  }

  /** The cluster with no more parts than allowed, nor any inside: what is too long is cut. */
  private Cluster pieces(Cluster cluster) {
    List<Part> parts = new ArrayList<>();
    for (Part part : cluster.parts()) {
      parts.add(part instanceof Cluster inner ? pieces(inner) : part);
    }
    while (parts.size() > MAX_PARTS) {
      parts = cut(parts);
    }
    return new Cluster(cluster.title(), parts);
  }

  private List<Part> cut(List<Part> parts) {
    List<Part> pieces = new ArrayList<>();
    int begin = 0;
    while (begin < parts.size()) {
      int end = parts.size();
      if (end - begin > PIECE) {
        // In the second half of a piece, where the fewest values cross.
        end = begin + PIECE;
        for (int i = begin + PIECE; i > begin + PIECE / 2; i--) {
          end = live[parts.get(i).from()] < live[parts.get(end).from()] ? i : end;
        }
      }
      List<Part> piece = parts.subList(begin, end);
      pieces.add(piece.size() == 1 ? piece.get(0) : new Cluster(range(piece), piece));
      begin = end;
    }
    return pieces;
  }

  private static String range(List<Part> parts) {
    Part last = parts.get(parts.size() - 1);
    return "%,d to %,d".formatted(parts.get(0).from() + 1, last.to());
  }
}
