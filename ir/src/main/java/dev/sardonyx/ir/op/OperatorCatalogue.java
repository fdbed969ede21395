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
 * ai.onnx.preview} and {@code ai.onnx.preview.training}, as of ONNX 1.23.1.
 *
 * <p>Loading only finds where each operator's facts stand; a signature is read when first asked
 * for. Look-up takes constant time.
 */
public final class OperatorCatalogue {
  private static final String RESOURCE = "onnx-operators.jsonl";

  /** Loads once, when first used. */
  private static final class Standard {
    static final OperatorCatalogue INSTANCE = load();
  }

  private record Key(String domain, String name) {}

  private final Map<Key, NavigableMap<Integer, String>> facts;
  private final Map<String, Set<String>> namesByDomain;
  private final Map<String, Integer> newestByDomain;
  private final Map<String, OperatorSchema> read = new ConcurrentHashMap<>();

  private OperatorCatalogue(
      Map<Key, NavigableMap<Integer, String>> facts,
      Map<String, Set<String>> namesByDomain,
      Map<String, Integer> newestByDomain) {
    this.facts = facts;
    this.newestByDomain = newestByDomain;
    this.namesByDomain = namesByDomain;
  }

  /** ONNX's own operators. */
  public static OperatorCatalogue standard() {
    return Standard.INSTANCE;
  }

  private static OperatorCatalogue load() {
    Map<Key, NavigableMap<Integer, String>> facts = new HashMap<>();
    Map<String, Set<String>> names = new HashMap<>();
    Map<String, Integer> newest = new HashMap<>();
    for (String line : readResource().lines().toList()) {
      String domain = OpsetImport.canonical(textField(line, "domain"));
      String name = textField(line, "name");
      int since = SchemaReader.sinceOf(line);
      facts.computeIfAbsent(new Key(domain, name), k -> new TreeMap<>()).put(since, line);
      newest.merge(domain, since, Math::max);
      names.computeIfAbsent(domain, k -> new TreeSet<>()).add(name);
    }
    return new OperatorCatalogue(facts, names, newest);
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

  /** The first field of the name; domain, name and since stand first on each line. */
  private static String textField(String line, String field) {
    String key = "\"" + field + "\":\"";
    int from = line.indexOf(key) + key.length();
    return line.substring(from, line.indexOf('"', from));
  }

  /** Whether the catalogue knows the domain, under either spelling of ONNX's own. */
  public boolean knowsDomain(String domain) {
    return namesByDomain.containsKey(OpsetImport.canonical(domain));
  }

  /** The domains, canonical. */
  public Set<String> domains() {
    return Collections.unmodifiableSet(namesByDomain.keySet());
  }

  /**
   * The newest known version of a domain: the last in which one of its operators changed.
   *
   * @throws IllegalArgumentException if the domain is not known
   */
  public long newestOpset(String domain) {
    Integer newest = newestByDomain.get(OpsetImport.canonical(domain));
    if (newest == null) {
      throw new IllegalArgumentException("No operators are known of domain " + domain);
    }
    return newest;
  }

  /** The names of all operators a domain has or had, in order. */
  public Set<String> operators(String domain) {
    return Collections.unmodifiableSet(
        namesByDomain.getOrDefault(OpsetImport.canonical(domain), Set.of()));
  }

  /**
   * The signature an operator has in an opset: that of its newest version not after it. It may be
   * {@link OperatorSchema#deprecated deprecated}. Empty if the domain has no such operator yet.
   */
  public Optional<OperatorSchema> find(String domain, String name, long opset) {
    NavigableMap<Integer, String> versions =
        facts.get(new Key(OpsetImport.canonical(domain), name));
    if (versions == null) {
      return Optional.empty();
    }
    Map.Entry<Integer, String> entry =
        versions.floorEntry((int) Math.min(Integer.MAX_VALUE, opset));
    return Optional.ofNullable(entry)
        .map(e -> read.computeIfAbsent(e.getValue(), SchemaReader::read));
  }

  /** The signature of a node's operator in an opset of its domain. */
  public Optional<OperatorSchema> find(Node node, long opset) {
    return find(node.domain(), node.opType(), opset);
  }

  /** All versions of an operator, oldest first. */
  public List<OperatorSchema> versions(String domain, String name) {
    NavigableMap<Integer, String> versions =
        facts.getOrDefault(
            new Key(OpsetImport.canonical(domain), name), Collections.emptyNavigableMap());
    List<OperatorSchema> schemas = new ArrayList<>();
    versions.values().forEach(line -> schemas.add(read.computeIfAbsent(line, SchemaReader::read)));
    return schemas;
  }
}
