package dev.sardonyx.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What decides, besides the network, how a training goes on: one that is resumed must have the same
 * in order to end where an uninterrupted one does.
 *
 * @param values by names as they are shown to the user; of the data a fingerprint
 */
record TrainingSettings(Map<String, String> values) {
  static final String DATA = "data";
  private static final String PREFIX = "settings.";

  TrainingSettings {
    values = Map.copyOf(values);
  }

  /** In what other settings are different from these, in words; empty if in nothing. */
  List<String> differences(TrainingSettings others) {
    List<String> differences = new ArrayList<>();
    new TreeMap<>(values)
        .forEach(
            (name, value) -> {
              String other = others.values.getOrDefault(name, "none");
              if (name.equals(DATA) && !value.equals(other)) {
                differences.add("its data are others");
              } else if (!value.equals(other)) {
                differences.add("its %s is %s, not %s".formatted(name, value, other));
              }
            });
    return differences;
  }

  void store(Properties target) {
    values.forEach((name, value) -> target.setProperty(PREFIX + name, value));
  }

  static TrainingSettings load(Properties source) {
    Map<String, String> values = new TreeMap<>();
    for (String key : source.stringPropertyNames()) {
      if (key.startsWith(PREFIX)) {
        values.put(key.substring(PREFIX.length()), source.getProperty(key));
      }
    }
    return new TrainingSettings(values);
  }
}
