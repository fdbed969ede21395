package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What holds of every operator's rule, tried on random nodes of every version. */
class InferencePropertiesTest {
  private static final int NODES_A_VERSION = 60;

  /** What the symbols D1, D2, ... stand for. */
  private static final Map<String, Dim> NUMBERS =
      IntStream.range(0, 10)
          .boxed()
          .collect(Collectors.toUnmodifiableMap(n -> "D" + n, n -> Dim.of(n)));

  @Test
  void nothingIsThrownWhateverANodeIsGiven() {
    Random random = new Random(7);
    List<String> failures = new ArrayList<>();
    for (OperatorSchema schema : RandomNode.schemas()) {
      for (int i = 0; i < NODES_A_VERSION; i++) {
        RandomNode.Given given = new RandomNode(random, schema, false).node();
        try {
          String negative = negativeSize(given.infer());
          if (!negative.isEmpty()) {
            failures.add(given + ": " + negative);
            break;
          }
        } catch (RuntimeException | StackOverflowError e) {
          failures.add(
              given + ": " + e + " at " + List.of(e.getStackTrace()).stream().limit(3).toList());
          break;
        }
      }
    }
    assertEquals("", String.join("\n", failures));
  }

  private static String negativeSize(ShapeInference.Inferred inferred) {
    for (Output output : inferred.model().graph().outputs()) {
      if (output.type() instanceof TensorType tensor
          && tensor.shape().isRanked()
          && tensor.shape().dims().stream().anyMatch(d -> d.isFixed() && d.value() < 0)) {
        return output.type().toString();
      }
    }
    return "";
  }

  /** Knowing less of the inputs gives no problem, and nothing that contradicts knowing more. */
  @Test
  void whatIsInferredOfLessHoldsOfMore() {
    Random random = new Random(7);
    List<String> failures = new ArrayList<>();
    for (OperatorSchema schema : RandomNode.schemas()) {
      for (int i = 0; i < NODES_A_VERSION; i++) {
        RandomNode.Given more = new RandomNode(random, schema, false).node();
        RandomNode.Given less =
            more.withTypes(more.types().stream().map(t -> lessKnown(random, t)).toList());
        String failure;
        try {
          failure = contradiction(more, less);
        } catch (RuntimeException e) {
          failure = e.toString();
        }
        if (!failure.isEmpty()) {
          failures.add(more + "\n  and " + less.types() + ": " + failure);
          break;
        }
      }
    }
    assertEquals("", String.join("\n", failures));
  }

  private static String contradiction(RandomNode.Given more, RandomNode.Given less) {
    ShapeInference.Inferred ofMore = more.infer();
    if (!ofMore.problems().isEmpty()) {
      return "";
    }
    ShapeInference.Inferred ofLess = less.infer();
    if (!ofLess.problems().isEmpty()) {
      return ofLess.problems().get(0).toString();
    }
    for (int i = 0; i < more.node().outputs().size(); i++) {
      ValueType a = ofMore.model().graph().outputs().get(i).type();
      ValueType b = ofLess.model().graph().outputs().get(i).type();
      if (TypeMerge.both(a, withNumbers(b)).isEmpty()) {
        return a + " and " + b;
      }
    }
    return "";
  }

  /** The type with the number put in for each symbol that {@link #lessKnown} puts in its place. */
  private static ValueType withNumbers(ValueType type) {
    if (type instanceof SequenceType sequence) {
      return new SequenceType(withNumbers(sequence.element()));
    }
    if (type instanceof OptionalType optional) {
      return new OptionalType(withNumbers(optional.element()));
    }
    return type instanceof TensorType tensor
        ? tensor.withShape(tensor.shape().map(d -> d.substitute(NUMBERS)))
        : type;
  }

  private static ValueType lessKnown(Random random, ValueType type) {
    if (!(type instanceof TensorType tensor) || !tensor.shape().isRanked()) {
      return type;
    }
    if (random.nextInt(6) == 0) {
      return tensor.withShape(Shape.UNKNOWN);
    }
    Dim[] dims = tensor.shape().dims().toArray(new Dim[0]);
    for (int i = 0; i < dims.length; i++) {
      if (dims[i].isFixed(0)) {
        continue; // a dimension that is not known is not expected to be empty
      }
      // A symbol stands for one number; the same symbol is given to equal numbers only.
      switch (random.nextInt(4)) {
        case 0 -> dims[i] = Dim.UNKNOWN;
        case 1 -> dims[i] = dims[i].isFixed() ? Dim.symbol("D" + dims[i]) : dims[i];
        default -> {}
      }
    }
    return tensor.withShape(Shape.of(dims));
  }
}
