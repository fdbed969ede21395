package dev.sardonyx.ir.eval.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.One;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixProductTest {
  private static float[] random(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "3,5,7", "4,512,64", "5,513,65", "17,1030,130", "64,1,300", "1,700,129"})
  void agreesWithTheDefinition(int m, int n, int k) {
    Random random = new Random(m * 31 + n);
    float[] a = random(random, m * k);
    float[] b = random(random, k * n);
    double[] expected = new double[m * n];
    for (int i = 0; i < m * n; i++) {
      for (int p = 0; p < k; p++) {
        expected[i] += (double) a[i / n * k + p] * b[p * n + i % n];
      }
    }
    for (int threads : new int[] {1, 3}) {
      float[] c = new float[m * n];
      MatrixProduct.Left left = MatrixProduct.Left.of(a, 0, m, k);
      MatrixProduct.add(left, MatrixProduct.rows(b, 0, n), n, c, 0, Parallel.of(threads));
      for (int i = 0; i < c.length; i++) {
        assertEquals(expected[i], c[i], 1e-4 * Math.sqrt(k), "element " + i);
      }
    }
  }

  /** What the class says of the error of long sums, and that threads change nothing. */
  @ParameterizedTest
  @CsvSource({"70,520,600", "1,49,5000", "300,10,1000"})
  void longSumsAreAccurateOnAnyNumberOfThreads(int m, int n, int k) {
    Random random = new Random(k);
    float[] a = random(random, m * k);
    float[] b = random(random, k * n);
    float[][] results = new float[3][m * n];
    for (int threads = 1; threads <= 3; threads++) {
      MatrixProduct.Left left = MatrixProduct.Left.of(a, 0, m, k);
      MatrixProduct.Rows rows = MatrixProduct.rows(b, 0, n);
      MatrixProduct.add(left, rows, n, results[threads - 1], 0, Parallel.of(threads));
    }
    assertArrayEquals(results[0], results[1]);
    assertArrayEquals(results[0], results[2]);
    for (int i = 0; i < m * n; i += 7) {
      double sum = 0;
      double sizes = 0;
      for (int p = 0; p < k; p++) {
        double product = (double) a[i / n * k + p] * b[p * n + i % n];
        sum += product;
        sizes += Math.abs(product);
      }
      double bound = (k / 96.0 + 96) * Math.ulp(1f) / 2 * sizes;
      assertEquals(sum, results[0][i], bound, "element " + i);
    }
  }

  /** So large that HotSpot never inlines it, which its speed depends on. */
  @Test
  void theBlockIsCompiledByItself() throws URISyntaxException {
    StringWriter listing = new StringWriter();
    PrintWriter out = new PrintWriter(listing);
    URL url = Objects.requireNonNull(MatrixProduct.class.getResource("MatrixProduct.class"));
    String classFile = Path.of(url.toURI()).toString();
    ToolProvider.findFirst("javap").orElseThrow().run(out, out, "-c", "-p", classFile);
    String text = listing.toString();
    String code = text.substring(text.indexOf(" addBlock("));
    int largest =
        Pattern.compile("\\n +(\\d+): ")
            .matcher(code.substring(0, code.indexOf("\n\n")))
            .results()
            .mapToInt(line -> Integer.parseInt(line.group(1)))
            .max()
            .orElse(0);
    assertTrue(largest > 325, "addBlock has " + largest + " bytes of code");
  }

  @Test
  void paddingLetsNoNanIn() {
    float[] a = {1, 2, 3};
    float[] b = {Float.NaN, 1, 2, 3, Float.POSITIVE_INFINITY, 4};
    float[] c = new float[6];
    MatrixProduct.Left left = MatrixProduct.Left.of(a, 0, 3, 1);
    MatrixProduct.add(left, MatrixProduct.rows(b, 2, 2), 2, c, 0, Parallel.SEQUENTIAL);
    assertArrayEquals(new float[] {2, 3, 4, 6, 6, 9}, c);
  }

  /** A convolution by its definition, over one to three axes. */
  private static double[] convolve(
      float[] x,
      float[] w,
      int channels,
      int filters,
      int groups,
      int[] in,
      int[] kernel,
      int stride,
      int dilation,
      int pad,
      int[] out) {
    int perGroup = channels / groups;
    int inSize = in[0] * in[1] * in[2];
    int outSize = out[0] * out[1] * out[2];
    int kernelSize = kernel[0] * kernel[1] * kernel[2];
    double[] y = new double[filters * outSize];
    for (int i = 0; i < y.length; i++) {
      int f = i / outSize;
      int group = f / (filters / groups);
      for (int c = 0; c < perGroup; c++) {
        for (int k = 0; k < kernelSize; k++) {
          int at = 0;
          boolean inside = true;
          int kRest = k;
          int oRest = i % outSize;
          int scale = 1;
          for (int d = 2; d >= 0; d--) {
            int padding = kernel[d] == 1 ? 0 : pad;
            int p =
                oRest % out[d] * (in[d] == 1 ? 1 : stride) - padding + kRest % kernel[d] * dilation;
            inside &= p >= 0 && p < in[d];
            at += p * scale;
            scale *= in[d];
            oRest /= out[d];
            kRest /= kernel[d];
          }
          if (inside) {
            y[i] +=
                (double) x[(group * perGroup + c) * inSize + at]
                    * w[(f * perGroup + c) * kernelSize + k];
          }
        }
      }
    }
    return y;
  }

  @ParameterizedTest
  @CsvSource({
    "1,4,6,1,1,1,1", "1,4,6,2,2,1,0", "1,6,6,6,1,2,2",
    "2,3,8,1,1,1,1", "2,4,8,2,2,2,2", "2,8,8,8,1,1,1",
    "3,2,4,1,1,1,1", "3,4,4,2,2,1,0"
  })
  void convolutionAgreesWithTheDefinition(
      int rank, int channels, int filters, int groups, int stride, int dilation, int pad) {
    Random random = new Random(rank * 100 + channels);
    int[] in = {1, 1, 1};
    int[] kernel = {1, 1, 1};
    int[] out = {1, 1, 1};
    long[] xDims = new long[rank + 2];
    long[] wDims = new long[rank + 2];
    xDims[0] = 1;
    xDims[1] = channels;
    wDims[0] = filters;
    wDims[1] = channels / groups;
    for (int d = 0; d < rank; d++) {
      int axis = 3 - rank + d;
      in[axis] = 9 - d;
      kernel[axis] = 3;
      out[axis] = (in[axis] + 2 * pad - 2 * dilation - 1) / stride + 1;
      xDims[d + 2] = in[axis];
      wDims[d + 2] = 3;
    }
    float[] x = random(random, Dims.size(xDims));
    float[] w = random(random, Dims.size(wDims));
    double[] expected =
        convolve(x, w, channels, filters, groups, in, kernel, stride, dilation, pad, out);
    Tensor y =
        One.of(
                "Conv",
                11,
                Attribute.ofInt("group", groups),
                Attribute.ofInts("strides", Dims.fill(rank, stride)),
                Attribute.ofInts("dilations", Dims.fill(rank, dilation)),
                Attribute.ofInts("pads", Dims.fill(2 * rank, pad)))
            .of(Tensor.ofFloats(x, xDims), Tensor.ofFloats(w, wDims));
    assertArrayEquals(expected, y.toDoubles(), 1e-4);
    double[] wide =
        One.of(
                "Conv",
                11,
                Attribute.ofInt("group", groups),
                Attribute.ofInts("strides", Dims.fill(rank, stride)),
                Attribute.ofInts("dilations", Dims.fill(rank, dilation)),
                Attribute.ofInts("pads", Dims.fill(2 * rank, pad)))
            .of(
                Tensor.ofDoubles(Tensor.ofFloats(x, xDims).toDoubles(), xDims),
                Tensor.ofDoubles(Tensor.ofFloats(w, wDims).toDoubles(), wDims))
            .toDoubles();
    assertArrayEquals(expected, wide, 1e-9);
  }
}
