package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.ir.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every model of the ONNX backend test suite comes out of the IR as it went in. */
class SuiteRoundTripTest {
  @Test
  void everyModelIsWrittenAsItWasRead() throws Exception {
    try (BackendSuite suite = BackendSuite.open()) {
      List<String> failures = new ArrayList<>();
      for (String name : suite.models()) {
        byte[] bytes = suite.bytes(name);
        byte[] written = OnnxWriter.toBytes(OnnxReader.read(bytes));
        ModelProto before = ModelProto.parseFrom(bytes);
        if (!before.equals(ModelProto.parseFrom(written))
            || !Arrays.equals(before.toByteArray(), written)) {
          failures.add(name);
        }
      }
      assertEquals(List.of(), failures, "models that changed");
    }
  }

  @Test
  void withoutWhatTheReaderKeptTheIrStaysTheSame() throws Exception {
    try (BackendSuite suite = BackendSuite.open()) {
      List<String> failures = new ArrayList<>();
      for (String name : suite.models()) {
        Model model = OnnxReader.read(suite.bytes(name));
        if (!model.equals(OnnxReader.read(OnnxWriter.toBytes(Residues.without(model))))) {
          failures.add(name);
        }
      }
      assertEquals(List.of(), failures, "models of which the IR did not hold all");
    }
  }
}
