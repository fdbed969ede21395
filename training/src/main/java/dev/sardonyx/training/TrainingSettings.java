package dev.sardonyx.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What decides, besides the network, how a training goes on: one that is resumed must have the same
 * in order to end where an uninterrupted one does.
 *
 * @param values by names as they are shown to the user; of the data a fingerprint
 */
record TrainingSettings(Map<String, String> values) {
  static final String DATA = "data";
  private static final String PREFIX = "settings.";
  private static final String ABSENT = "absent";

  TrainingSettings {
    values = Map.copyOf(values);
  }

  /**
   * How other settings differ from these, in words; empty if they do not. A setting that only one
   * of them has, such as one of another version of Sardonyx, is a difference too.
   */
  List<String> differences(TrainingSettings others) {
    List<String> differences = new ArrayList<>();
    SortedSet<String> names = new TreeSet<>(values.keySet());
    names.addAll(others.values.keySet());
    for (String name : names) {
      String value = values.getOrDefault(name, ABSENT);
      String other = others.values.getOrDefault(name, ABSENT);
      if (!value.equals(other)) {
        differences.add(
            name.equals(DATA)
                ? "its data are others"
                : "its %s is %s, not %s".formatted(name, value, other));
      }
    }
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
