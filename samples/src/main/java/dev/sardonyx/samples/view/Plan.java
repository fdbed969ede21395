package dev.sardonyx.samples.view;

import java.util.List;

/**
 * Where the parts of a cluster stand, in pixels from its upper left corner.
 *
 * @param spots the place of each part
 * @param entering where on the upper side each value enters
 * @param leaving where on the lower side each value leaves
 * @param paths the course of each link
 */
record Plan(
    double width,
    double height,
    List<Spot> spots,
    List<Double> entering,
    List<Double> leaving,
    List<Path> paths) {
  Plan {
    spots = List.copyOf(spots);
    entering = List.copyOf(entering);
    leaving = List.copyOf(leaving);
    paths = List.copyOf(paths);
  }

  /** A rectangle. */
  record Spot(double x, double y, double width, double height) {}

  /** A point. */
  record Point(double x, double y) {}

  /** A line from its start by its bends to its end. */
  record Path(Point start, List<Point> bends, Point end) {
    Path {
      bends = List.copyOf(bends);
    }
  }
}
