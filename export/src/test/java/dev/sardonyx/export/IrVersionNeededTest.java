package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file says the oldest version that can hold its model, and an export knows what needs it. */
class IrVersionNeededTest {
  private static final String PLAIN = "g (float[2] x) => (float[2] y) { y = Relu (x) }";

  private static Model model(String text) {
    return ModelParser.parse("<ir_version: 13, opset_import: [\"\": 21, \"d\": 1]> " + text);
  }

  private static void assertNeeds(long version, String reason, String text) {
    IrVersionNeeded needed = IrVersionNeeded.of(model(text));
    assertEquals(version + ": " + reason, needed.version() + ": " + needed.reason(), text);
  }

  @Test
  void whatTheFormatGotLater() {
    assertNeeds(3, "operator sets", PLAIN);
    assertNeeds(
        3, "operator sets", "g (float[2] x, float[2] c = {1, 2}) => (float[2] y) { y = Relu (x) }");
    assertNeeds(
        4,
        "initializer 'c', which is not an input",
        "g (float[2] x) => (float[2] y) <float[2] c = {1, 2}> { y = Add (x, c) }");
    assertNeeds(
        5,
        "quantisation annotations",
        PLAIN.replace(
            "g (", "g #@{quantization_annotation: [\"x\": [\"SCALE_TENSOR\": \"s\"]]}\n("));
    assertNeeds(
        6,
        "initializer 's', a sparse tensor",
        PLAIN.replace("{", "<sparse_tensor(float[3]) s = {float[1] {5}, int64[1] {2}}> {"));
    assertNeeds(
        8,
        "value 'o' of type optional(float[2])",
        PLAIN.replace("{", "<optional(float[2]) o> { o = Optional (x)"));
    assertNeeds(
        8,
        "function 'f' with what it declares",
        PLAIN + "\n<domain: \"d\", opset_import: [\"\": 21]> f (a) => (b) { b = Relu (a) }");
  }

  /** The first version of each element type, wherever the type occurs. */
  @ParameterizedTest
  @CsvSource({
    "bfloat16, 4", "float8e4m3fn, 9", "float8e5m2fnuz, 9", "int4, 10", "uint4, 10",
    "float4e2m1, 11", "float8e8m0, 12", "uint2, 13", "int2, 13", "float6e3m2, 14"
  })
  void elementTypes(String type, long version) {
    String of = " of element type " + type;
    assertNeeds(version, "input 'x'" + of, PLAIN.replace("(float[2] x", "(" + type + "[2] x"));
    assertNeeds(version, "output 'y'" + of, PLAIN.replace("(float[2] y", "(" + type + "[2] y"));
    String cast = PLAIN.replace("{", "<%s t> { t = Foo (x)");
    assertNeeds(version, "value 't'" + of, cast.formatted(type + "[2]"));
    assertNeeds(Math.max(version, 4), "value 't'" + of, cast.formatted("seq(" + type + "[2])"));
    assertNeeds(
        version,
        "attribute 'value' of t" + of,
        PLAIN.replace("{", "{ [t] z = Foo <value = " + type + "[0] {}> ()"));
    assertNeeds(
        version,
        "attribute 'type' of t" + of,
        PLAIN.replace("{", "{ [t] z = Foo <type = " + type + "[2]> ()"));
    assertNeeds(
        version,
        "attribute 'values' of t" + of,
        PLAIN.replace("{", "{ [t] z = Foo <values = [" + type + "[0] {}]> ()"));
    String initializer = "(%s[0] x, %s[0] x = {}".formatted(type, type);
    assertEquals(
        version, IrVersionNeeded.of(model(PLAIN.replace("(float[2] x", initializer))).version());
  }

  @Test
  void properties() {
    String said = " #@{metadata_props: [\"k\": \"v\"]}\n";
    String all =
        """
        g%s (float[2] x%s) => (float[2] y%s)
        <float[2] c%s = {1, 2}, float[2] t%s>
        { [n] t = Add (x, c)%s y = Relu (t) }
        """;
    String[] owners = {"graph 'g'", "input 'x'", "output 'y'", "initializer 'c'", "value 't'", "n"};
    for (int i = 0; i < owners.length; i++) {
      Object[] texts = new Object[owners.length];
      Arrays.fill(texts, "");
      texts[i] = said;
      assertNeeds(10, "the properties of " + owners[i], all.formatted(texts));
    }
  }
}
