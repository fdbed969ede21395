package dev.sardonyx.export;

import dev.sardonyx.export.proto.StringStringEntryProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** String maps, which ONNX files hold as lists of {@code StringStringEntryProto}. */
final class Entries {
  private Entries() {}

  /**
   * The entries as a map in their order; if a key is there more than once, its first entry counts.
   */
  static Map<String, String> read(List<StringStringEntryProto> entries) {
    if (entries.isEmpty()) {
      return Map.of();
    }
    Map<String, String> map = new LinkedHashMap<>();
    for (StringStringEntryProto entry : entries) {
      map.putIfAbsent(Utf8.decode(entry.getKeyBytes()), Utf8.decode(entry.getValueBytes()));
    }
    return map;
  }

  /** The map as entries: the original entries if they still hold the same map. */
  static List<StringStringEntryProto> write(
      Map<String, String> map, List<StringStringEntryProto> original) {
    if (!original.isEmpty() && read(original).equals(map)) {
      return original;
    }
    List<StringStringEntryProto> entries = new ArrayList<>(map.size());
    map.forEach((key, value) -> entries.add(entry(key, value)));
    return entries;
  }

  static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder()
        .setKeyBytes(Utf8.encode(key))
        .setValueBytes(Utf8.encode(value))
        .build();
  }

  /** Whether reading the entries and writing them again gives exactly the same entries. */
  static boolean arePlain(List<StringStringEntryProto> entries) {
    return entries.isEmpty() || write(read(entries), List.of()).equals(entries);
  }
}
