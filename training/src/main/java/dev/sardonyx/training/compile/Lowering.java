package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;

/** How one operator is said in DL4J's layers and vertices. */
@FunctionalInterface
interface Lowering {
  /**
   * Adds to the network what computes the node's results.
   *
   * @throws NodeRefusal if DL4J cannot say it
   */
  void lower(Node node, NetworkBuilder network);
}
