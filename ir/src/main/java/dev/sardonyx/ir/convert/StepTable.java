package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.OpsetImport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All version steps, found by operator and version. Families of operators add theirs. */
final class StepTable {
  private record Key(String domain, String operator, int version) {}

  /** Made once, when first used. */
  private static final class Standard {
    static final StepTable INSTANCE = make();
  }

  private final String domain;
  private final Map<Key, StepRules> entries;

  private StepTable(String domain, Map<Key, StepRules> entries) {
    this.domain = domain;
    this.entries = entries;
  }

  static StepTable standard() {
    return Standard.INSTANCE;
  }

  private static StepTable make() {
    StepTable table = new StepTable("", new HashMap<>());
    PlainSteps.addTo(table);
    OpsetSevenSteps.addTo(table);
    AttributeSteps.addTo(table);
    AxesSteps.addTo(table);
    WindowSteps.addTo(table);
    NormalizationSteps.addTo(table);
    ActivationSteps.addTo(table);
    ArithmeticSteps.addTo(table);
    ShapeSteps.addTo(table);
    ResizeSteps.addTo(table);
    QuantizationSteps.addTo(table);
    RecurrentSteps.addTo(table);
    AttentionSteps.addTo(table);
    RecurrenceSteps.addTo(table);
    SelectionSteps.addTo(table);
    MlSteps.addTo(new StepTable("ai.onnx.ml", table.entries));
    return table;
  }

  /** The step of an operator at a version, or null if the version did not change it. */
  @Nullable StepRules find(String ofDomain, String operator, long version) {
    return entries.get(
        new Key(
            OpsetImport.canonical(ofDomain),
            operator,
            (int) Math.max(0, Math.min(Integer.MAX_VALUE, version))));
  }

  List<VersionStep> all() {
    return entries.values().stream().map(StepRules::step).toList();
  }

  /** A step with rules for both ways. */
  void step(String operator, int version, Effect up, StepRule upRule, Effect down, StepRule rule) {
    VersionStep step = new VersionStep(domain, operator, version, up, down);
    StepRules before =
        entries.put(new Key(domain, operator, version), new StepRules(step, upRule, rule));
    if (before != null) {
      throw new IllegalStateException("There are two steps " + step);
    }
  }

  /** A step that upward changes nothing but the number. */
  void down(String operator, int version, Effect effect, StepRule rule) {
    step(operator, version, Effect.NUMBER, StepRule.SAME, effect, rule);
  }

  /** An operator that comes with the version, and what stands for it before. */
  void added(String operator, int version, Effect effect, StepRule rule) {
    step(operator, version, Effect.NONE, StepRule.SAME, effect, rule);
  }

  /** An operator that comes with the version, for which there is nothing before. */
  void added(String operator, int version) {
    String reason = "the operator came with opset " + version;
    added(operator, version, Effect.REFUSED, StepRule.refusing(reason));
  }

  /**
   * Steps of one kind, the same both ways, a line each.
   *
   * @param lines an operator and its versions on each, such as {@code Add 13 14}
   */
  void each(String lines, Effect effect, StepRule rule) {
    for (String[] words : words(lines)) {
      for (int i = 1; i < words.length; i++) {
        step(words[0], Integer.parseInt(words[i]), effect, StepRule.SAME, effect, rule);
      }
    }
  }

  /** Steps that upward change nothing but the number, a line each. */
  void down(String lines, Effect effect, StepRule rule) {
    for (String[] words : words(lines)) {
      for (int i = 1; i < words.length; i++) {
        down(words[0], Integer.parseInt(words[i]), effect, rule);
      }
    }
  }

  static List<String[]> words(String lines) {
    List<String[]> all = new ArrayList<>();
    lines.lines().forEach(line -> all.add(line.strip().split(" ", -1)));
    return all;
  }
}
