package dev.sardonyx.samples.view;

import dev.sardonyx.samples.view.Plan.Path;
import dev.sardonyx.samples.view.Plan.Point;
import dev.sardonyx.samples.view.Plan.Spot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.elk.alg.layered.LayeredLayoutProvider;
import org.eclipse.elk.alg.layered.options.FixedAlignment;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.alg.layered.options.NodePlacementStrategy;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeLabelPlacement;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.PortConstraints;
import org.eclipse.elk.core.options.PortSide;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkLabel;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.ElkPort;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/** Lays out one cluster after the other in layers, top down, by the Eclipse Layout Kernel. */
final class ElkLayout {
  private static final double LABEL_HEIGHT = 12;
  private static final double TITLE = 34;

  static {
    LayoutMetaDataService.getInstance(); // without it, options cannot be copied
  }

  private final Map<List<Object>, Plan> known = new HashMap<>();

  /** A cluster to be laid out: its parts' sizes, and how wide the text at each link is. */
  static final class Request {
    private final boolean isRoot;
    private final Routes.Local local;
    private final List<Spot> sizes = new ArrayList<>();
    private final List<List<Double>> entering = new ArrayList<>();
    private final List<List<Double>> leaving = new ArrayList<>();
    private final List<Double> labels = new ArrayList<>();

    Request(boolean isRoot, Routes.Local local) {
      this.isRoot = isRoot;
      this.local = local;
    }

    /** The next part is one of a size, whose ports may be anywhere. */
    void add(Spot size) {
      add(size, List.of(), List.of());
    }

    /** The next part is an open cluster, which has its ports. */
    void add(Plan plan) {
      add(new Spot(0, 0, plan.width(), plan.height()), plan.entering(), plan.leaving());
    }

    private void add(Spot size, List<Double> in, List<Double> out) {
      sizes.add(size);
      entering.add(in);
      leaving.add(out);
    }

    /** The width of the text at the next link. */
    void label(double width) {
      labels.add(width);
    }

    /** Whether a part is a box, whose ports are known by their values. */
    private boolean isBox(int part) {
      return part != Routes.AROUND
          && local.cluster().parts().get(part) instanceof DisplayGraph.Leaf;
    }

    /** All that the plan depends on: which links there are, but not for which values. */
    private List<Object> key() {
      List<Object> links = new ArrayList<>();
      Map<Integer, Integer> values = new HashMap<>();
      for (Routes.Link link : local.links()) {
        int value = values.computeIfAbsent(link.value(), v -> values.size());
        int from = isBox(link.from()) ? 0 : link.fromPort();
        int to = isBox(link.to()) ? 0 : link.toPort();
        links.add(List.of(value, link.from(), from, link.to(), to));
      }
      return List.of(
          isRoot,
          sizes,
          entering,
          leaving,
          labels,
          links,
          local.entering().size(),
          local.leaving().size());
    }
  }

  /** Where everything goes. */
  Plan plan(Request request) {
    return known.computeIfAbsent(request.key(), key -> new OneCluster(request).plan());
  }

  private static final class OneCluster {
    private final Request request;
    private final ElkNode graph = ElkGraphUtil.createNode(ElkGraphUtil.createGraph());
    private final List<ElkNode> parts = new ArrayList<>();
    private final List<ElkPort> entering = new ArrayList<>();
    private final List<ElkPort> leaving = new ArrayList<>();
    private final Map<List<Object>, ElkPort> ports = new HashMap<>();

    OneCluster(Request request) {
      this.request = request;
    }

