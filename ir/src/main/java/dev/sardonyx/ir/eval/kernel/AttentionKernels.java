package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Scaled dot-product attention, layout N, heads, sequence, head size. */
public final class AttentionKernels {
  private AttentionKernels() {}

  static void register(Kernels kernels) {
    kernels.add("Attention", AttentionKernels::attention);
    kernels.one("ai.onnx.preview", "FlexAttention", AttentionKernels::flexAttention);
    kernels.one("RotaryEmbedding", AttentionKernels::rotaryEmbedding);
  }

  public static Tensor multiply(Tensor a, Tensor b) {
    return ArithmeticKernels.binary(a, b, FloatArithmetic.MULTIPLY, (x, y) -> x * y);
  }

  public static Tensor sum(Tensor a, Tensor b) {
    return ArithmeticKernels.binary(a, b, FloatArithmetic.ADD, Long::sum);
  }

  static Tensor subtract(Tensor a, Tensor b) {
    return ArithmeticKernels.binary(a, b, FloatArithmetic.SUBTRACT, (x, y) -> x - y);
  }

  private static Tensor cast(Tensor x, ElementType type) {
    return CastKernels.cast(x, type, true, "up");
  }

  /** {@code [N, sequence, heads * size]} as {@code [N, heads, sequence, size]}. */
  static Tensor splitHeads(Tensor x, long heads) {
    if (heads <= 0 || x.dim(2) % heads != 0) {
      throw new EvaluationException(
          "a hidden size of " + x.dim(2) + " does not make " + heads + " heads");
    }
    Tensor split = x.reshape(x.dim(0), x.dim(1), heads, x.dim(2) / heads);
    return Rows.permuted(split, new int[] {0, 2, 1, 3});
  }

  static Tensor joinHeads(Tensor x) {
    Tensor moved = Rows.permuted(x, new int[] {0, 2, 1, 3});
    return moved.reshape(x.dim(0), x.dim(2), x.dim(1) * x.dim(3));
  }

  /** Each head so many times, one after the other. */
  static Tensor repeatHeads(Tensor x, long queryHeads) {
    long heads = x.dim(1);
    if (heads == queryHeads) {
      return x;
    }
    if (heads == 0 || queryHeads % heads != 0) {
      throw new EvaluationException(
          queryHeads + " query heads are no multiple of " + heads + " key heads");
    }
    int[][] along = new int[4][];
    for (int d = 0; d < 4; d++) {
      along[d] = Dims.range(d == 1 ? queryHeads : x.dim(d));
    }
    int times = (int) (queryHeads / heads);
    along[1] = Arrays.stream(along[1]).map(h -> h / times).toArray();
    return MovementKernels.gather(x, along);
  }

  /** The products of queries and keys, each scaled by the root of the scale. */
  private static Tensor scores(Tensor q, Tensor k, double scale, Parallel parallel) {
    Tensor root = Elements.of(q.elementType(), new double[] {Math.sqrt(scale)});
    Tensor keys = Rows.permuted(k, new int[] {0, 1, 3, 2});
    return LinearAlgebraKernels.matMul(multiply(q, root), multiply(keys, root), parallel);
  }

  private static List<Datum> attention(KernelContext c) {
    boolean flat = c.tensor(0).rank() == 3;
    Tensor q = flat ? splitHeads(c.tensor(0), c.intAttribute("q_num_heads")) : c.tensor(0);
    Tensor k = flat ? splitHeads(c.tensor(1), c.intAttribute("kv_num_heads")) : c.tensor(1);
    Tensor v = flat ? splitHeads(c.tensor(2), c.intAttribute("kv_num_heads")) : c.tensor(2);
    Tensor presentKey = c.has(4) ? ShapeKernels.concat(List.of(c.tensor(4), k), 2) : k;
    Tensor presentValue = c.has(5) ? ShapeKernels.concat(List.of(c.tensor(5), v), 2) : v;
    Tensor bias = bias(c, q, presentKey);
    Tensor keys = repeatHeads(presentKey, q.dim(1));
    Tensor values = repeatHeads(presentValue, q.dim(1));
    double scale =
        c.hasAttribute("scale") ? c.floatAttribute("scale") : 1 / Math.sqrt((double) q.dim(3));
    Tensor raw = scores(q, keys, scale, c.parallel());
    Tensor capped = softcap(raw, c.floatAttribute("softcap", 0));
    Tensor biased = sum(capped, bias);
    Tensor masked = maskedRows(bias);
    Tensor probabilities = softmax(c, biased, masked);
    Tensor y = LinearAlgebraKernels.matMul(probabilities, values, c.parallel());
    Tensor shown =
        switch ((int) c.intAttribute("qk_matmul_output_mode", 0)) {
          case 1 -> capped;
          case 2 -> biased;
          case 3 -> probabilities;
          default -> raw;
        };
    return List.of(flat ? joinHeads(y) : y, presentKey, presentValue, shown);
  }

