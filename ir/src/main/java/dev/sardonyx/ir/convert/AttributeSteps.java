package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.op.AttributeSchema;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Attributes that came with a version and have a value that means their absence. */
final class AttributeSteps {
  private static final String DROPPED =
      """
      GatherND 12
      ScatterElements 16
      ScatterND 16
      Range 27""";

  private AttributeSteps() {}

  static void addTo(StepTable table) {
    table.down(DROPPED, Effect.ATTRIBUTES, AttributeSteps::dropDefaults);
    table.down("Cast 19 24\nCastLike 19 24", Effect.ATTRIBUTES, AttributeSteps::cast);
    table.down("ScatterElements 18\nScatterND 18", Effect.ATTRIBUTES, AttributeSteps::reduction);
    table.down("Constant", 12, Effect.ATTRIBUTES, AttributeSteps::constantAsTensor);
    table.down("Constant", 11, Effect.ATTRIBUTES, AttributeSteps::constantAsTensor);
    table.down("Constant", 9, Effect.DECOMPOSED, AttributeSteps::constantAsInitializer);
    table.added("CastLike", 15, Effect.DECOMPOSED, StepRule.by(AttributeSteps::castLike));
    table.step(
        "RoiAlign",
        16,
        Effect.ATTRIBUTES,
        (node, to) -> node.withAttribute(mode("output_half_pixel")),
        Effect.ATTRIBUTES,
        AttributeSteps::roiAlign);
  }

  private static Attribute mode(String mode) {
    return Attribute.ofString("coordinate_transformation_mode", mode);
  }

  /** The node without the attributes that the version there lacks, all of which must do nothing. */
  static Node dropDefaults(Node node, Rewriter to) {
    long opset = to.opset(node.domain());
    OperatorCatalogue catalogue = OperatorCatalogue.standard();
    Optional<OperatorSchema> older = catalogue.find(node, opset);
    Optional<OperatorSchema> newer = catalogue.find(node, opset + 1);
    Node result = node;
    for (Attribute attribute : node.attributes()) {
      Optional<AttributeSchema> added = newer.flatMap(s -> s.attribute(attribute.name()));
      if (added.isPresent() && older.flatMap(s -> s.attribute(attribute.name())).isEmpty()) {
        if (!isDefault(attribute, added.get())) {
          throw new RefusedStepException(
              "its attribute "
                  + attribute.name()
                  + text(attribute.value())
                  + " came with opset "
                  + (opset + 1));
        }
        result = result.withoutAttribute(attribute.name());
      }
    }
    return withoutTrailingAbsent(result);
  }

  private static Node withoutTrailingAbsent(Node node) {
    int count = node.inputs().size();
    while (count > 0 && !node.hasInput(count - 1)) {
      count--;
    }
    return Given.firstInputs(node, count);
  }

  private static boolean isDefault(Attribute attribute, AttributeSchema schema) {
    AttributeValue value = attribute.value();
    boolean ones =
        attribute.name().equals("dilations")
            && value instanceof AttributeValue.Ints ints
            && Arrays.stream(ints.values()).allMatch(i -> i == 1);
    return ones || value.equals(schema.defaultValue());
  }

  private static String text(AttributeValue value) {
    if (value instanceof AttributeValue.Int i) {
      return " = " + i.value();
    }
    if (value instanceof AttributeValue.String t) {
      return " = " + t.value();
    }
    return value instanceof AttributeValue.Ints i ? " = " + Arrays.toString(i.values()) : "";
  }

  private static final Set<ElementType> SATURATED =
      Set.of(
          ElementType.FLOAT8E4M3FN,
          ElementType.FLOAT8E4M3FNUZ,
          ElementType.FLOAT8E5M2,
          ElementType.FLOAT8E5M2FNUZ,
          ElementType.FLOAT8E8M0);

  /** Attributes saturate and round_mode matter only where the result is a float of 8 bits. */
  private static Node cast(Node node, Rewriter to) {
    boolean isLike = node.opType().equals("CastLike");
    ElementType type =
        isLike ? Given.knownType(node, 1, to) : ElementType.of((int) node.intAttribute("to", 0));
    if (type == ElementType.UNDEFINED || SATURATED.contains(type)) {
      return dropDefaults(node, to);
    }
    Node dropped = node.withoutAttribute("round_mode");
    return to.opset() < 19 ? dropped.withoutAttribute("saturate") : dropped;
  }

  private static Value castLike(Node node, Rewriter to) {
    return to.cast(to.input(node, 0), Given.type(node, 1, to));
  }

  private static Node reduction(Node node, Rewriter to) {
    String reduction = node.stringAttribute("reduction", "none");
    if (reduction.equals("max") || reduction.equals("min")) {
      throw new RefusedStepException(
          "its attribute reduction = " + reduction + " came with opset 18");
    }
    return node;
  }

  private static Node roiAlign(Node node, Rewriter to) {
    String mode = node.stringAttribute("coordinate_transformation_mode", "half_pixel");
    if (!mode.equals("output_half_pixel")) {
      throw new RefusedStepException(
          "before opset 16 its coordinate_transformation_mode is output_half_pixel, not " + mode);
    }
    return node.withoutAttribute("coordinate_transformation_mode");
  }

  private static Node constantAsTensor(Node node, Rewriter to) {
    return node.withAttributes(List.of(Attribute.ofTensor("value", value(node))));
  }

  private static Tensor value(Node node) {
    return node.attributes().stream()
        .flatMap(a -> a.value().toTensor().stream())
        .findFirst()
        .orElseThrow(() -> new RefusedStepException("sparse constants came with opset 11"));
  }

  /** Constant nodes of integers came with opset 9, initializers were there before. */
  private static @Nullable Node constantAsInitializer(Node node, Rewriter to) {
    Tensor value = value(node);
    boolean isOld =
        Set.of(ElementType.FLOAT, ElementType.DOUBLE, ElementType.FLOAT16)
            .contains(value.elementType());
    if (isOld || !to.hasInitializers() || to.isPinned(node.output(0).name())) {
      return node;
    }
    to.replace(to.constant(value));
    return null;
  }
}
