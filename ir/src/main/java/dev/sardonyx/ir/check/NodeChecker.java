package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The {@link Checker}'s rules about one node on its own, for those who make nodes one by one. */
public final class NodeChecker {
  private Place place;
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

  /**
   * Lets nodes refer to an attribute: they are made for the body of a function that has it.
   *
   * @param operator the function's operator
   */
  public void declare(OperatorName operator, String attribute) {
    List<String> attributes = new ArrayList<>();
    if (place.function() != null) {
      attributes.addAll(place.function().attributes());
    }
    attributes.add(attribute);
    Function function =
        new Function(
            operator.domain(),
            operator.opType(),
            operator.overload(),
            List.of(),
            List.of(),
            attributes,
            List.of(),
            List.of(),
            place.imports(),
            List.of(),
            Metadata.EMPTY);
    place = new Place(place.path(), place.imports(), function);
  }

  /** The first error in how a node is written; its subgraphs and types are not looked at. */
  public Optional<Problem> check(Node node) {
    problems.clear();
    rules.node(node, place);
    return problems.stream().filter(p -> p.severity() == Problem.Severity.ERROR).findFirst();
  }
}
