package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.proto.MapProto;
import dev.sardonyx.export.proto.OptionalProto;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Values at run time come back as they went. */
class OnnxDataTest {
  private static final Tensor FLOATS = Tensor.ofFloats(new float[] {1, 2}, 2);
  private static final ValueType FLOAT = FLOATS.type();

  private static void assertComesBack(Datum datum) throws Exception {
    Datum read = OnnxData.read(OnnxData.toBytes(datum, "x"), datum.type(), "a file");
    assertEquals(datum, read);
  }

  @Test
  void everyKindComesBack() throws Exception {
    assertComesBack(FLOATS);
    assertComesBack(Tensor.ofStrings(List.of("a", "\uDC80"), 2));
    assertComesBack(SparseTensor.of(FLOATS, Tensor.ofLongs(new long[] {1, 3}, 2), 5));
    SequenceDatum sequence = new SequenceDatum(FLOAT, List.of(FLOATS, FLOATS));
    assertComesBack(sequence);
    assertComesBack(new SequenceDatum(FLOAT, List.of()));
    assertComesBack(new SequenceDatum(sequence.type(), List.of(sequence)));
    assertComesBack(new OptionalDatum(FLOAT, FLOATS));
    assertComesBack(new OptionalDatum(FLOAT, null));
    assertComesBack(new OptionalDatum(sequence.type(), sequence));
    OptionalDatum absent = new OptionalDatum(FLOAT, null);
    assertComesBack(new SequenceDatum(absent.type(), List.of(absent)));
    MapDatum byNumber = new MapDatum(Tensor.ofLongs(new long[] {7, -1}, 2), sequence);
    assertComesBack(byNumber);
    assertComesBack(new MapDatum(Tensor.ofStrings(List.of("a", "b"), 2), sequence));
    assertComesBack(
        new MapDatum(Tensor.ofNumbers(ElementType.UINT8, new double[] {200, 1}, 2), sequence));
    assertComesBack(new OptionalDatum(byNumber.type(), byNumber));
    SparseTensor sparse = SparseTensor.of(FLOATS, Tensor.ofLongs(new long[] {1, 3}, 2), 5);
    OptionalDatum present = new OptionalDatum(sparse.type(), sparse);
    assertComesBack(present);
    assertComesBack(new OptionalDatum(present.type(), present));
    assertComesBack(new SequenceDatum(sparse.type(), List.of(sparse)));
    assertComesBack(new SequenceDatum(present.type(), List.of(present)));
    assertComesBack(new SequenceDatum(byNumber.type(), List.of(byNumber, byNumber)));
    // Types of what is empty come from the model, at any depth.
    SequenceDatum empty = new SequenceDatum(FLOAT, List.of());
    assertComesBack(new SequenceDatum(empty.type(), List.of(empty)));
    assertComesBack(new OptionalDatum(empty.type(), empty));
  }

  /** All inputs and outputs of the backend suite, read as the type that their model declares. */
  @Test
  void everyFileOfTheSuiteComesBack() throws Exception {
    try (BackendSuite suite = BackendSuite.open()) {
      List<String> failures = new ArrayList<>();
      int files = 0;
      for (String model : suite.models()) {
        Graph graph = OnnxReader.read(suite.bytes(model)).graph();
        for (String name : suite.data(model)) {
          String last = name.substring(name.lastIndexOf('/') + 1);
          int i = Integer.parseInt(last.replaceAll("\\D", ""));
          ValueType type =
              last.startsWith("input")
                  ? graph.inputs().get(i).type()
                  : graph.outputs().get(i).type();
          Datum datum = OnnxData.read(suite.bytes(name), type, name);
          Datum again = OnnxData.read(OnnxData.toBytes(datum, "x"), type, name);
          if (!datum.equals(again) || datum.type().getClass() != type.getClass()) {
            failures.add(name);
          }
          files++;
        }
      }
      assertEquals(List.of(), failures, "files that changed");
      assertTrue(files > 3000, "only " + files + " files");
    }
  }

  @Test
  void brokenFilesAreRefused() {
    byte[] text = "no protobuf".getBytes(StandardCharsets.US_ASCII);
    for (ValueType type :
        List.of(
            FLOAT,
            new SequenceType(FLOAT),
            new OptionalType(FLOAT),
            new MapType(ElementType.INT64, FLOAT))) {
      OnnxFormatException e =
          assertThrows(OnnxFormatException.class, () -> OnnxData.read(text, type, "x.pb"));
      assertTrue(e.getMessage().startsWith("x.pb: "), e.getMessage());
    }
    byte[] map = MapProto.newBuilder().setKeyType(7).addKeys(1).build().toByteArray();
    assertThrows(
        OnnxFormatException.class,
        () -> OnnxData.read(map, new MapType(ElementType.INT64, FLOAT), "m"));
    byte[] kind = OptionalProto.newBuilder().setElemType(9).build().toByteArray();
    assertThrows(
        OnnxFormatException.class, () -> OnnxData.read(kind, new OptionalType(FLOAT), "o"));
    assertEquals(ElementType.FLOAT, ((TensorType) FLOAT).elementType());
  }
}
