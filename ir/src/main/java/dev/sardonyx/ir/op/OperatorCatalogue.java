package dev.sardonyx.ir.op;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Every version of every operator of the domains {@code ai.onnx}, {@code ai.onnx.ml}, {@code
 * ai.onnx.preview} and {@code ai.onnx.preview.training}, as of ONNX 1.23.1, and those operators of
 * other domains that an {@link OperatorDefinition} describes, such as ONNX Runtime's {@code
 * com.microsoft}.
 *
 * <p>Loading only finds where each operator's facts stand; a signature is read when first asked
 * for. Look-up takes constant time.
 */
public final class OperatorCatalogue {
  private static final String RESOURCE = "onnx-operators.txt";

  /** Loads once, when first used. */
  private static final class Standard {
    static final OperatorCatalogue INSTANCE = load();
  }

  /** Of ONNX's domains, from domain to name to version to the paragraph that states the facts. */
  private final Map<String, Map<String, NavigableMap<Integer, String>>> facts;

  private final Map<String, Integer> newestByDomain;
  private final Map<String, OperatorSchema> read = new ConcurrentHashMap<>();

  private OperatorCatalogue(
      Map<String, Map<String, NavigableMap<Integer, String>>> facts,
      Map<String, Integer> newestByDomain) {
    this.facts = facts;
    this.newestByDomain = newestByDomain;
  }

  /** ONNX's own operators. */
  public static OperatorCatalogue standard() {
    return Standard.INSTANCE;
  }

  /** Without lambdas, records and joined strings, each of which costs a cold JVM milliseconds. */
  private static OperatorCatalogue load() {
    Map<String, Map<String, NavigableMap<Integer, String>>> facts = new HashMap<>();
    Map<String, Integer> newest = new HashMap<>();
    String text = readResource();
    for (int from = 0, to; from < text.length(); from = to + 2) {
      to = text.indexOf("\n\n", from);
      String paragraph = text.substring(from, to);
      int afterDomain = paragraph.indexOf(' ');
      int afterName = paragraph.indexOf(' ', afterDomain + 1);
      String domain = OpsetImport.canonical(paragraph.substring(0, afterDomain));
      Map<String, NavigableMap<Integer, String>> operators = facts.get(domain);
      if (operators == null) {
        operators = new HashMap<>();
        facts.put(domain, operators);
      }
      String name = paragraph.substring(afterDomain + 1, afterName);
      NavigableMap<Integer, String> versions = operators.get(name);
      if (versions == null) {
        versions = new TreeMap<>();
        operators.put(name, versions);
      }
      Integer since = leadingNumber(paragraph, afterName + 1);
      versions.put(since, paragraph);
      Integer before = newest.get(domain);
      newest.put(domain, before == null || before < since ? since : before);
    }
    return new OperatorCatalogue(facts, newest);
  }

  private static String readResource() {
    try (InputStream in = OperatorCatalogue.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(
            "The operator facts " + RESOURCE + " are not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int leadingNumber(String text, int from) {
    int to = from;
    while (to < text.length() && Character.isDigit(text.charAt(to))) {
      to++;
    }
    return Integer.parseInt(text, from, to, 10);
  }

  /**
   * Whether the catalogue knows all operators of the domain, as it does of ONNX's domains, under
   * either spelling of {@code ai.onnx}.
   */
  public boolean knowsDomain(String domain) {
    return facts.containsKey(OpsetImport.canonical(domain));
  }

  /** ONNX's domains, canonical. */
  public Set<String> domains() {
    return Collections.unmodifiableSet(facts.keySet());
  }

  /**
   * The newest known version of a domain: the last in which one of its operators changed.
   *
   * @throws IllegalArgumentException if no operator of the domain is known
   */
  public long newestOpset(String domain) {
    String canonical = OpsetImport.canonical(domain);
    Integer newest = newestByDomain.get(canonical);
    if (newest != null) {
      return newest;
    }
    return Definitions.found().ofDomain(canonical).values().stream()
        .mapToLong(NavigableMap::lastKey)
        .max()
        .orElseThrow(
            () -> new IllegalArgumentException("No operators are known of domain " + domain));
  }

  /** Whether an {@link OperatorDefinition} describes an operator of the domain. */
  public boolean hasDefinitions(String domain) {
    return !knowsDomain(domain) && !Definitions.found().ofDomain(domain).isEmpty();
  }

  /** What describes the operator of a signature, if it is none of ONNX's. */
  public Optional<OperatorDefinition> definition(OperatorSchema schema) {
    return Optional.ofNullable(
        Definitions.found().versions(schema.domain(), schema.name()).get(schema.since()));
  }

  /** The names of all operators known that a domain has or had, in order. */
  public Set<String> operators(String domain) {
    Set<String> names =
        knowsDomain(domain)
            ? ofDomain(domain).keySet()
            : Definitions.found().ofDomain(domain).keySet();
    return Collections.unmodifiableSet(new TreeSet<>(names));
  }

  /** The names of ONNX's own operators that reduce a tensor along axes, in order. */
  public Set<String> reductions() {
    Set<String> names = new TreeSet<>();
    ofDomain("")
        .forEach(
            (name, versions) -> {
              String newest = versions.lastEntry().getValue();
              // A text that lacks the word need not be read.
              if (newest.contains(OperatorSchema.KEEPS_AXES)
                  && read.computeIfAbsent(newest, SchemaReader::read).isReduction()) {
                names.add(name);
              }
            });
    return names;
  }

  /**
   * The signature an operator has in an opset: that of its newest version not after it. It may be
   * {@link OperatorSchema#deprecated deprecated}. Empty if the domain has no such operator yet.
   */
  public Optional<OperatorSchema> find(String domain, String name, long opset) {
    int newest = (int) Math.min(Integer.MAX_VALUE, opset);
    NavigableMap<Integer, String> versions = ofDomain(domain).get(name);
    Map.Entry<Integer, String> entry = versions == null ? null : versions.floorEntry(newest);
    if (entry != null) {
      return Optional.of(read.computeIfAbsent(entry.getValue(), SchemaReader::read));
    }
    return Optional.ofNullable(
            Definitions.found().versions(OpsetImport.canonical(domain), name).floorEntry(newest))
        .map(e -> e.getValue().schema());
  }

  /** The signature of a node's operator in an opset of its domain. */
  public Optional<OperatorSchema> find(Node node, long opset) {
    return find(node.domain(), node.opType(), opset);
  }

  /** All versions of an operator, oldest first. */
  public List<OperatorSchema> versions(String domain, String name) {
    if (!knowsDomain(domain)) {
      return Definitions.found().versions(domain, name).values().stream()
          .map(OperatorDefinition::schema)
          .toList();
    }
    NavigableMap<Integer, String> versions =
        ofDomain(domain).getOrDefault(name, Collections.emptyNavigableMap());
    List<OperatorSchema> schemas = new ArrayList<>();
    versions.values().forEach(line -> schemas.add(read.computeIfAbsent(line, SchemaReader::read)));
    return schemas;
  }

  private Map<String, NavigableMap<Integer, String>> ofDomain(String domain) {
    return facts.getOrDefault(OpsetImport.canonical(domain), Map.of());
  }
}
