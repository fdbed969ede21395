package dev.sardonyx.runtime.reduce;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Leaves out nodes: halves as long as one of them fails, then ever smaller pieces. */
final class NodeReduction {
  private final Search search;

  NodeReduction(Search search) {
    this.search = search;
  }

  void run(ModelParts parts) {
    List<Integer> kept =
        new ArrayList<>(IntStream.range(0, search.smallest().nodes()).boxed().toList());
    kept = halved(parts, kept);
    for (int piece = Math.max(1, kept.size() / 2); piece >= 1; piece /= 2) {
      for (int from = 0; from < kept.size() && kept.size() > 1 && !search.isOver(); ) {
        List<Integer> rest = new ArrayList<>(kept);
        rest.subList(from, Math.min(from + piece, kept.size())).clear();
        if (!rest.isEmpty() && keeps(parts, rest)) {
          kept = rest;
        } else {
          from += piece;
        }
      }
    }
  }

  private List<Integer> halved(ModelParts parts, List<Integer> all) {
    List<Integer> kept = all;
    while (kept.size() > 1 && !search.isOver()) {
      int half = kept.size() / 2;
      List<Integer> now = kept;
      kept =
          List.of(0, kept.size() - half, half / 2).stream()
              .map(from -> now.subList(from, from + half))
              .filter(part -> keeps(parts, part))
              .findFirst()
              .orElse(kept);
      if (kept.size() == now.size()) {
        break;
      }
    }
    return kept;
  }

  private boolean keeps(ModelParts parts, List<Integer> nodes) {
    return parts.of(nodes).map(search::keep).orElse(false);
  }
}
