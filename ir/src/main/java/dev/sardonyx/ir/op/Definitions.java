package dev.sardonyx.ir.op;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The operators that are defined outside of Sardonyx, by domain, name and version. */
final class Definitions {
  private final Map<String, Map<String, NavigableMap<Integer, OperatorDefinition>>> byDomain =
      new HashMap<>();

  /** Those that the service loader finds, looked for when the first is needed. */
  private static final class Found {
    static final Definitions INSTANCE = new Definitions();

    static {
      ServiceLoader.load(OperatorDefinition.class).forEach(INSTANCE::add);
      ServiceLoader.load(OperatorLibrary.class)
          .forEach(library -> library.definitions().forEach(INSTANCE::addUnlessDefined));
    }
  }

  static Definitions found() {
    return Found.INSTANCE;
  }

  /**
   * @throws IllegalStateException if the operator is ONNX's or already defined, naming the class
   */
  void add(OperatorDefinition definition) {
    OperatorSchema schema = definition.schema();
    String defined = definition.getClass().getName() + " defines operator " + schema;
    if (schema.domain().isEmpty() || schema.domain().startsWith("ai.onnx")) {
      throw new IllegalStateException(
          defined + " of a domain of ONNX's; give it a domain of its own, such as com.example");
    }
    OperatorDefinition other = addUnlessDefined(definition);
    if (other != null) {
      throw new IllegalStateException(defined + ", as " + other.getClass().getName() + " does");
    }
  }

  /** What defines the operator already, or null. */
  @Nullable OperatorDefinition addUnlessDefined(OperatorDefinition definition) {
    OperatorSchema schema = definition.schema();
    return byDomain
        .computeIfAbsent(schema.domain(), domain -> new HashMap<>())
        .computeIfAbsent(schema.name(), name -> new TreeMap<>())
        .putIfAbsent(schema.since(), definition);
  }

  Map<String, NavigableMap<Integer, OperatorDefinition>> ofDomain(String domain) {
    return byDomain.getOrDefault(domain, Map.of());
  }

  NavigableMap<Integer, OperatorDefinition> versions(String domain, String name) {
    return ofDomain(domain).getOrDefault(name, Collections.emptyNavigableMap());
  }
}
