package dev.sardonyx.samples.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Names and what they stand for.
 *
 * @param facts in the order in which they are shown
 */
public record FactList(Map<String, String> facts) implements ReportPart {
  public FactList {
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
  }
}
