package dev.sardonyx.runtime.reduce;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;

/** The smallest specimen so far, and how many more trials there may be. */
final class Search {
  private final Trial trial;
  private final int mostTrials;
  private int trials;
  private Specimen smallest;
  private Trial.Finding finding;

  Search(Trial trial, Specimen first, Trial.Finding finding, int mostTrials) {
    this.trial = trial;
    this.smallest = first;
    this.finding = finding;
    this.mostTrials = mostTrials;
  }

  Specimen smallest() {
    return smallest;
  }

  boolean isOver() {
    return trials >= mostTrials || trial.time().isOver();
  }

  /** Goes on with a smaller specimen if it fails in the same way. */
  boolean keep(Specimen smaller) {
    if (isOver()) {
      return false;
    }
    trials++;
    return trial
        .run(smaller)
        .filter(found -> found.kind() == finding.kind())
        .map(
            found -> {
              smallest = smaller;
              finding = found;
              return true;
            })
        .orElse(false);
  }

  Reduction reduction(Model original, Backend candidate, Backend reference) {
    return new Reduction(
        smallest.model(),
        smallest.inputs(),
        finding.expected(),
        finding.kind(),
        finding.message(),
        finding.alone(),
        candidate.name(),
        reference.name(),
        trial.tolerance(),
        original.graph().nodes().size(),
        trials);
  }
}
