package dev.sardonyx.runtime.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.convert.OpsetConversion;
import dev.sardonyx.ir.convert.OpsetConversionException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.runtime.OrtBackend;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Conversions at the edges of what operators take: axes without elements, scalars, negative axes,
 * inputs that are left out.
 */
class ConversionEdgesTest {
  private static final List<Backend> BACKENDS = List.of(new ReferenceBackend(), OrtBackend.cpu());

  @ParameterizedTest(name = "{0} to {1}: {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          11 | 17 | (float[2,3,0] x) => (float[2,3,0] y) { y = Softmax <axis = 1> (x) }
          11 | 17 | (float[2,0,3] x) => (float[2,0,3] y) { y = Softmax <axis = 2> (x) }
          11 | 17 | (float[0,2,3] x) => (float[0,2,3] y) { y = LogSoftmax <axis = 1> (x) }
          11 | 17 | (float[2,3,4] x) => (float[2,3,4] y) { y = Softmax <axis = -2> (x) }
          11 | 17 | (float[2,3,4] x) => (float[2,3,4] y) { y = Hardmax <axis = 0> (x) }
          17 | 11 | (float[2,3,0] x) => (float[2,3,0] y) { y = Softmax <axis = 1> (x) }
          17 | 10 | (float[2,3,4] x) => (float[2,3,4] y) { y = Softmax <axis = -2> (x) }
          17 | 11 | (float[5] x) => (int64 y) { y = ArgMax <keepdims = 0, select_last_index = 1> (x) }
          17 | 11 | (float[5] x) => (int64[1] y) { y = ArgMin <select_last_index = 1> (x) }
          17 | 11 | (float[2,5] x) => (int64[2] y) { y = ArgMax <axis = -1, keepdims = 0, select_last_index = 1> (x) }
          17 | 13 | (float[2,0] x) => (float[2,0] y) <float[0] s = {}> { y = LayerNormalization (x, s) }
          17 | 13 | (float[0,3] x, float[3] s, float[3] b) => (float[0,3] y) { y = LayerNormalization (x, s, b) }
          17 | 13 | (float[2,3] x, float[2,3] s) => (float[2,3] y) { y = LayerNormalization <axis = 0> (x, s) }
          23 | 21 | (float[0,3] x, float[3] s) => (float[0,3] y) { y = RMSNormalization (x, s) }
          21 | 17 | (float[0,4,2] x, float[4] s, float[4] b) => (float[0,4,2] y) { y = GroupNormalization <num_groups = 2> (x, s, b) }
          21 | 17 | (float[2,4,0] x, float[4] s, float[4] b) => (float[2,4,0] y) { y = GroupNormalization <num_groups = 2> (x, s, b) }
          21 | 17 | (float[2,4,3,0] x, float[4] s, float[4] b) => (float[2,4,3,0] y) { y = GroupNormalization <num_groups = 2> (x, s, b) }
          21 | 17 | (float[2,4] x, float[4] s, float[4] b) => (float[2,4] y) { y = GroupNormalization <num_groups = 2> (x, s, b) }
          20 | 19 | (float[2,2,3] x) => (float[2,3,0,2] y) <int64[4] s = {2,1,3,0}> { y = AffineGrid (x, s) }
          20 | 19 | (float[0,2,3] x) => (float[0,3,2,2] y) <int64[4] s = {0,1,3,2}> { y = AffineGrid (x, s) }
          18 | 17 | (float[3,5] x) => (float[3,2] y) <int64[1] s = {2}> { y = CenterCropPad <axes = [-1]> (x, s) }
          18 | 17 | (float[3,5] x) => (float[4,2] y) <int64[2] s = {2,4}> { y = CenterCropPad <axes = [1,0]> (x, s) }
          18 | 17 | (float[3,5] x) => (float[6,8] y) <int64[2] s = {6,8}> { y = CenterCropPad (x, s) }
          18 | 17 | (float[3,5] x) => (float[0,8] y) <int64[2] s = {0,8}> { y = CenterCropPad (x, s) }
          18 | 17 | (float[0,5] x) => (float[2,4] y) <int64[2] s = {2,4}> { y = CenterCropPad (x, s) }
          13 | 10 | (float[2,4,3,0] x) => (float[2,1,6,0] y) { y = DepthToSpace <blocksize = 2, mode = "CRD"> (x) }
          13 | 10 | (float[0,4,3,1] x) => (float[0,1,6,2] y) { y = DepthToSpace <blocksize = 2, mode = "CRD"> (x) }
          9 | 8 | (float[3,2] x) => (float y) <int64[0] s = {}> { y = ConstantOfShape (s) }
          9 | 8 | (float[3,2] x) => (float[2,0] y) <int64[2] s = {2,0}> { y = ConstantOfShape (s) }
          9 | 8 | (float[3,4] x) => (float[3,4] y) { y = EyeLike <k = 4294967297> (x) }
          9 | 8 | (float[3,4] x) => (float[3,4] y) { y = EyeLike <k = -1> (x) }
          9 | 8 | (float[0,4] x) => (float[0,4] y) { y = EyeLike <k = 1> (x) }
          8 | 7 | (float[3,1] x) => (float[3,0] y) <int64[2] s = {3,0}> { y = Expand (x, s) }
          8 | 7 | (float x) => (float[3,2] y) <int64[2] s = {3,2}> { y = Expand (x, s) }
          8 | 7 | (float[2,3] x) => (float[2,3] y) <int64[1] s = {1}> { y = Expand (x, s) }
          14 | 13 | (float[0,3] x) => (float[0,3] y) { y = Trilu (x) }
          14 | 13 | (float[2,0,3] x, int64 k) => (float[2,0,3] y) { y = Trilu <upper = 0> (x, k) }
          14 | 13 | (float[2,3,3] x, int64 k) => (float[2,3,3] y) { y = Trilu <upper = 0> (x, k) }
          15 | 14 | (float[2,3,4] x) => (int64[1] y) { y = Shape <start = -10, end = -2> (x) }
          15 | 14 | (float[2,3,4] x) => (int64[0] y) { y = Shape <start = 2, end = 1> (x) }
          15 | 14 | (float x) => (int64[0] y) { y = Shape <start = -1> (x) }
          18 | 17 | (float[3] x) => (float[3] y) <int64[0] a = {}> { y = ReduceL2 <noop_with_empty_axes = 1> (x, a) }
          18 | 17 | (float[3] x) => (float y) <int64[0] a = {}> { y = ReduceMax <keepdims = 0> (x, a) }
          18 | 17 | (float x) => (float y) { y = ReduceMean (x) }
          18 | 10 | (float[2,3] x) => (float[2,1] y) <int64[1] a = {-1}> { y = ReduceSumSquare (x, a) }
          13 | 12 | (float[2,1,3] x) => (float[2,3] y) <int64[1] a = {-2}> { y = Squeeze (x, a) }
          13 | 10 | (float[2,1,3] x) => (float[2,3] y) <int64[1] a = {-2}> { y = Squeeze (x, a) }
          13 | 10 | (float[2,3] x) => (float[2,3,1] y) <int64[1] a = {-1}> { y = Unsqueeze (x, a) }
          13 | 12 | (float[1,1] x) => (float y) { y = Squeeze (x) }
          18 | 17 | (float[5] x) => (float[2] a, float[2] b, float[1] y) { a, b, y = Split <num_outputs = 3> (x) }
          18 | 10 | (float[2,5] x) => (float[2,3] a, float[2,2] y) { a, y = Split <axis = -1, num_outputs = 2> (x) }
          18 | 17 | (float[0] x) => (float[0] a, float[0] y) { a, y = Split <num_outputs = 2> (x) }
          11 | 10 | (float[2,5] x) => (float[2,2] y, int64[2,2] i) <int64[1] k = {2}> { y, i = TopK <largest = 0, axis = -1> (x, k) }
          11 | 9 | (float[2,5] x) => (float[2,0] y, int64[2,0] i) <int64[1] k = {0}> { y, i = TopK (x, k) }
          13 | 10 | (float[1,1,5,3] x) => (float[1,1,7,4] y) <int64[4] s = {1,1,7,4}> { y = Resize <mode = "linear", coordinate_transformation_mode = "asymmetric"> (x, , , s) }
          11 | 9 | (float[2,5] x) => (float[2,2] y) <int64[1] s = {-3}, int64[1] e = {-1}, int64[1] a = {-1}> { y = Slice (x, s, e, a) }
          11 | 9 | (float[2,5] x) => (float[2,0] y) <int64[1] s = {3}, int64[1] e = {1}, int64[1] a = {1}> { y = Slice (x, s, e, a) }
          18 | 13 | (float[2,3] x) => (float[2,5] y) <int64[2] p = {1,1}, int64[1] a = {-1}> { y = Pad (x, p, , a) }
          18 | 10 | (float[2,3] x) => (float[2,5] y) <int64[2] p = {1,1}, float v = {2.5}, int64[1] a = {-1}> { y = Pad (x, p, v, a) }
          19 | 18 | (float[2,3] x) => (float[2,6] y) <int64[2] p = {2,1}, int64[1] a = {-1}> { y = Pad <mode = "wrap"> (x, p, , a) }
          13 | 10 | (float[1,1,2,0] x) => (float[1,1,4,0] y) <int64[4] s = {1,1,4,0}> { y = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (x, , , s) }
          13 | 10 | (float[1,1,1,2] x) => (float[1,1,2,4] y) <int64[4] s = {1,1,2,4}> { y = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (x, , , s) }
          18 | 13 | (float[1,1,1,3] x) => (float[1,1,1,5] y) <int64[2] s = {1,5}> { y = Resize <mode = "linear", coordinate_transformation_mode = "align_corners", axes = [-2,-1]> (x, , , s) }
          18 | 13 | (float[1,1,5,3] x) => (float[1,1,7,4] y) <int64[2] s = {7,7}> { y = Resize <mode = "linear", keep_aspect_ratio_policy = "not_larger", axes = [2,3]> (x, , , s) }
          19 | 13 | (float[1,1,5,3] x) => (float[1,1,7,4] y) <int64[2] s = {7,4}> { y = Resize <mode = "linear", coordinate_transformation_mode = "half_pixel_symmetric", axes = [2,3]> (x, , , s) }
          11 | 10 | (float[3] x) => (uint8[3] y, float s, uint8 z) { y, s, z = DynamicQuantizeLinear (x) }
          17 | 16 | (int64 n) => (float[W] y) { y = HannWindow <periodic = 0> (n) }
          11 | 10 | (float a, float b, float d) => (float[W] y) { y = Range (a, b, d) }
          """)
  void theResultIsTheSame(int from, int to, String graph) {
    Model model = model(from, graph);
    Model converted = OpsetConversion.to(to).apply(model).model();
    assertEquals(to, converted.opset("").orElseThrow());
    assertEquals(List.of(), Checker.check(converted).errors());
    int ran = 0;
    for (Backend backend : BACKENDS) {
      for (int variant = 0; variant < 2; variant++) {
        Map<String, Datum> inputs = inputs(model, variant);
        Outputs before;
        try (PreparedModel prepared = backend.prepare(model)) {
          before = prepared.run(inputs);
        } catch (RuntimeException e) {
          continue; // nothing to compare with
        }
        ran++;
        try (PreparedModel prepared = backend.prepare(converted)) {
          assertSame(before, prepared.run(inputs), backend.name() + ", variant " + variant);
        }
      }
    }
    assumeTrue(ran > 0, "no backend runs it");
  }

  private static Model model(int opset, String graph) {
    String text = "<ir_version: 10, opset_import: [\"\" : " + opset + "]> g " + graph;
    Model model = ShapeInference.infer(ModelParser.parse(text)).model();
    assertEquals(List.of(), Checker.check(model).errors());
    return model;
  }

  @ParameterizedTest(name = "{0} to {1}: {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          20 | 19 | (float[2,2,3] x) => (float[2,1,3,2] y) <int64[4] s = {2,1,1,3}> { y = AffineGrid <align_corners = 1> (x, s) } | where a single element lies among aligned corners is each runtime's own choice
          10 | 9 | (float[2,5] x) => (float[2,K] y, int64[2,K] i) <int64[1] k = {0}> { y, i = TopK (x, k) } | a k of 0 came with opset 10
          18 | 13 | (float[1,1,5,4] x) => (float[1,1,7,6] y) <int64[2] s = {7,7}> { y = Resize <mode = "linear", keep_aspect_ratio_policy = "not_larger", axes = [2,3]> (x, , , s) } | its ratio is kept by 1.4 times 4, and rounding that up to 6 came with opset 18
          """)
  void whatHasNoCounterpartIsRefused(int from, int to, String graph, String reason) {
    String message =
        assertThrows(
                OpsetConversionException.class,
                () -> OpsetConversion.to(to).apply(model(from, graph)))
            .getMessage();
    assertTrue(message.contains(reason), message);
  }

