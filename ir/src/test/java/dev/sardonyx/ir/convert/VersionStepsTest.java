package dev.sardonyx.ir.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class VersionStepsTest {
  /** From domains to the oldest version that models may have. */
  private static final Map<String, Integer> OLDEST =
      Map.of("", OpsetConversion.OLDEST_SOURCE, "ai.onnx.ml", 1);

  private static final OperatorCatalogue CATALOGUE = OperatorCatalogue.standard();

  /** Two versions of an operator, of which the older is null for the first. */
  private record Change(OperatorSchema older, OperatorSchema newer) {
    @Override
    public String toString() {
      return newer.toString();
    }
  }

  private static List<Change> changes() {
    List<Change> changes = new ArrayList<>();
    OLDEST.forEach(
        (domain, oldest) -> {
          for (String operator : CATALOGUE.operators(domain)) {
            OperatorSchema before = null;
            for (OperatorSchema schema : CATALOGUE.versions(domain, operator)) {
              if (schema.since() > oldest) {
                changes.add(new Change(before, schema));
              }
              before = schema;
            }
          }
        });
    return changes;
  }

  private static String key(VersionStep step) {
    return step.domain() + " " + step.operator() + " " + step.version();
  }

  private static String key(OperatorSchema schema) {
    return schema.domain() + " " + schema.name() + " " + schema.since();
  }

  private static final Map<String, VersionStep> STEPS =
      OpsetConversion.steps().stream().collect(Collectors.toMap(VersionStepsTest::key, s -> s));

  @Test
  void everyVersionOfEveryOperatorIsAStepAndNothingElseIs() {
    Set<String> versions = new TreeSet<>(changes().stream().map(c -> key(c.newer())).toList());
    Set<String> missing = new TreeSet<>(versions);
    missing.removeAll(STEPS.keySet());
    assertEquals(Set.of(), missing, "versions without a step");
    Set<String> more = new TreeSet<>(STEPS.keySet());
    more.removeAll(versions);
    assertEquals(Set.of(), more, "steps of no version");
  }

  private static void assertNoneIsWrong(
      BiPredicate<VersionStep, Change> isMeant, BiPredicate<VersionStep, Change> holds) {
    String wrong =
        changes().stream()
            .filter(c -> STEPS.containsKey(key(c.newer())))
            .filter(c -> isMeant.test(STEPS.get(key(c.newer())), c))
            .filter(c -> !holds.test(STEPS.get(key(c.newer())), c))
            .map(c -> STEPS.get(key(c.newer())).toString())
            .collect(Collectors.joining("\n"));
    assertEquals("", wrong);
  }

  @Test
  void onlyOperatorsThatComeHaveNothingOnTheWayUp() {
    assertNoneIsWrong((s, c) -> true, (s, c) -> (s.up() == Effect.NONE) == (c.older() == null));
  }

  @Test
  void whereAStepChangesOnlyTheNumberTheSignatureIsTheSame() {
    assertNoneIsWrong(
        (s, c) -> s.up() == Effect.NUMBER,
        (s, c) -> says(c.newer(), c.older()) && takes(c.newer(), c.older()));
    assertNoneIsWrong(
        (s, c) -> s.down() == Effect.NUMBER,
        (s, c) -> says(c.older(), c.newer()) && takes(c.older(), c.newer()));
  }

  @Test
  void whereAStepCastsTypesNothingElseIsSaidDifferently() {
    assertNoneIsWrong((s, c) -> s.down() == Effect.TYPES, (s, c) -> says(c.older(), c.newer()));
  }

  /** Whether a version has a place for all inputs, outputs and attributes of another. */
  private static boolean says(OperatorSchema one, OperatorSchema other) {
    return !one.deprecated()
        && one.maxInputs() >= other.maxInputs()
        && one.maxOutputs() >= other.maxOutputs()
        && one.minInputs() <= other.minInputs()
        && one.attributes().keySet().containsAll(other.attributes().keySet())
        && other.attributes().keySet().stream()
            .allMatch(
                a ->
                    Objects.equals(
                        one.attributes().get(a).defaultValue(),
                        other.attributes().get(a).defaultValue()));
  }

  /** Whether a version takes all types of another. */
  private static boolean takes(OperatorSchema one, OperatorSchema other) {
    for (int i = 0; i < other.inputs().size(); i++) {
      Parameter from = other.inputs().get(i);
      Parameter to = one.inputs().get(i);
      if (!one.types().get(to.type()).containsAll(other.types().get(from.type()))) {
        return false;
      }
    }
    return true;
  }
}
