package dev.sardonyx.samples.view;

import dev.sardonyx.samples.view.DisplayGraph.Body;
import dev.sardonyx.samples.view.DisplayGraph.Box;
import dev.sardonyx.samples.view.DisplayGraph.Cluster;
import dev.sardonyx.samples.view.DisplayGraph.Kind;
import dev.sardonyx.samples.view.DisplayGraph.Part;
import dev.sardonyx.samples.view.Plan.Spot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lays out all clusters of a model, each by itself and from the inside out: one that is open at
 * first has the size of what is inside, any other that of its title. Clusters that look alike, as
 * the layers of a deep network do, are laid out once.
 */
final class Planner {
  /** Clusters are open at first, level by level, as long as no more is to be seen than this. */
  private static final int VISIBLE = 260;

  static final double TITLE_FONT = 13;
  static final double LINE_FONT = 11;
  static final double EDGE_FONT = 10;
  static final double HEAD = 24;
  static final double LINE = 16;

  /** Around and between the graphs inside a box, and for the title of each. */
  static final double GAP = 10;

  static final double LABEL = 22;

  private static final double MIN_WIDTH = 64;
  private static final double MARGIN = 20;

  /**
   * A cluster with its wires and its plan.
   *
   * @param size its size while it is closed
   * @param isOpen whether it is open at first
   */
  record Planned(Routes.Local local, Plan plan, Spot size, boolean isOpen) {}

  private final DisplayGraphs model;
  private final List<List<Routes.Local>> routes = new ArrayList<>();
  private final Set<Cluster> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Integer> openGraphs = new HashSet<>();
  private final IdentityHashMap<Cluster, Planned> planned = new IdentityHashMap<>();
  private final Map<Integer, Plan> plans = new HashMap<>();
  private final ElkLayout layout = new ElkLayout();

  private Planner(DisplayGraphs model) {
    this.model = model;
    model.graphs().forEach(graph -> routes.add(Routes.of(graph)));
  }

  /** The clusters of all graphs, laid out. */
  static Planner of(DisplayGraphs model) {
    Planner planner = new Planner(model);
    planner.chooseOpen();
    for (int i = 0; i < model.graphs().size(); i++) {
      planner.graph(i);
    }
    return planner;
  }

  /** The wires of the clusters of a graph, outer ones before those inside, the root first. */
  List<Routes.Local> clusters(int graph) {
    return routes.get(graph);
  }

  Planned planned(Cluster cluster) {
    Planned known = planned.get(cluster);
    if (known == null) {
      throw new IllegalStateException("no plan of " + cluster.title());
    }
    return known;
  }

  /** Whether the subgraphs of a box are open at first. */
  boolean isOpen(Box box) {
    return box.bodies().stream().anyMatch(body -> openGraphs.contains(body.graph()));
  }

  /** A cluster of a graph, or all of it. */
  private record Place(int graph, Cluster cluster, boolean isAll) {}

  private void chooseOpen() {
    List<Place> level = List.of(new Place(0, model.graphs().get(0).root(), true));
    int visible = level.get(0).cluster().parts().size();
    open.add(level.get(0).cluster());
    while (!level.isEmpty()) {
      List<Place> next = new ArrayList<>();
      for (Place place : level) {
        inside(place, next);
      }
      visible += next.stream().mapToInt(p -> p.cluster().parts().size()).sum();
      if (visible > VISIBLE) {
        return;
      }
      for (Place place : next) {
        open.add(place.cluster());
        if (place.isAll()) {
          openGraphs.add(place.graph());
        }
      }
      level = next;
    }
  }

  private void inside(Place place, List<Place> next) {
    DisplayGraph graph = model.graphs().get(place.graph());
    for (Part part : place.cluster().parts()) {
      if (part instanceof Cluster inner) {
        next.add(new Place(place.graph(), inner, false));
      } else {
        for (Body body : graph.boxes().get(part.from()).bodies()) {
          // A function may call functions, and those others: all of it could be without end.
          if (!body.isFunction()) {
            next.add(new Place(body.graph(), model.graphs().get(body.graph()).root(), true));
          }
        }
      }
    }
  }

