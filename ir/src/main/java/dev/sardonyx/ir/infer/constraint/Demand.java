package dev.sardonyx.ir.infer.constraint;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The constraints that families of operators are made of. What is not given or known passes. */
final class Demand {
  private Demand() {}

  // Attributes

  /** A string attribute is one of the words. */
  static Constraint word(String attribute, String... words) {
    List<String> allowed = List.of(words);
    return c -> {
      String word = c.stringAttribute(attribute, allowed.get(0));
      if (!allowed.contains(word)) {
        throw wrong(c, attribute, "one of " + allowed, "'" + word + "'");
      }
    };
  }

  /** An integer attribute lies between two numbers. */
  static Constraint within(String attribute, long least, long most) {
    return c -> {
      long number = c.intAttribute(attribute, least);
      if (number < least || number > most) {
        throw wrong(c, attribute, range(least, most), Long.toString(number));
      }
    };
  }

  static Constraint atLeast(String attribute, long least) {
    return within(attribute, least, Long.MAX_VALUE);
  }

  /** Every number of a list lies between two numbers. */
  static Constraint each(String attribute, long least, long most) {
    return c -> {
      long[] numbers = c.intsAttribute(attribute);
      if (numbers != null && Arrays.stream(numbers).anyMatch(n -> n < least || n > most)) {
        throw wrong(c, attribute, "numbers " + range(least, most), Arrays.toString(numbers));
      }
    };
  }

  private static String range(long least, long most) {
    return most == Long.MAX_VALUE ? "at least " + least : "from " + least + " to " + most;
  }

  /** Lists, as far as they are given, are of one length. */
  static Constraint sameLength(String... attributes) {
    return c -> {
      String first = "";
      int length = -1;
      for (String attribute : attributes) {
        OptionalInt other = length(c, attribute);
        if (other.isEmpty()) {
          continue;
        }
        if (length >= 0 && other.getAsInt() != length) {
          throw wrong(
              c,
              attribute,
              elements(length) + ", as " + first + " has",
              elements(other.getAsInt()));
        }
        first = length < 0 ? attribute : first;
        length = other.getAsInt();
      }
    };
  }

  /** A list, if it is given, has so many elements. */
  static void length(InferenceContext c, String attribute, long wanted, String reason) {
    OptionalInt length = length(c, attribute);
    if (length.isPresent() && length.getAsInt() != wanted) {
      throw wrong(c, attribute, elements(wanted) + ", " + reason, elements(length.getAsInt()));
    }
  }

  static String elements(long count) {
    return count + (count == 1 ? " element" : " elements");
  }

  /** The same of a list of integers, which may not be there and empty either. */
  static void exactLength(InferenceContext c, String attribute, long wanted, String reason) {
    long[] numbers = c.intsAttribute(attribute);
    if (numbers != null && numbers.length != wanted) {
      throw wrong(c, attribute, elements(wanted) + ", " + reason, elements(numbers.length));
    }
  }

  /** An attribute names one of some element types. */
  static Constraint elementType(String attribute, ElementType... types) {
    List<ElementType> allowed = List.of(types);
    return c -> {
      long code = c.intAttribute(attribute, allowed.get(0).code());
      if (allowed.stream().noneMatch(type -> type.code() == code)) {
        throw wrong(c, attribute, "that of one of " + allowed, Long.toString(code));
      }
    };
  }

  /** A tensor, if it is given and the type known, has an element type. */
  static void elementType(InferenceContext c, String attribute, ElementType type, String whose) {
    Optional<Tensor> given = c.tensorAttribute(attribute);
    if (given.isPresent() && type != ElementType.UNDEFINED && given.get().elementType() != type) {
      throw wrong(c, attribute, "of " + whose + " " + type, given.get().elementType().toString());
    }
  }

  /** How many elements an attribute's list or tensor has, if it is given and has any. */
  static OptionalInt length(InferenceContext c, String attribute) {
    long length = c.node().attribute(attribute).map(a -> length(a.value())).orElse(0L);
    return length == 0 ? OptionalInt.empty() : OptionalInt.of((int) Math.min(length, 1 << 30));
  }

