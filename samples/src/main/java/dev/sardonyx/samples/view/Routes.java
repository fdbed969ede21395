package dev.sardonyx.samples.view;

import dev.sardonyx.samples.view.DisplayGraph.Cluster;
import dev.sardonyx.samples.view.DisplayGraph.Part;
import dev.sardonyx.samples.view.DisplayGraph.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How the wires of a graph run through its clusters: into a cluster by a port on its upper side,
 * out by one on its lower side, one port for each value.
 */
final class Routes {
  /** Stands for the cluster itself among its parts. */
  static final int AROUND = -1;

  /**
   * A wire within one cluster, from part to part by their positions.
   *
   * @param from the part, or {@link #AROUND}
   * @param fromPort the port of a cluster that it starts from; of a box the value's number
   * @param to the part, or {@link #AROUND}
   * @param toPort the port of a cluster that it ends at; of a box the value's number
   */
  record Link(int value, int from, int fromPort, int to, int toPort) {}

  /**
   * A cluster's wires.
   *
   * @param entering the values that enter it, in the order of its ports
   * @param leaving the values that leave it, in the order of its ports
   */
  record Local(Cluster cluster, List<Integer> entering, List<Integer> leaving, List<Link> links) {
    static Local of(Cluster cluster) {
      return new Local(cluster, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
  }

  private final List<Local> clusters = new ArrayList<>();
  private final List<Integer> parents = new ArrayList<>();
  private final List<Integer> positions = new ArrayList<>();
  private final int[] clusterOf;
  private final int[] positionOf;
  private int[] entered = {};
  private int[] left = {};

  private Routes(int boxes) {
    clusterOf = new int[boxes];
    positionOf = new int[boxes];
  }

  /** The wires of each cluster of a graph, outer ones before those inside, the root first. */
  static List<Local> of(DisplayGraph graph) {
    Routes routes = new Routes(graph.boxes().size());
    routes.add(graph.root(), AROUND, 0);
    routes.entered = new int[routes.clusters.size()];
    routes.left = new int[routes.clusters.size()];
    Arrays.fill(routes.entered, -1);
    Arrays.fill(routes.left, -1);
    graph.wires().forEach(routes::route);
    return routes.clusters;
  }

  private void add(Cluster cluster, int parent, int position) {
    int number = clusters.size();
    clusters.add(Local.of(cluster));
    parents.add(parent);
    positions.add(position);
    for (int i = 0; i < cluster.parts().size(); i++) {
      Part part = cluster.parts().get(i);
      if (part instanceof Cluster inner) {
        add(inner, number, i);
      } else {
        clusterOf[part.from()] = number;
        positionOf[part.from()] = i;
      }
    }
  }

  private boolean contains(int cluster, int box) {
    Cluster all = clusters.get(cluster).cluster();
    return all.from() <= box && box < all.to();
  }

  private void route(Wire wire) {
    for (int to : wire.to()) {
      int value = wire.value();
      int cluster = clusterOf[to];
      int target = positionOf[to];
      int port = value;
      boolean isThere = false;
      while (!isThere && !contains(cluster, wire.from())) {
        Local local = clusters.get(cluster);
        isThere = entered[cluster] == value;
        if (!isThere) {
          entered[cluster] = value;
          local.entering().add(value);
        }
        // One that has entered already has the last port of all.
        int enters = local.entering().size() - 1;
        local.links().add(new Link(value, AROUND, enters, target, port));
        target = positions.get(cluster);
        port = enters;
        cluster = parents.get(cluster);
      }
      if (!isThere) {
        leave(wire, cluster, target, port);
      }
    }
  }

  /** Links what gives a value, from as deep inside as it is, with a part of a cluster around it. */
  private void leave(Wire wire, int cluster, int target, int targetPort) {
    int inner = clusterOf[wire.from()];
    int source = positionOf[wire.from()];
    int port = wire.value();
    while (inner != cluster) {
      Local local = clusters.get(inner);
      if (left[inner] != wire.value()) {
        left[inner] = wire.value();
        local.leaving().add(wire.value());
        local.links().add(new Link(wire.value(), source, port, AROUND, local.leaving().size() - 1));
      }
      source = positions.get(inner);
      port = local.leaving().size() - 1;
      inner = parents.get(inner);
    }
    clusters.get(cluster).links().add(new Link(wire.value(), source, port, target, targetPort));
  }
}