  private static Tensor softcap(Tensor scores, double cap) {
    if (cap <= 0) {
      return scores;
    }
    Tensor limit = Elements.of(scores.elementType(), new double[] {cap});
    Tensor quotient = ArithmeticKernels.binary(scores, limit, (a, b) -> a / b, (a, b) -> a / b);
    return multiply(UnaryKernels.map(quotient, Math::tanh), limit);
  }

  /** A row of which every key is masked gives zeros, not NaN. */
  private static Tensor softmax(KernelContext c, Tensor biased, Tensor masked) {
    long precision = c.intAttribute("softmax_precision", 0);
    ElementType type =
        precision == 0 ? biased.elementType() : ElementType.of(Math.toIntExact(precision));
    Tensor soft = Rows.along(cast(biased, type), -1, SoftmaxKernels.softmax(type), c.parallel());
    Tensor safe =
        ArithmeticKernels.binary(soft, cast(masked, type), (p, m) -> m != 0 ? 0 : p, Long::sum);
    return cast(safe, biased.elementType());
  }

  /** One for each row of the bias that lets no key through. */
  private static Tensor maskedRows(Tensor bias) {
    Tensor best =
        ReductionKernels.reduce(
            bias,
            new int[] {bias.rank() - 1},
            true,
            ReductionKernels::max,
            null,
            Parallel.SEQUENTIAL);
    return UnaryKernels.map(best, m -> m == Double.NEGATIVE_INFINITY ? 1 : 0);
  }

  /** What is added to the scores: the mask, the causal frontier, the window, and the padding. */
  private static Tensor bias(KernelContext c, Tensor q, Tensor keys) {
    int queries = (int) q.dim(2);
    int count = (int) keys.dim(2);
    Tensor bias = Elements.zeros(q.elementType(), queries, count);
    if (c.has(3)) {
      bias = sum(bias, mask(c.tensor(3), q.elementType(), count));
    }
    long[] lengths = c.has(6) ? c.longs(6) : null;
    long[] offsets = {c.has(4) ? c.tensor(4).dim(2) : 0};
    if (lengths != null && !c.has(4)) {
      offsets = Arrays.stream(lengths).map(n -> n - queries).toArray();
    }
    long left = c.intAttribute("left_window_size", -1);
    long right = c.intAttribute("right_window_size", -1);
    boolean causal = c.flag("is_causal");
    if (causal || left >= 0 || right >= 0) {
      bias = sum(bias, band(q.elementType(), offsets, queries, count, causal, left, right));
    }
    if (lengths != null) {
      double[] padding = new double[Dims.size(lengths.length, count)];
      for (int i = 0; i < padding.length; i++) {
        padding[i] = i % count < lengths[i / count] ? 0 : Double.NEGATIVE_INFINITY;
      }
      bias = sum(bias, Elements.of(q.elementType(), padding, lengths.length, 1, 1, count));
    }
    return bias;
  }

  /** A boolean mask as something to add; keys that it does not reach are masked. */
  private static Tensor mask(Tensor given, ElementType type, int count) {
    double[] values = Elements.doubles(given);
    if (given.elementType() == ElementType.BOOL) {
      for (int i = 0; i < values.length; i++) {
        values[i] = values[i] != 0 ? 0 : Double.NEGATIVE_INFINITY;
      }
    }
    Tensor mask = Elements.of(type, values, given.dims());
    int missing = count - (int) given.dim(-1);
    if (missing <= 0) {
      return mask;
    }
    long[] dims = Dims.with(given.dims(), given.rank() - 1, missing);
    double[] rest = new double[Dims.size(dims)];
    Arrays.fill(rest, Double.NEGATIVE_INFINITY);
    return ShapeKernels.concat(List.of(mask, Elements.of(type, rest, dims)), given.rank() - 1);
  }