  private static long length(AttributeValue value) {
    if (value instanceof AttributeValue.Ints ints) {
      return ints.values().length;
    }
    if (value instanceof AttributeValue.Floats floats) {
      return floats.values().length;
    }
    if (value instanceof AttributeValue.Strings texts) {
      return texts.values().size();
    }
    return value instanceof AttributeValue.Tensor dense ? dense.value().size() : 0;
  }

  /** At most one of some lists is given. */
  static Constraint atMostOneOf(String... attributes) {
    return c -> {
      List<String> given = given(c, attributes);
      if (given.size() > 1) {
        throw wrong(c, given.get(1), "given only where " + given.get(0) + " is not", "both");
      }
    };
  }

  private static List<String> given(InferenceContext c, String... attributes) {
    return Arrays.stream(attributes).filter(a -> length(c, a).isPresent()).toList();
  }

  /** Exactly one of some lists is given. */
  static Constraint oneOf(String... attributes) {
    return c -> {
      List<String> given = given(c, attributes);
      if (given.size() != 1) {
        throw wrong(
            c,
            given.isEmpty() ? attributes[0] : given.get(1),
            "exactly one of " + List.of(attributes),
            given.isEmpty() ? "none of them" : given.toString());
      }
    };
  }

  // Inputs

  /** An input is a vector. */
  static Constraint vector(int input) {
    return c -> {
      Shape shape = c.inputShape(input);
      if (c.hasInput(input) && shape.isRanked() && shape.rank() != 1) {
        throw c.rankError(input, "1");
      }
    };
  }

  /** An input is a scalar, and no vector of one element either. */
  static Constraint scalar(int input) {
    return c -> {
      Shape shape = c.inputShape(input);
      if (c.hasInput(input) && shape.isRanked() && shape.rank() != 0) {
        throw c.rankError(input, "0");
      }
    };
  }

  /** An input is a scalar or has a single element, as many models write scalars. */
  static Constraint single(int input) {
    return c -> {
      Shape shape = c.inputShape(input);
      if (c.hasInput(input)
          && shape.isRanked()
          && (shape.rank() > 1 || shape.size().isFixed() && !shape.size().isFixed(1))) {
        throw severalElements(c, input);
      }
    };
  }

  private static InferenceException severalElements(InferenceContext c, int input) {
    return c.shapeError(
        input,
        "one element",
        c.node().opType()
            + " takes one element as input "
            + input
            + ", but "
            + c.inputName(input)
            + " has shape "
            + c.inputShape(input));
  }

  /** The elements of an input, where they are known, are at least 0. */
  static Constraint notNegative(int input) {
    return atLeast(input, 0);
  }

  /** The elements of an input, where they are known, are at least 1. */
  static Constraint positive(int input) {
    return atLeast(input, 1);
  }

  private static Constraint atLeast(int input, long least) {
    return c -> {
      Tensor constant = c.hasInput(input) ? c.inputConstant(input) : null;
      if (constant != null
          && constant.elementType().isInteger()
          && Arrays.stream(constant.toLongs()).anyMatch(n -> n < least)) {
        throw wrong(c, c.inputName(input), "numbers of at least " + least, constant.toString());
      }
    };
  }

  /** An input has a single element, whatever its rank. */
  static Constraint oneElement(int input) {
    return c -> {
      Shape shape = c.inputShape(input);
      if (c.hasInput(input)
          && shape.isRanked()
          && shape.size().isFixed()
          && !shape.size().isFixed(1)) {
        throw severalElements(c, input);
      }
    };
  }

  /** A list or vector that is an attribute in old versions and an input in new ones. */
  static long @Nullable [] numbers(InferenceContext c, String attribute, int input) {
    Tensor constant = c.hasInput(input) ? c.inputConstant(input) : null;
    if (constant != null && constant.elementType().isInteger()) {
      return constant.toLongs();
    }
    return c.intsAttribute(attribute);
  }

  static InferenceException wrong(
      InferenceContext c, String attribute, String expected, String actual) {
    return new InferenceException(
        ProblemCode.ATTRIBUTE_VALUE,
        attribute,
        expected,
        actual,
        attribute + " must be " + expected + ", not " + actual);
  }
}
