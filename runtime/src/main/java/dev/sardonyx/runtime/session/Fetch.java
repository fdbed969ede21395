package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a value that the caller asked for is read from what the bridged graph gives.
 *
 * @param name the value's name in the model
 * @param type its type there, that of the present value for an optional
 * @param source the bridged graph's output to read
 * @param flag the output that says whether an optional is present, null for all else
 */
record Fetch(String name, ValueType type, String source, @Nullable String flag) {
  /** Puts the value together from what {@code read} gives for the graph's outputs. */
  Datum from(Function<String, Datum> read) {
    if (flag == null) {
      return value(read);
    }
    boolean present = ((Tensor) read.apply(flag)).toScalar() != 0;
    return new OptionalDatum(type, present ? value(read) : null);
  }

  private Datum value(Function<String, Datum> read) {
    return decoded(read.apply(source), type);
  }

  private static Datum decoded(Datum datum, ValueType declared) {
    if (datum instanceof SequenceDatum sequence && declared instanceof SequenceType type) {
      List<Datum> items =
          sequence.items().stream().map(item -> decoded(item, type.element())).toList();
      return new SequenceDatum(type.element(), items);
    }
    if (datum instanceof Tensor tensor
        && declared instanceof TensorType type
        && type.elementType() != ElementType.UNDEFINED
        && type.elementType() != tensor.elementType()) {
      return new Carrier(type.elementType(), tensor.elementType()).decode(tensor);
    }
    return datum;
  }
}
