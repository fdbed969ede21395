package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * SameDiff's operators by the names that libnd4j knows them by, each with how it is read or why it
 * is refused. The families hold the entries: to add an operator is to add one there.
 */
public final class OperatorTable {
  private static final Builder ALL = new Builder();

  static {
    ArithmeticOperators.add(ALL);
    ActivationOperators.add(ALL);
    ReductionOperators.add(ALL);
    ShapeOperators.add(ALL);
    IndexOperators.add(ALL);
    MatrixOperators.add(ALL);
    BitOperators.add(ALL);
    LayerOperators.add(ALL);
    ConvolutionOperators.add(ALL);
    WindowOperators.add(ALL);
    SequenceOperators.add(ALL);
    ImageOperators.add(ALL);
    RefusedOperators.add(ALL);
  }

  private OperatorTable() {}

  /** The operators that are read, at least with some settings. */
  public static Set<String> read() {
    return Collections.unmodifiableSet(new TreeSet<>(ALL.readings.keySet()));
  }

  /** The operators that are never read, with the reasons. */
  public static Map<String, String> refused() {
    return Collections.unmodifiableMap(new TreeMap<>(ALL.refusals));
  }

  /** Why an operator is not read, whatever its settings. */
  static Optional<String> whyNot(String name) {
    if (ALL.readings.containsKey(name)) {
      return Optional.empty();
    }
    return Optional.of(
        ALL.refusals.getOrDefault(name, "nothing is known of this operator in ONNX"));
  }

  static OperatorReading reading(String name) {
    return Objects.requireNonNull(ALL.readings.get(name), name);
  }

  /** Something made of two values. */
  @FunctionalInterface
  interface OfTwo {
    Value of(GraphBuilder b, Value x, Value y);
  }

  /** The table in the making. */
  static final class Builder {
    private final Map<String, OperatorReading> readings = new TreeMap<>();
    private final Map<String, String> refusals = new TreeMap<>();

    private Builder() {}

    /** An operator with one output. */
    void one(String name, OperatorReading.OfOne reading) {
      all(name, site -> List.of(reading.read(site)));
    }

    /** An operator with several outputs. */
    void all(String name, OperatorReading reading) {
      requireNew(readings.put(name, reading), name);
    }

    void refuse(String reason, String... names) {
      for (String name : names) {
        requireNew(refusals.put(name, reason), name);
      }
    }

    private static void requireNew(@Nullable Object before, String name) {
      if (before != null) {
        throw new IllegalStateException("Two entries for " + name);
      }
    }
  }
}
