package dev.sardonyx.samples.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.samples.view.DisplayGraph.Box;
import dev.sardonyx.samples.view.DisplayGraph.Cluster;
import dev.sardonyx.samples.view.DisplayGraph.Kind;
import dev.sardonyx.samples.view.DisplayGraph.Leaf;
import dev.sardonyx.samples.view.DisplayGraph.NamedType;
import dev.sardonyx.samples.view.DisplayGraph.Part;
import dev.sardonyx.samples.view.DisplayGraph.Wire;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However boxes are put together, each wire arrives where it should, and links do not overlap. */
final class RoutesTest {
  private static final int BOXES = 60;

  private final Random random = new Random();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void wiresArriveInAnyGraph(long seed) {
    random.setSeed(seed);
    DisplayGraph graph = graph();
    Set<String> wanted = new TreeSet<>();
    graph.wires().forEach(w -> w.to().forEach(to -> wanted.add(w.from() + " to " + to)));
    assertEquals(wanted, new Walk(Routes.of(graph)).arrivals());
  }

  @Test
  void plansKeepPartsApartAndLinksAtTheirEnds() {
    random.setSeed(9);
    for (Routes.Local local : Routes.of(graph())) {
      ElkLayout.Request request = new ElkLayout.Request(false, local);
      local.cluster().parts().forEach(p -> request.add(new Plan.Spot(0, 0, 80, 30)));
      local.links().forEach(link -> request.label(20));
      Plan plan = new ElkLayout().plan(request);
      PlannerTest.assertSound(local, plan);
    }
  }

  private DisplayGraph graph() {
    List<Box> boxes = new ArrayList<>();
    List<NamedType> values = new ArrayList<>();
    List<Wire> wires = new ArrayList<>();
    for (int i = 0; i < BOXES; i++) {
      boxes.add(new Box(Kind.NODE, "b" + i, List.of(), null, List.of(), List.of(), List.of()));
      values.add(new NamedType("v" + i, ""));
      Set<Integer> users = new TreeSet<>();
      for (int k = random.nextInt(4); k > 0 && i + 1 < BOXES; k--) {
        users.add(i + 1 + random.nextInt(BOXES - i - 1));
      }
      wires.add(new Wire(i, i, new ArrayList<>(users)));
    }
    return new DisplayGraph(
        "g", "main", boxes, values, wires, new Cluster("g", parts(0, BOXES, 0)));
  }

  private List<Part> parts(int from, int to, int depth) {
    List<Part> parts = new ArrayList<>();
    for (int i = from; i < to; ) {
      int length = Math.min(to - i, 1 + random.nextInt(20));
      if (depth < 4 && length > 2 && random.nextBoolean()) {
        parts.add(new Cluster("c" + i, parts(i, i + length, depth + 1)));
        i += length;
      } else {
        parts.add(new Leaf(i++));
      }
    }
    return parts;
  }

  /** Follows links from the boxes that give values to those that use them. */
  private static final class Walk {
    private final IdentityHashMap<Cluster, Routes.Local> locals = new IdentityHashMap<>();
    private final IdentityHashMap<Cluster, Routes.Local> around = new IdentityHashMap<>();
    private final Set<String> arrivals = new TreeSet<>();

    Walk(List<Routes.Local> all) {
      for (Routes.Local local : all) {
        locals.put(local.cluster(), local);
        for (Part part : local.cluster().parts()) {
          if (part instanceof Cluster inner) {
            around.put(inner, local);
          }
        }
      }
    }

    Set<String> arrivals() {
      for (Routes.Local local : locals.values()) {
        for (int i = 0; i < local.cluster().parts().size(); i++) {
          if (local.cluster().parts().get(i) instanceof Leaf leaf) {
            follow(local, i, leaf.from(), leaf.from());
          }
        }
      }
      return arrivals;
    }

    private void follow(Routes.Local local, int part, int port, int source) {
      for (Routes.Link link : local.links()) {
        if (link.from() != part || link.fromPort() != port) {
          continue;
        }
        assertEquals(source, link.value());
        if (link.to() == Routes.AROUND) {
          Routes.Local outer = around.get(local.cluster());
          follow(outer, outer.cluster().parts().indexOf(local.cluster()), link.toPort(), source);
        } else if (local.cluster().parts().get(link.to()) instanceof Cluster inner) {
          follow(locals.get(inner), Routes.AROUND, link.toPort(), source);
        } else {
          int box = local.cluster().parts().get(link.to()).from();
          String arrival = source + " to " + box;
          assertTrue(arrivals.add(arrival), "twice: " + arrival);
        }
      }
    }
  }
}