  /** The plan of a graph's root. */
  private Plan graph(int number) {
    Plan known = plans.get(number);
    if (known == null) {
      List<Routes.Local> locals = routes.get(number);
      // From the last to the first: what is inside comes before what is around it.
      for (int i = locals.size() - 1; i >= 0; i--) {
        plan(model.graphs().get(number), locals.get(i), i == 0);
      }
      known = planned(model.graphs().get(number).root()).plan();
      plans.put(number, known);
    }
    return known;
  }

  private void plan(DisplayGraph graph, Routes.Local local, boolean isRoot) {
    ElkLayout.Request request = new ElkLayout.Request(isRoot, local);
    for (Part part : local.cluster().parts()) {
      if (part instanceof Cluster inner) {
        Planned within = planned(inner);
        if (within.isOpen()) {
          request.add(within.plan());
        } else {
          request.add(within.size());
        }
      } else {
        request.add(size(graph.boxes().get(part.from())));
      }
    }
    for (Routes.Link link : local.links()) {
      String type = graph.values().get(link.value()).type();
      request.label(
          isLabelled(local.cluster(), link)
              ? TextSize.width(TextSize.cut(type), EDGE_FONT) + 6
              : 0);
    }
    Cluster cluster = local.cluster();
    planned.put(
        cluster,
        new Planned(local, layout.plan(request), closedSize(cluster), open.contains(cluster)));
  }

  /** Whether a value's type stands at a link: not if it does so inside already, or outside. */
  boolean isLabelled(Cluster cluster, Routes.Link link) {
    return link.from() != Routes.AROUND
        && (!(cluster.parts().get(link.from()) instanceof Cluster inner)
            || !planned(inner).isOpen());
  }

  private static Spot closedSize(Cluster cluster) {
    double width =
        Math.max(
            TextSize.bold(TextSize.cut(cluster.title()), TITLE_FONT) + 20,
            TextSize.width(count(cluster), LINE_FONT));
    return new Spot(0, 0, Math.max(90, Math.ceil(width + MARGIN)), 44);
  }

  /** How many boxes a cluster has, for people. */
  static String count(Cluster cluster) {
    return "%,d nodes".formatted(cluster.size());
  }

  /** The size of a box with its subgraphs as they are at first. */
  private Spot size(Box box) {
    Spot closed = closedSize(box);
    if (!isOpen(box)) {
      return closed;
    }
    double width = GAP;
    double height = 0;
    for (Body body : box.bodies()) {
      Plan inside = graph(body.graph());
      width += inside.width() + GAP;
      height = Math.max(height, inside.height());
    }
    return new Spot(0, 0, Math.max(closed.width(), width), head(box) + LABEL + height + GAP);
  }

  /** The height of a box without its bodies. */
  static double head(Box box) {
    return HEAD + box.lines().size() * LINE + (box.lines().isEmpty() ? 0 : 6);
  }

  /** The size of a box with its bodies as a line each. */
  static Spot closedSize(Box box) {
    double width = TextSize.bold(TextSize.cut(box.title()), TITLE_FONT);
    for (String line : box.lines()) {
      width = Math.max(width, TextSize.width(TextSize.cut(line), LINE_FONT));
    }
    for (Body body : box.bodies()) {
      width = Math.max(width, TextSize.width(label(body), LINE_FONT) + 14);
    }
    double bodies = box.bodies().isEmpty() ? 0 : box.bodies().size() * LINE + 6;
    double height = box.kind() == Kind.NODE ? head(box) + bodies : 24 + box.lines().size() * 14;
    return new Spot(0, 0, Math.max(MIN_WIDTH, Math.ceil(width + MARGIN)), height);
  }

  static String label(Body body) {
    return TextSize.cut(body.label()) + ", %,d nodes".formatted(body.nodes());
  }
}
