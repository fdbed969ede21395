package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Operators of {@code ai.onnx.ml}. */
final class MlSteps {
  private MlSteps() {}

  static void addTo(StepTable table) {
    table.step(
        "LabelEncoder",
        2,
        Effect.REWRITTEN,
        MlSteps::classesToKeys,
        Effect.REWRITTEN,
        MlSteps::keysToClasses);
    table.down("LabelEncoder", 4, Effect.ATTRIBUTES, MlSteps::tensorsToLists);
    String trees = "TreeEnsembleClassifier 3\nTreeEnsembleRegressor 3";
    table.down(trees, Effect.ATTRIBUTES, MlSteps::tensorsToLists);
    for (String tree : List.of("TreeEnsembleClassifier", "TreeEnsembleRegressor")) {
      String reason = tree + " went with opset 5 of ai.onnx.ml; leave the domain at 4 or below";
      table.step(tree, 5, Effect.REFUSED, StepRule.refusing(reason), Effect.NUMBER, StepRule.SAME);
    }
    table.added("TreeEnsemble", 5);
  }

  /** Version 1 numbers its classes, and goes from strings to numbers or back. */
  private static Node classesToKeys(Node node, Rewriter to) {
    List<String> classes = texts(node, "classes_strings");
    long[] numbers = LongStream.range(0, classes.size()).toArray();
    boolean fromStrings = Given.type(node, 0, to) == ElementType.STRING;
    Attribute names =
        Attribute.ofStrings(
            fromStrings ? "keys_strings" : "values_strings", classes.toArray(String[]::new));
    Attribute places = Attribute.ofInts(fromStrings ? "values_int64s" : "keys_int64s", numbers);
    return node.withoutAttribute("classes_strings").withAttribute(names).withAttribute(places);
  }

  private static List<String> texts(Node node, String attribute) {
    return node.attribute(attribute, AttributeValue.Strings.class)
        .map(AttributeValue.Strings::values)
        .orElse(List.of());
  }

  private static Node keysToClasses(Node node, Rewriter to) {
    boolean fromStrings = node.attribute("keys_strings").isPresent();
    List<String> classes = texts(node, fromStrings ? "keys_strings" : "values_strings");
    long[] places =
        node.intsAttribute(fromStrings ? "values_int64s" : "keys_int64s").orElse(new long[0]);
    long[] numbers = LongStream.range(0, classes.size()).toArray();
    if (classes.isEmpty() || !Arrays.equals(places, numbers)) {
      throw new RefusedStepException(
          "version 1 goes from strings to their places in a list, or back");
    }
    return Given.without(node, "keys_strings", "values_strings", "values_int64s", "keys_int64s")
        .withoutAttribute("default_float")
        .withAttribute(Attribute.ofStrings("classes_strings", classes.toArray(String[]::new)));
  }

  /** Attributes that are tensors as the lists that older versions have. */
  private static Node tensorsToLists(Node node, Rewriter to) {
    List<Attribute> attributes = new ArrayList<>();
    for (Attribute attribute : node.attributes()) {
      attributes.add(
          attribute.value() instanceof AttributeValue.Tensor dense
              ? list(attribute.name(), dense.value())
              : attribute);
    }
    return node.withAttributes(attributes);
  }

  private static Attribute list(String name, Tensor tensor) {
    String base = name.replace("_as_tensor", "").replace("_tensor", "");
    boolean isLabel = !name.endsWith("_as_tensor");
    boolean one = base.equals("default");
    switch (tensor.elementType()) {
      case FLOAT -> {
        float[] values = tensor.toFloats();
        String plain = isLabel ? base + (one ? "_float" : "_floats") : base;
        return one ? Attribute.ofFloat(plain, values[0]) : Attribute.ofFloats(plain, values);
      }
      case INT64 -> {
        long[] values = tensor.toLongs();
        String plain = base + (one ? "_int64" : "_int64s");
        return one ? Attribute.ofInt(plain, values[0]) : Attribute.ofInts(plain, values);
      }
      case STRING -> {
        List<String> values = tensor.strings();
        String plain = base + (one ? "_string" : "_strings");
        return one
            ? Attribute.ofString(plain, values.get(0))
            : Attribute.ofStrings(plain, values.toArray(String[]::new));
      }
      default ->
          throw new RefusedStepException(
              "its attribute " + name + " of type " + tensor.elementType() + " is new");
    }
  }
}
