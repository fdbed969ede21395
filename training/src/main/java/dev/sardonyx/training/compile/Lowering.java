package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;

/** How one operator is expressed in DL4J's layers and vertices. */
@FunctionalInterface
interface Lowering {
  /**
   * Adds to the network what computes the node's results.
   *
   * @throws NodeRefusal if DL4J cannot express it
   */
  void lower(Node node, NetworkBuilder network);
}
