package dev.sardonyx.ir;

import java.util.List;

/**
 * A sequence of values of one type.
 *
 * @param elementType the items' type, which an empty sequence has too
 */
public record SequenceDatum(ValueType elementType, List<Datum> items) implements Datum {
  public SequenceDatum {
    items = List.copyOf(items);
  }

  @Override
  public SequenceType type() {
    return new SequenceType(elementType);
  }
}
