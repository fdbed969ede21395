package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.NoStandardFormException;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;

/**
 * What is added to the scores of an attention, {@code [N,heads,S,T]} or less.
 *
 * @param query {@code [N,heads,S,size]}
 * @param key {@code [N,heads,T,size]}
 */
record AttentionMask(ContribNode n, Value query, Value key) {
  private StandardOps to() {
    return n.to();
  }

  /** A negative number where the mask of an input, if it is given, shuts a key out. */
  Value filter(int input) {
    if (!n.has(input)) {
      return OperatorBuilder.ABSENT;
    }
    Value mask = n.in(input);
    Value open =
        switch (n.rank(input)) {
          case 1 -> withinLength(mask, input);
          case 2 -> isSet(to().unsqueeze(mask, 1, 2));
          case 3 -> isSet(to().unsqueeze(mask, 1));
          default -> throw new NoStandardFormException("its mask has more than three axes");
        };
    float filter = n.number("mask_filter_value", -10000);
    return to().where(open, to().scalarLike(query, 0), to().scalarLike(query, filter));
  }

  private Value isSet(Value mask) {
    return to().greater(mask, to().scalarLike(mask, 0));
  }

  /** The mask says how many keys each sequence of the batch has. */
  private Value withinLength(Value lengths, int input) {
    Shape shape = OperatorBuilder.shapeOf(lengths);
    Dim batch = OperatorBuilder.shapeOf(n.in(0)).dim(0);
    if (!shape.dim(0).equals(batch)) {
      throw new NoStandardFormException(
          "its mask '" + n.node().input(input) + "' " + shape + " may be none of lengths");
    }
    Value ends = to().unsqueeze(to().cast(lengths, ElementType.INT64), 1, 2, 3);
    return to().less(numbers(key), ends);
  }

  /** With keys after a query shut out, if the node asks for it. */
  Value causal(Value mask) {
    if (!n.flag("unidirectional")) {
      return mask;
    }
    Value past = to().sub(length(key), length(query));
    Value positions = to().unsqueeze(to().add(numbers(query), past), 1);
    Value open = to().lessOrEqual(numbers(key), positions);
    Value lowest = to().scalarLike(query, lowest(OperatorBuilder.elementType(query)));
    return to().where(open, mask.name().isEmpty() ? to().scalarLike(query, 0) : mask, lowest);
  }

  static double lowest(ElementType type) {
    return type == ElementType.FLOAT16 ? -65504 : -3.3e38;
  }

  private Value length(Value x) {
    return to().shape(x, 2, 3);
  }

  /** 0, 1, ... for each key or query. */
  private Value numbers(Value x) {
    return to().range(to().constant(0L), to().squeeze(length(x), 0), to().constant(1L));
  }
}
