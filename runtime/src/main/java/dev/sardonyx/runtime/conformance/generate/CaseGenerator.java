package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.AttributeSchema;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Makes cases of ONNX's own operators and those of {@code ai.onnx.ml}. A draft is drawn from the
 * operator's signature, or is a case of the ONNX backend suite or one made before; it is varied a
 * few times, and kept if the checker finds it valid and the reference evaluator gives outputs. The
 * same seed makes the same cases.
 */
public final class CaseGenerator implements AutoCloseable {
  /** So many drafts are tried for a case at most. */
  private static final int TRIES = 60;

  /** So many cases of an operator are kept to make others of. */
  private static final int KEPT = 60;

  private final long seed;
  private final long newestOpset;
  private final Templates templates;
  private final Evaluation evaluation = new Evaluation();
  private final Map<String, List<CaseDraft>> made = new HashMap<>();
  private final Map<String, Random> randoms = new HashMap<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private final Set<String> seen = new HashSet<>();

  private CaseGenerator(long seed, long newestOpset, Templates templates) {
    this.seed = seed;
    this.newestOpset = newestOpset;
    this.templates = templates;
  }

  /**
   * A generator.
   *
   * @param newestOpset of ONNX's own operators; older ones are used as well
   * @throws IOException if Sardonyx's own files cannot be read
   */
  public static CaseGenerator of(long seed, long newestOpset) throws IOException {
    return new CaseGenerator(seed, newestOpset, Templates.ofSuite());
  }

  /** All operators there are to make cases of, with their domain unless it is ONNX's own. */
  public List<String> operators() {
    List<String> all = new ArrayList<>();
    OperatorCatalogue catalogue = OperatorCatalogue.standard();
    for (String domain : List.of("", CaseDraft.ML)) {
      for (String operator : catalogue.operators(domain)) {
        boolean isThere =
            catalogue
                .find(domain, operator, newest(domain))
                .filter(s -> !s.deprecated())
                .isPresent();
        if (isThere) {
          all.add(domain.isEmpty() ? operator : domain + "." + operator);
        }
      }
    }
    return all;
  }

  private long newest(String domain) {
    return domain.isEmpty() ? newestOpset : OperatorCatalogue.standard().newestOpset(domain);
  }

