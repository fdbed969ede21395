package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.EnclosingGraph;
import dev.sardonyx.ir.check.NodeChecker;
import dev.sardonyx.ir.infer.IncrementalInference;
import java.util.List;

/** A graph that is being rewritten, for the builders of new subgraphs in it. */
record Enclosing(Rewriter graph) implements EnclosingGraph {
  @Override
  public int opset() {
    return graph.opset();
  }

  @Override
  public List<OpsetImport> imports() {
    return graph.imports();
  }

  @Override
  public NodeChecker checker() {
    return graph.walk.checker();
  }

  @Override
  public IncrementalInference inference() {
    return graph.facts().inference();
  }

  @Override
  public Value use(Value value) {
    String name = graph.value(value.name()).name();
    return Result.of(name, graph.facts().type(name));
  }

  @Override
  public boolean hasName(String name) {
    return graph.walk.names.contains(name);
  }

  @Override
  public void takeName(String name) {
    graph.walk.names.take(name);
  }

  @Override
  public void releaseName(String name) {
    graph.walk.names.release(name);
  }
}
