package dev.sardonyx.ir.build;

import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.check.NodeChecker;
import dev.sardonyx.ir.infer.IncrementalInference;
import java.util.List;

/**
 * A graph that is no {@link GraphBuilder}'s, as a builder of subgraphs inside it sees it: the
 * values a subgraph may use, and the names it must not take. See {@link GraphBuilder#inside}.
 */
public interface EnclosingGraph {
  /** The version of ONNX's own operators. */
  int opset();

  List<OpsetImport> imports();

  NodeChecker checker();

  /** What is known of the graph's values; those that a subgraph {@link #use uses} are. */
  IncrementalInference inference();

  /**
   * A value as the graph calls it now, which {@link #inference} knows from here on.
   *
   * @throws GraphBuildException if the graph and those around it have no such value so far
   */
  Value use(Value value);

  /** Whether a value or node has the name. */
  boolean hasName(String name);

  /** Takes a name, which nothing else will have until it is {@linkplain #releaseName released}. */
  void takeName(String name);

  /** Gives a name back that a subgraph took and does not use after all. */
  void releaseName(String name);
}