    Plan plan() {
      graph.setProperty(LayeredOptions.DIRECTION, Direction.DOWN);
      graph.setProperty(LayeredOptions.EDGE_ROUTING, EdgeRouting.POLYLINE);
      graph.setProperty(
          LayeredOptions.NODE_PLACEMENT_STRATEGY, NodePlacementStrategy.BRANDES_KOEPF);
      graph.setProperty(LayeredOptions.NODE_PLACEMENT_BK_FIXED_ALIGNMENT, FixedAlignment.BALANCED);
      graph.setProperty(LayeredOptions.PORT_CONSTRAINTS, PortConstraints.FIXED_SIDE);
      graph.setProperty(LayeredOptions.SPACING_NODE_NODE, 26.0);
      graph.setProperty(LayeredOptions.SPACING_EDGE_NODE, 16.0);
      graph.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 30.0);
      graph.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 12.0);
      double side = request.isRoot ? 10 : 14;
      double top = request.isRoot ? 10 : TITLE;
      graph.setProperty(LayeredOptions.PADDING, new ElkPadding(top, side, side, side));
      addParts();
      for (int i = 0; i < request.local.entering().size(); i++) {
        entering.add(port(graph, PortSide.NORTH));
      }
      for (int i = 0; i < request.local.leaving().size(); i++) {
        leaving.add(port(graph, PortSide.SOUTH));
      }
      List<ElkEdge> edges = addLinks();
      new LayeredLayoutProvider().layout(graph, new BasicProgressMonitor());
      return result(edges);
    }

    private void addParts() {
      for (int i = 0; i < request.sizes.size(); i++) {
        ElkNode node = ElkGraphUtil.createNode(graph);
        Spot size = request.sizes.get(i);
        node.setDimensions(size.width(), size.height());
        List<Double> in = request.entering.get(i);
        List<Double> out = request.leaving.get(i);
        boolean isFixed = !in.isEmpty() || !out.isEmpty();
        node.setProperty(
            LayeredOptions.PORT_CONSTRAINTS,
            isFixed ? PortConstraints.FIXED_POS : PortConstraints.FIXED_SIDE);
        fixed(node, i, PortSide.NORTH, in, 0);
        fixed(node, i, PortSide.SOUTH, out, size.height());
        parts.add(node);
      }
    }

    private void fixed(ElkNode node, int part, PortSide side, List<Double> places, double y) {
      for (int k = 0; k < places.size(); k++) {
        ElkPort port = port(node, side);
        port.setLocation(places.get(k), y);
        ports.put(List.of(part, side, k), port);
      }
    }

    private static ElkPort port(ElkNode node, PortSide side) {
      ElkPort port = ElkGraphUtil.createPort(node);
      port.setProperty(LayeredOptions.PORT_SIDE, side);
      return port;
    }

    private ElkPort portOf(int part, PortSide side, int number) {
      return ports.computeIfAbsent(List.of(part, side, number), k -> port(parts.get(part), side));
    }

    private List<ElkEdge> addLinks() {
      List<ElkEdge> edges = new ArrayList<>();
      Set<ElkPort> labelled = new HashSet<>();
      for (int i = 0; i < request.local.links().size(); i++) {
        Routes.Link link = request.local.links().get(i);
        ElkPort from =
            link.from() == Routes.AROUND
                ? entering.get(link.fromPort())
                : portOf(link.from(), PortSide.SOUTH, link.fromPort());
        ElkPort to =
            link.to() == Routes.AROUND
                ? leaving.get(link.toPort())
                : portOf(link.to(), PortSide.NORTH, link.toPort());
        ElkEdge edge = ElkGraphUtil.createSimpleEdge(from, to);
        double width = request.labels.get(i);
        if (width > 0 && labelled.add(from)) {
          ElkLabel label = ElkGraphUtil.createLabel("type", edge);
          label.setDimensions(width, LABEL_HEIGHT);
          label.setProperty(LayeredOptions.EDGE_LABELS_PLACEMENT, EdgeLabelPlacement.TAIL);
        }
        edges.add(edge);
      }
      return edges;
    }

    private Plan result(List<ElkEdge> edges) {
      return new Plan(
          graph.getWidth(),
          graph.getHeight(),
          parts.stream()
              .map(n -> new Spot(n.getX(), n.getY(), n.getWidth(), n.getHeight()))
              .toList(),
          entering.stream().map(ElkPort::getX).toList(),
          leaving.stream().map(ElkPort::getX).toList(),
          edges.stream().map(OneCluster::path).toList());
    }

    private static Path path(ElkEdge edge) {
      ElkEdgeSection section = edge.getSections().get(0);
      List<Point> bends =
          section.getBendPoints().stream().map(b -> new Point(b.getX(), b.getY())).toList();
      return new Path(
          new Point(section.getStartX(), section.getStartY()),
          bends,
          new Point(section.getEndX(), section.getEndY()));
    }
  }
}
