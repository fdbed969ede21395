package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.Target;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.check.Report;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.ir.precision.HalfPrecision;
import dev.sardonyx.runtime.conformance.Suite;
import dev.sardonyx.runtime.conformance.SuiteCase;
import dev.sardonyx.runtime.session.ModelRunException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models in float16 are valid, ONNX Runtime takes them, and layer by layer they say the same. */
class HalfPrecisionInOrtTest {
  private static final HalfPrecision FLOAT16 = HalfPrecision.of(ElementType.FLOAT16);

  private static final int STEP = System.getProperty("sardonyx.targets", "").equals("all") ? 1 : 25;

  @Test
  void layerByLayerAgainstTheOriginal() {
    Model model = Networks.named("seed").build(3);
    Random random = new Random(2);
    float[] pixels = new float[4 * 28 * 28];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    List<Map<String, Tensor>> inputs =
        List.of(Map.of("image", Tensor.ofFloats(pixels, 4, 1, 28, 28)));
    VerificationReport report =
        Verifier.of(OrtBackend.cpu())
            .against(new ReferenceBackend(), FLOAT16.comparable(model), model, inputs);
    assertTrue(report.passed(), report.toString());
    assertEquals(model.graph().nodes().size() + 1, report.values().size(), report.toString());
  }

  /** What nobody can compute, and sums of terms of 10,000, which float16 holds in steps of 8. */
  private static boolean isOut(SuiteCase each) {
    return each.name().matches(".*(decode_jpeg2k|decode_webp|max_large_number_expanded).*");
  }

  @Test
  void everyModelOfTheSuite() throws IOException {
    List<String> wrong = new ArrayList<>();
    int converted = 0;
    try (Suite suite = Suite.onnx()) {
      for (SuiteCase each : suite.cases()) {
        Model model = each.model();
        if (isOut(each) || !Checker.check(model).isValid() || isRandom(model)) {
          continue;
        }
        Model half = FLOAT16.apply(model).model();
        if (half.equals(model)) {
          continue;
        }
        converted++;
        Report report = Checker.check(half);
        if (!report.isValid()) {
          wrong.add(each.name() + ": " + report.errors().get(0));
          continue;
        }
        for (SuiteCase.DataSet data : each.dataSets()) {
          compare(new ReferenceBackend(), each, half, data, 2e-2).ifPresent(wrong::add);
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(converted > 600, converted + " models had something to convert");
  }

  /**
   * What ONNX Runtime's CPU has no kernel for stays in {@code float}, so that it runs the model as
   * well as the original. Every 25th case; all with {@code -Dsardonyx.targets=all}.
   */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void modelsForTheCpuRunThere(ElementType type) throws IOException {
    List<String> wrong = new ArrayList<>();
    int converted = 0;
    int number = 0;
    try (Suite suite = Suite.onnx()) {
      for (SuiteCase each : suite.cases()) {
        Model model = each.model();
        if (number++ % STEP != 0
            || isOut(each)
            || !Checker.check(model).isValid()
            || isRandom(model)) {
          continue;
        }
        OnnxExport export = OnnxExport.of(model).target(Target.named("onnxruntime-cpu"));
        OnnxExport half = export.precision(HalfPrecision.of(type));
        if (!export.whyUnsupported().isEmpty() || !half.toResult().isChanged()) {
          continue;
        }
        converted++;
        assertEquals(List.of(), half.whyUnsupported(), each.name());
        for (SuiteCase.DataSet data : each.dataSets()) {
          double within = type == ElementType.FLOAT16 ? 2e-2 : 1e-1;
          Backend ort = OrtBackend.cpu();
          compare(ort, each, half.toModel(), data, within)
              .filter(fails -> compare(ort, each, export.toModel(), data, within).isEmpty())
              .ifPresent(wrong::add);
        }
      }
    }
    assertEquals(List.of(), wrong);
    int least = type == ElementType.FLOAT16 ? 10 : 1; // few kernels take bfloat16
    assertTrue(converted >= least, converted + " models had something to convert");
  }

  private static boolean isRandom(Model model) {
    return model.graph().nodes().stream()
        .anyMatch(
            n ->
                n.opType().startsWith("Random")
                    || n.is("Bernoulli")
                    || n.is("Multinomial")
                    || n.is("Dropout"));
  }

  private static Optional<String> compare(
      Backend backend, SuiteCase each, Model half, SuiteCase.DataSet data, double within) {
    try (PreparedModel prepared = backend.prepare(half)) {
      Map<String, Datum> outputs = prepared.run(data.inputs());
      return data.outputs().entrySet().stream()
          .filter(
              e ->
                  e.getValue() instanceof Tensor t
                      && t.elementType().isFloat()
                      && !near(t, (Tensor) outputs.get(e.getKey()), within))
          .map(e -> each.name() + ": " + e.getValue() + " but " + outputs.get(e.getKey()))
          .findFirst();
    } catch (UnsupportedModelException | ModelRunException e) {
      return Optional.of(each.name() + ": " + e.getMessage());
    }
  }

  private static boolean near(Tensor expected, Tensor actual, double within) {
    double[] a = expected.toDoubles();
    double[] b = actual.toDoubles();
    double scale = 1;
    for (double each : a) {
      scale = Math.max(scale, Double.isFinite(each) ? Math.abs(each) : 0);
    }
    for (int i = 0; i < a.length; i++) {
      if (Double.isFinite(a[i]) && !(Math.abs(a[i] - b[i]) <= within * scale)) {
        return false;
      }
    }
    return true;
  }
}
