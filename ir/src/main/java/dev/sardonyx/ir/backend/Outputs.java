package dev.sardonyx.ir.backend;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Tensor;
import java.util.AbstractMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What a model gave back, by name, in the order asked for. */
public final class Outputs extends AbstractMap<String, Datum> {
  private final Map<String, Datum> values;

  private Outputs(Map<String, Datum> values) {
    this.values = values;
  }

  public static Outputs of(Map<String, ? extends Datum> values) {
    return new Outputs(
        values.size() == 1
            ? Map.copyOf(values)
            : Collections.unmodifiableMap(new LinkedHashMap<>(values)));
  }

  @Override
  public Set<Entry<String, Datum>> entrySet() {
    return values.entrySet();
  }

  @Override
  public boolean containsKey(Object name) {
    return values.containsKey(name);
  }

  /**
   * An output that is a dense tensor.
   *
   * @throws IllegalArgumentException if there is no output of the name, listing those there are, or
   *     it is a sequence, a map or an optional
   */
  public Tensor tensor(String name) {
    Datum value = values.get(name);
    if (value instanceof Tensor tensor) {
      return tensor;
    }
    throw new IllegalArgumentException(
        value == null
            ? "There is no output " + name + "; there is " + String.join(", ", values.keySet())
            : "Output " + name + " is no tensor, but " + value.type());
  }

  /**
   * The only output, a dense tensor.
   *
   * @throws IllegalArgumentException if there are several, or it is no tensor
   */
  public Tensor tensor() {
    if (values.size() != 1) {
      throw new IllegalArgumentException(
          "There are several outputs; name one of " + String.join(", ", values.keySet()));
    }
    return tensor(values.keySet().iterator().next());
  }
}