  /**
   * The next case of an operator; empty if none was found among some drafts.
   *
   * @param operator one of {@link #operators}
   */
  public Optional<GeneratedCase> next(String operator) {
    String domain = operator.startsWith(CaseDraft.ML + ".") ? CaseDraft.ML : "";
    String name = domain.isEmpty() ? operator : operator.substring(domain.length() + 1);
    Random random =
        randoms.computeIfAbsent(operator, key -> new Random(seed * 1_000_003 + key.hashCode()));
    for (int i = 0; i < TRIES; i++) {
      Optional<GeneratedCase> found = attempt(operator, domain, name, random);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<GeneratedCase> attempt(
      String operator, String domain, String name, Random random) {
    long opset = opset(domain, name, random);
    Optional<OperatorSchema> schema = OperatorCatalogue.standard().find(domain, name, opset);
    if (schema.isEmpty() || schema.get().deprecated()) {
      return Optional.empty();
    }
    CaseDraft draft = base(operator, schema.get(), random).withOpset(opset);
    Variation variation = new Variation(random, schema.get(), templates);
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      draft = variation.of(draft);
    }
    if (!seen.add(operator + opset + draft.node() + new TreeMap<>(types(draft)))) {
      return Optional.empty();
    }
    String caseName =
        String.format(Locale.ROOT, "%s/%05d", operator, counts.getOrDefault(operator, 0));
    Optional<GeneratedCase> evaluated = evaluation.of(draft, caseName);
    if (evaluated.isPresent()) {
      counts.merge(operator, 1, Integer::sum);
      List<CaseDraft> kept = made.computeIfAbsent(operator, key -> new ArrayList<>());
      if (kept.size() < KEPT) {
        kept.add(draft);
      } else {
        kept.set(random.nextInt(KEPT), draft);
      }
    }
    return evaluated;
  }

  private static Map<String, String> types(CaseDraft draft) {
    Map<String, String> types = new HashMap<>();
    draft.inputs().forEach((input, datum) -> types.put(input, datum.toString()));
    return types;
  }

  /** Of all versions of the operator up to the newest, the newest more often. */
  private long opset(String domain, String name, Random random) {
    long newest = newest(domain);
    if (random.nextInt(3) > 0) {
      return newest;
    }
    List<Integer> versions =
        OperatorCatalogue.standard().versions(domain, name).stream()
            .map(OperatorSchema::since)
            .filter(since -> since <= newest)
            .toList();
    long since = versions.get(random.nextInt(versions.size()));
    return domain.isEmpty() ? Math.max(7, since) : since;
  }

  private CaseDraft base(String operator, OperatorSchema schema, Random random) {
    List<CaseDraft> known = templates.of(schema);
    List<CaseDraft> kept = made.getOrDefault(operator, List.of());
    int choice = random.nextInt(6);
    if (choice < 3 && !known.isEmpty()) {
      return known.get(random.nextInt(known.size()));
    }
    if (choice < 5 && !kept.isEmpty()) {
      return kept.get(random.nextInt(kept.size()));
    }
    return drawn(schema, random);
  }

  /** A draft from the signature alone. */
  private CaseDraft drawn(OperatorSchema schema, Random random) {
    RandomTensors values = new RandomTensors(random);
    int most = Math.min(schema.maxInputs(), schema.minInputs() + 2);
    int count = schema.minInputs() + random.nextInt(most - schema.minInputs() + 1);
    long[] shape = random.ints(random.nextInt(4), 1, 5).asLongStream().toArray();
    Map<String, ValueType> bound = new HashMap<>();
    List<Optional<Datum>> inputs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Parameter parameter = schema.input(i).orElseThrow();
      ValueType type =
          bound.computeIfAbsent(
              parameter.type(), key -> oneOf(schema.types().getOrDefault(key, Set.of()), random));
      boolean absent = parameter.kind() == Parameter.Kind.OPTIONAL && random.nextInt(3) == 0;
      boolean isSmall =
          type instanceof TensorType tensor
              && tensor.elementType() == ElementType.INT64
              && random.nextInt(3) == 0;
      long[] dims = isSmall ? new long[] {1 + random.nextInt(3)} : shape;
      inputs.add(absent ? Optional.empty() : Optional.of(values.datum(type, dims)));
    }
    return CaseDraft.of(
        schema.domain(),
        schema.name(),
        schema.since(),
        inputs,
        attributes(schema, random),
        Math.max(1, schema.minOutputs()));
  }

  private static ValueType oneOf(Set<ValueType> types, Random random) {
    List<ValueType> sorted =
        types.stream().sorted(Comparator.comparing(ValueType::toString)).toList();
    return sorted.get(random.nextInt(sorted.size()));
  }

  /** Those that are required, with plain values. */
  private static List<Attribute> attributes(OperatorSchema schema, Random random) {
    List<Attribute> attributes = new ArrayList<>();
    for (AttributeSchema attribute : schema.attributes().values()) {
      AttributeValue value =
          switch (attribute.type()) {
            case INT -> new AttributeValue.Int(1 + random.nextInt(2));
            case FLOAT -> new AttributeValue.Float(random.nextInt(5));
            case INTS ->
                new AttributeValue.Ints(
                    IntStream.range(0, 1 + random.nextInt(3)).mapToLong(i -> i).toArray());
            case FLOATS -> new AttributeValue.Floats(new float[] {1, 2, 0.5f});
            case STRINGS -> new AttributeValue.Strings(List.of("a", "b", "abc"));
            default -> null;
          };
      boolean wanted =
          attribute.required() || schema.domain().equals(CaseDraft.ML) && random.nextInt(2) == 0;
      if (wanted && value != null) {
        attributes.add(Attribute.of(attribute.name(), value));
      }
    }
    return attributes;
  }

  /** Ends the thread in which cases are evaluated. */
  @Override
  public void close() {
    evaluation.close();
  }
}
