package dev.sardonyx.ir.infer.rule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.op.OperatorCatalogue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RulesTest {
  /** No signature says a shape, so there is no operator, of whatever domain, without a rule. */
  @Test
  void everyOperatorHasARule() {
    OperatorCatalogue catalogue = OperatorCatalogue.standard();
    List<String> without = new ArrayList<>();
    for (String domain : catalogue.domains()) {
      for (String operator : catalogue.operators(domain)) {
        if (catalogue.versions(domain, operator).stream()
            .anyMatch(schema -> Rules.STANDARD.find(schema) == null)) {
          without.add(domain + ":" + operator);
        }
      }
    }
    assertEquals(List.of(), without);
  }

  @Test
  void everyRuleIsForAnOperator() {
    OperatorCatalogue catalogue = OperatorCatalogue.standard();
    assertEquals(
        List.of(),
        Rules.STANDARD.operators().stream()
            .filter(
                name ->
                    !catalogue
                        .operators(name.substring(0, name.indexOf(':')))
                        .contains(name.substring(name.indexOf(':') + 1)))
            .toList());
  }
}
