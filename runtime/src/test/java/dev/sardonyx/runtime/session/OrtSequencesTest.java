package dev.sardonyx.runtime.session;

import static dev.sardonyx.runtime.Models.floats;
import static dev.sardonyx.runtime.Models.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.Models;
import dev.sardonyx.runtime.OrtBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sequences, optionals and maps, none of which ONNX Runtime's Java API takes as inputs. */
class OrtSequencesTest {
  private static final OrtBackend ORT = OrtBackend.cpu();

  private static Datum run(Model model, Datum x) {
    try (PreparedModel prepared = ORT.prepare(model)) {
      return prepared.run(Map.of("x", x)).get("y");
    }
  }

  private static SequenceDatum sequence(ValueType element, Datum... items) {
    return new SequenceDatum(element, List.of(items));
  }

  private static Tensor of(ElementType type, double... numbers) {
    return Tensor.ofNumbers(type, numbers, numbers.length);
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "FLOAT", "DOUBLE", "FLOAT16", "BOOL", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16",
        "UINT32", "UINT64"
      })
  void sequencesOfAnyLength(ElementType type) {
    ValueType element = TensorType.of(type, Shape.ofRank(1));
    SequenceType declared = new SequenceType(element);
    Model model = Models.unary("Identity", 17, declared, declared);
    try (PreparedModel prepared = ORT.prepare(model)) {
      for (SequenceDatum x :
          List.of(
              sequence(element),
              sequence(element, of(type, 1, 0)),
              sequence(element, of(type, 1), of(type), of(type, 0, 1, 1)),
              sequence(element))) {
        assertEquals(x, prepared.run(Map.of("x", x)).get("y"));
      }
    }
  }

  @Test
  void moreFormsThanSessionsAreKept() {
    ValueType element = TensorType.of(ElementType.FLOAT, Shape.ofRank(1));
    Model model =
        Models.unary(
            "SequenceLength", 17, new SequenceType(element), TensorType.of(ElementType.INT64));
    try (PreparedModel prepared = ORT.prepare(model)) {
      for (int round = 0; round < 2; round++) {
        for (int length = 0; length < 12; length++) {
          List<Datum> items = new ArrayList<>();
          for (int i = 0; i < length; i++) {
            items.add(of(ElementType.FLOAT, i));
          }
          assertEquals(
              Tensor.scalar((long) length),
              prepared.run(Map.of("x", new SequenceDatum(element, items))).get("y"));
        }
      }
    }
  }

  @Test
  void sequencesOfStrings() {
    ValueType element = TensorType.of(ElementType.STRING, Shape.UNKNOWN);
    SequenceType type = new SequenceType(element);
    SequenceDatum x = sequence(element, Tensor.ofStrings(List.of("a", "b"), 2));
    assertEquals(x, run(Models.unary("Identity", 17, type, type), x));
  }

  @Test
  void aSequenceMadeInside() {
    Model model =
        Models.of(
            17,
            List.of(Input.of("x", floats("N,2"))),
            List.of(Output.of("y", new SequenceType(floats("?,2")))),
            List.of(),
            node("SplitToSequence", List.of("x"), "y"));
    SequenceDatum y = (SequenceDatum) run(model, Tensor.ofFloats(new float[] {1, 2, 3, 4}, 2, 2));
    assertEquals(
        List.of(
            Tensor.ofFloats(new float[] {1, 2}, 1, 2), Tensor.ofFloats(new float[] {3, 4}, 1, 2)),
        y.items());
  }

  @Test
  void optionalInputsPresentOrAbsent() {
    OptionalType type = new OptionalType(floats("2"));
    Model model = Models.unary("OptionalHasElement", 18, type, TensorType.of(ElementType.BOOL));
    try (PreparedModel prepared = ORT.prepare(model)) {
      Tensor two = Tensor.ofFloats(new float[2], 2);
      Datum absent = new OptionalDatum(type.element(), null);
      assertEquals(Tensor.scalar(false), prepared.run(Map.of("x", absent)).get("y"));
      Datum present = new OptionalDatum(type.element(), two);
      assertEquals(Tensor.scalar(true), prepared.run(Map.of("x", present)).get("y"));
      assertEquals(Tensor.scalar(true), prepared.run(Map.of("x", two)).get("y"));
    }
  }

  @Test
  void optionalOutputsPresentOrAbsent() {
    ValueType tensor = TensorType.of(ElementType.FLOAT, Shape.ofRank(2));
    for (ValueType element : List.of(tensor, new SequenceType(tensor), floats(""))) {
      OptionalType type = new OptionalType(element);
      Model model = Models.unary("Identity", 18, type, type);
      Tensor four = Tensor.ofFloats(new float[] {1, 2, 3, 4}, 2, 2);
      Datum value =
          element instanceof SequenceType
              ? sequence(tensor, four, four)
              : element == tensor ? four : Tensor.scalar(3f);
      try (PreparedModel prepared = ORT.prepare(model)) {
        for (Datum given : new Datum[] {value, null, value}) {
          OptionalDatum x = new OptionalDatum(element, given);
          assertEquals(x, prepared.run(Map.of("x", x)).get("y"), type.toString());
        }
      }
    }
  }

  @Test
  void anOptionalThatIsNeverThere() {
    ValueType element = new SequenceType(floats("?"));
    Model model =
        Models.of(
            18,
            List.of(),
            List.of(Output.of("y", new OptionalType(element))),
            List.of(),
            node("Optional", List.of(), "y", Attribute.ofType("type", element)));
    try (PreparedModel prepared = ORT.prepare(model)) {
      assertEquals(new OptionalDatum(element, null), prepared.run(Map.of()).get("y"));
    }
  }

  @Test
  void mapsComeOut() {
    ValueType map = new MapType(ElementType.STRING, TensorType.of(ElementType.FLOAT));
    Node zip =
        new Node(
            "ai.onnx.ml",
            "ZipMap",
            "",
            "",
            List.of("x"),
            List.of(Attribute.ofStrings("classlabels_strings", "cat", "dog")),
            List.of(Result.of("y")),
            Metadata.EMPTY);
    Model model =
        Models.of(
                17,
                List.of(Input.of("x", floats("N,2"))),
                List.of(Output.of("y", new SequenceType(map))),
                List.of(),
                zip)
            .withVersions(8, List.of(OpsetImport.onnx(17), OpsetImport.of("ai.onnx.ml", 1)));
    SequenceDatum y = (SequenceDatum) run(model, Tensor.ofFloats(new float[] {1, 2, 3, 4}, 2, 2));
    MapDatum second = (MapDatum) y.items().get(1);
    Map<String, Datum> found = new TreeMap<>();
    for (int i = 0; i < 2; i++) {
      found.put(second.keys().strings().get(i), second.values().items().get(i));
    }
    assertEquals(Map.of("cat", Tensor.scalar(3f), "dog", Tensor.scalar(4f)), found);
  }

  @Test
  void mapsDoNotGoIn() {
    ValueType map = new MapType(ElementType.STRING, TensorType.of(ElementType.FLOAT));
    Model model = Models.unary("Identity", 17, map, map);
    UnsupportedModelException refusal =
        assertThrows(UnsupportedModelException.class, () -> ORT.withoutCheck().prepare(model));
    assertTrue(refusal.getMessage().contains("Input 'x' of type map("), refusal.getMessage());
  }
}
