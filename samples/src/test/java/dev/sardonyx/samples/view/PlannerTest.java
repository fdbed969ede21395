package dev.sardonyx.samples.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.samples.view.Plan.Path;
import dev.sardonyx.samples.view.Plan.Point;
import dev.sardonyx.samples.view.Plan.Spot;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where things stand: apart from each other, within what is around them, and connected. */
final class PlannerTest {
  static Stream<Model> models() {
    return Stream.of(
        DrawnModels.residual(),
        DrawnModels.nested(),
        DrawnModels.chain(600),
        DrawnModels.evil(),
        Networks.uNet().build(1),
        Networks.transformerEncoder().build(1));
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyClusterIsSound(Model model) {
    DisplayGraphs graphs = DisplayGraphs.of(model, Marks.NONE);
    Planner planner = Planner.of(graphs);
    for (int i = 0; i < graphs.graphs().size(); i++) {
      for (Routes.Local local : planner.clusters(i)) {
        assertSound(local, planner.planned(local.cluster()).plan());
      }
    }
  }

  static void assertSound(Routes.Local local, Plan plan) {
    List<Spot> spots = plan.spots();
    for (int i = 0; i < spots.size(); i++) {
      Spot a = spots.get(i);
      assertTrue(a.x() >= 0 && a.x() + a.width() <= plan.width(), "within: " + a);
      assertTrue(a.y() >= 0 && a.y() + a.height() <= plan.height(), "within: " + a);
      for (int j = 0; j < i; j++) {
        Spot b = spots.get(j);
        assertTrue(
            a.x() >= b.x() + b.width()
                || b.x() >= a.x() + a.width()
                || a.y() >= b.y() + b.height()
                || b.y() >= a.y() + a.height(),
            a + " lies over " + b);
      }
    }
    for (int i = 0; i < plan.paths().size(); i++) {
      Routes.Link link = local.links().get(i);
      Path path = plan.paths().get(i);
      assertTouches(path.start(), link.from(), plan, true);
      assertTouches(path.end(), link.to(), plan, false);
    }
  }

  private static void assertTouches(Point end, int part, Plan plan, boolean isStart) {
    if (part == Routes.AROUND) {
      assertEquals(isStart ? 0 : plan.height(), end.y(), 0.5);
    } else {
      Spot spot = plan.spots().get(part);
      assertTrue(spot.x() <= end.x() && end.x() <= spot.x() + spot.width(), spot + " " + end);
      assertEquals(isStart ? spot.y() + spot.height() : spot.y(), end.y(), 0.5);
    }
  }
}