  private static Map<String, Datum> inputs(Model model, int variant) {
    Map<String, Datum> inputs = new LinkedHashMap<>();
    for (Input input : model.graph().inputs()) {
      TensorType type = (TensorType) input.type();
      long[] dims = type.shape().toLongs();
      double[] numbers = new double[(int) LongStream.of(dims).reduce(1, (a, b) -> a * b)];
      for (int i = 0; i < numbers.length; i++) {
        // Second, all the same, of which the last counts as well as the first.
        numbers[i] = variant == 1 ? 0 : (i * 7 + input.name().charAt(0)) % 5 + 1;
      }
      if (type.elementType() == ElementType.INT64) {
        numbers[0] = variant;
      }
      inputs.put(input.name(), Tensor.ofNumbers(type.elementType(), numbers, dims));
    }
    return inputs;
  }

  private static void assertSame(Outputs before, Outputs after, String where) {
    assertEquals(before.keySet(), after.keySet());
    for (String name : before.keySet()) {
      Tensor wanted = before.tensor(name);
      Tensor given = after.tensor(name);
      assertEquals(wanted.elementType(), given.elementType(), where);
      assertArrayEquals(wanted.dims(), given.dims(), where + ": " + name);
      assertArrayEquals(wanted.toDoubles(), given.toDoubles(), 1e-5, where + ": " + name);
    }
    assertTrue(!before.isEmpty());
  }
}
