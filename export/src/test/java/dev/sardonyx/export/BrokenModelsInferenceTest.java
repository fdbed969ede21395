package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.ShapeInference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever is wrong with a model, inference says so or knows nothing; it never throws. */
class BrokenModelsInferenceTest {
  private static final int MUTANTS_A_MODEL = 4;

  private final Random random = new Random(2026);

  @Test
  void inferenceNeverThrows() throws Exception {
    List<String> failures = new ArrayList<>();
    int withProblems = 0;
    try (BackendSuite suite = BackendSuite.open()) {
      for (String name : suite.models()) {
        Model model = OnnxReader.read(suite.bytes(name));
        for (int i = 0; i < MUTANTS_A_MODEL; i++) {
          Model broken = broken(model);
          try {
            withProblems += ShapeInference.infer(broken).problems().isEmpty() ? 0 : 1;
          } catch (RuntimeException e) {
            failures.add(name + ": " + e + " at " + e.getStackTrace()[0]);
          }
        }
      }
    }
    assertEquals(List.of(), failures, "exceptions");
    assertTrue(withProblems > 1000, withProblems + " mutants were found to have problems");
  }

  private Model broken(Model model) {
    Graph graph = model.graph();
    List<Constant> constants = new ArrayList<>(graph.constants());
    List<Input> inputs = new ArrayList<>();
    for (Input input : graph.inputs()) {
      if (random.nextInt(3) == 0 && isSmallNumeric(input.type())) {
        constants.add(Constant.of(input.name(), numbers((TensorType) input.type())));
      } else {
        inputs.add(random.nextBoolean() ? input.withType(broken(input.type())) : input);
      }
    }
    List<Node> nodes =
        graph.nodes().stream().map(n -> random.nextInt(3) == 0 ? broken(n) : n).toList();
    Model changed =
        model.withGraph(graph.withInputs(inputs).withNodes(nodes).withConstants(constants));
    return random.nextInt(10) == 0 ? changed.withOpsetImport("", 1L + random.nextInt(28)) : changed;
  }

  private static boolean isSmallNumeric(ValueType type) {
    return type instanceof TensorType tensor
        && tensor.shape().isStatic()
        && tensor.shape().size().value() < 500
        && (tensor.elementType().isInteger() || tensor.elementType() == ElementType.FLOAT);
  }

  private Tensor numbers(TensorType type) {
    double[] elements = new double[(int) type.shape().size().value()];
    Arrays.setAll(elements, i -> random.nextInt(5) == 0 ? 1e9 : random.nextInt(9) - 4);
    return Tensor.ofNumbers(type.elementType(), elements, type.shape().toLongs());
  }

  private ValueType broken(ValueType type) {
    if (!(type instanceof TensorType tensor) || random.nextInt(12) == 0) {
      return random.nextInt(4) == 0 ? ValueType.unknown() : type;
    }
    if (random.nextInt(5) == 0) {
      return tensor.withElementType(ElementType.of(1 + random.nextInt(26)));
    }
    if (!tensor.shape().isRanked() || random.nextInt(6) == 0) {
      return tensor.withShape(Shape.UNKNOWN);
    }
    List<Dim> dims = new ArrayList<>(tensor.shape().dims());
    int axis = random.nextInt(dims.size() + 1);
    Dim dim =
        List.of(Dim.of(random.nextInt(4)), Dim.symbol("S"), Dim.UNKNOWN).get(random.nextInt(3));
    if (axis == dims.size()) {
      dims.add(dim);
    } else if (random.nextInt(4) == 0) {
      dims.remove(axis);
    } else {
      dims.set(axis, dim);
    }
    return tensor.withShape(Shape.of(dims));
  }

  private Node broken(Node node) {
    List<String> inputs = new ArrayList<>(node.inputs());
    List<Attribute> attributes = new ArrayList<>(node.attributes());
    List<Result> outputs = new ArrayList<>(node.outputs());
    switch (random.nextInt(6)) {
      case 0 -> remove(inputs);
      case 1 -> {
        inputs.add(Node.ABSENT);
        Collections.shuffle(inputs, random);
      }
      case 2 -> {
        inputs.addAll(inputs.subList(0, Math.min(1, inputs.size())));
        Collections.shuffle(inputs, random);
      }
      case 3 -> remove(attributes);
      case 4 -> attributes.replaceAll(a -> a.withValue(broken(a.value())));
      default -> {
        outputs.add(Result.of("extra"));
        outputs.subList(0, random.nextInt(2)).clear();
      }
    }
    return node.withInputs(inputs).withAttributes(attributes).withOutputs(outputs);
  }

  private void remove(List<?> from) {
    if (!from.isEmpty()) {
      from.remove(random.nextInt(from.size()));
    }
  }

  private AttributeValue broken(AttributeValue value) {
    if (random.nextInt(3) == 0) {
      return random.nextBoolean()
          ? new AttributeValue.String("nonsense")
          : new AttributeValue.Int(random.nextInt(9) - 4L);
    }
    long number = List.of(Long.MAX_VALUE, Long.MIN_VALUE, -1L, 0L, 3L).get(random.nextInt(5));
    if (value instanceof AttributeValue.Int) {
      return new AttributeValue.Int(number);
    }
    if (value instanceof AttributeValue.Ints ints) {
      long[] numbers = Arrays.copyOf(ints.values(), ints.values().length + random.nextInt(2));
      if (numbers.length > 0) {
        numbers[random.nextInt(numbers.length)] = number;
      }
      return new AttributeValue.Ints(numbers);
    }
    return value;
  }
}
