package dev.sardonyx.ir;

/**
 * A map: the i-th key goes with the i-th value.
 *
 * @param keys {@code [size]} integers or strings
 * @param values a tensor or sequence of as many values
 */
public record MapDatum(Tensor keys, SequenceDatum values) implements Datum {
  public MapDatum {
    if (keys.size() != values.items().size()) {
      throw new IllegalArgumentException(
          "A map needs a value for each key: "
              + keys.size()
              + " keys, "
              + values.items().size()
              + " values");
    }
  }

  @Override
  public MapType type() {
    return new MapType(keys.elementType(), values.elementType());
  }
}
