package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The {@link Checker}'s rules about one node on its own, for those who make nodes one by one. */
public final class NodeChecker {
  private final Place place;
  private final List<Problem> problems = new ArrayList<>();
  private final SignatureRules rules = new SignatureRules(problems);

  private NodeChecker(List<OpsetImport> imports) {
    this.place = new Place("", imports, null);
  }

  /**
   * A checker for nodes of one model.
   *
   * @param imports looked at anew for each node, so that imports may be added
   */
  public static NodeChecker of(List<OpsetImport> imports) {
    return new NodeChecker(imports);
  }

  /** Makes a function of the model's own known. */
  public void add(Function function) {
    rules.add(function);
  }

  /** The first error in how a node is written; its subgraphs and types are not looked at. */
  public Optional<Problem> check(Node node) {
    problems.clear();
    rules.node(node, place);
    return problems.stream().filter(p -> p.severity() == Problem.Severity.ERROR).findFirst();
  }
}
