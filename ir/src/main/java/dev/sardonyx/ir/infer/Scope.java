package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.ValueType;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of the values of a graph and of the graphs around it. */
final class Scope {
  private final @Nullable Scope outer;
  private final Map<String, ValueType> types = new HashMap<>();
  private final Map<String, Tensor> constants = new HashMap<>();
  private final Map<String, KnownValues> known = new HashMap<>();

  Scope(@Nullable Scope outer) {
    this.outer = outer;
  }

  void define(String value, ValueType type) {
    types.put(value, type);
  }

  void define(String value, ValueType type, Tensor constant) {
    types.put(value, type);
    constants.put(value, constant);
    KnownValues values = KnownValues.of(constant);
    if (values != null) {
      known.put(value, values);
    }
  }

  void know(String value, KnownValues values) {
    known.put(value, values);
  }

  ValueType type(String value) {
    Scope scope = owner(value);
    return scope == null
        ? ValueType.unknown()
        : scope.types.getOrDefault(value, ValueType.unknown());
  }

  @Nullable Tensor constant(String value) {
    Scope scope = owner(value);
    return scope == null ? null : scope.constants.get(value);
  }

  @Nullable KnownValues known(String value) {
    Scope scope = owner(value);
    return scope == null ? null : scope.known.get(value);
  }

  private @Nullable Scope owner(String value) {
    Scope scope = this;
    while (scope != null && !scope.types.containsKey(value)) {
      scope = scope.outer;
    }
    return scope;
  }
}