  /**
   * Masks the keys too far before or behind each query, whose position is its own plus an offset.
   */
  private static Tensor band(
      ElementType type,
      long[] offsets,
      int queries,
      int count,
      boolean causal,
      long left,
      long right) {
    double[] band = new double[Dims.size(offsets.length, queries, count)];
    for (int i = 0; i < band.length; i++) {
      long position = i / count % queries + offsets[i / count / queries];
      long key = i % count;
      boolean open =
          (!causal || key <= position)
              && (left < 0 || position - key <= left)
              && (right < 0 || key - position <= right);
      band[i] = open ? 0 : Double.NEGATIVE_INFINITY;
    }
    return offsets.length == 1
        ? Elements.of(type, band, queries, count)
        : Elements.of(type, band, offsets.length, 1, queries, count);
  }

  /** Attention whose scores and probabilities pass through graphs of the node's. */
  private static Tensor flexAttention(KernelContext c) {
    Tensor q = c.tensor(0);
    ElementType input = q.elementType();
    long precision = c.intAttribute("softmax_precision", 0);
    ElementType type =
        precision != 0
            ? ElementType.of(Math.toIntExact(precision))
            : input == ElementType.DOUBLE ? input : ElementType.FLOAT;
    double scale =
        c.hasAttribute("scale") ? c.floatAttribute("scale") : 1 / Math.sqrt((double) q.dim(3));
    Tensor keys = repeatHeads(c.tensor(1), q.dim(1));
    Tensor values = cast(repeatHeads(c.tensor(2), q.dim(1)), type);
    Tensor scores = through(c, "score_mod", cast(scores(q, keys, scale, c.parallel()), type));
    Tensor probabilities =
        through(c, "prob_mod", Rows.along(scores, -1, SoftmaxKernels.softmax(type), c.parallel()));
    Tensor y = LinearAlgebraKernels.matMul(probabilities, values, c.parallel());
    return cast(y, c.type(2));
  }

  private static Tensor through(KernelContext c, String graph, Tensor x) {
    if (!(c.attribute(graph) instanceof AttributeValue.Graph body)) {
      return x;
    }
    return KernelContext.dense(c.call(body.value(), List.of(x)).get(0), "what " + graph + " gives");
  }

  /** The caches have a row for each position, or for each that position_ids name. */
  private static void requireAngles(KernelContext c, Tensor x, int rotated) {
    if (rotated > x.dim(3) || rotated % 2 != 0) {
      throw new EvaluationException(
          "%d of the heads' %d elements cannot be rotated in pairs".formatted(rotated, x.dim(3)));
    }
    Tensor cos = c.tensor(1);
    long[] own = {x.dim(0), x.dim(2), rotated / 2};
    if (!c.has(3)) {
      Dims.require("cos_cache", cos, own);
    } else {
      Dims.require("position_ids", c.tensor(3), x.dim(0), x.dim(2));
      long rows = cos.rank() == 2 ? cos.dim(0) : 0;
      Dims.require("cos_cache", cos, rows, rotated / 2);
      for (long position : c.longs(3)) {
        if (position < 0 || position >= rows) {
          throw new EvaluationException(
              "position_ids have " + position + ", and cos_cache " + cos.shape() + " no such row");
        }
      }
    }
    Dims.require("sin_cache", c.tensor(2), cos.dims());
  }

  /** Turns pairs of features by the angles of their positions. */
  private static Tensor rotaryEmbedding(KernelContext c) {
    boolean flat = c.tensor(0).rank() == 3;
    Tensor x = flat ? splitHeads(c.tensor(0), c.intAttribute("num_heads", 0)) : c.tensor(0);
    int size = (int) x.dim(3);
    int rotated = (int) c.intAttribute("rotary_embedding_dim", 0);
    rotated = rotated == 0 ? size : rotated;
    int half = rotated / 2;
    boolean interleaved = c.flag("interleaved");
    int sequence = (int) x.dim(2);
    int heads = (int) x.dim(1);
    double[] cos = c.doubles(1);
    double[] sin = c.doubles(2);
    long @Nullable [] positions = c.has(3) ? c.longs(3) : null;
    requireAngles(c, x, rotated);
    double[] values = Elements.doubles(x);
    double[] y = values.clone();
    for (int row = 0; row < values.length / Math.max(1, size); row++) {
      int entry = row / (heads * sequence) * sequence + row % sequence;
      int cache = (positions == null ? entry : Math.toIntExact(positions[entry])) * half;
      for (int i = 0; i < half; i++) {
        int first = row * size + (interleaved ? 2 * i : i);
        int second = row * size + (interleaved ? 2 * i + 1 : i + half);
        y[first] = cos[cache + i] * values[first] - sin[cache + i] * values[second];
        y[second] = sin[cache + i] * values[first] + cos[cache + i] * values[second];
      }
    }
    Tensor result = Elements.of(x.elementType(), y, x.dims());
    return flat ? joinHeads(result) : result;
  }
}
