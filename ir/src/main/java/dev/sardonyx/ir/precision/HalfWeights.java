package dev.sardonyx.ir.precision;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.NarrowFloat;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.pass.Change;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Turns weights into 16 bits and keeps account of those that do not fit. */
final class HalfWeights {
  private final HalfPrecision wanted;
  private final double largest;
  private final List<Change> clamped = new ArrayList<>();
  private final List<String> overflowing = new ArrayList<>();

  HalfWeights(HalfPrecision wanted) {
    this.wanted = wanted;
    this.largest =
        wanted.type() == ElementType.FLOAT16 ? 65504 : Math.scalb(2 - Math.scalb(1.0, -7), 127);
  }

  /** The largest finite number of the type. */
  double largest() {
    return largest;
  }

  /** The tensor in 16 bits, rounded to nearest even; infinities and NaN stay what they are. */
  Tensor convert(String graph, String name, Tensor weights) {
    int length = weights.length();
    ByteBuffer from = weights.bytes();
    ByteBuffer bytes = Tensor.allocate(wanted.type(), length);
    NarrowFloat format = NarrowFloat.of(wanted.type());
    long beyond = 0;
    double greatest = 0;
    for (int i = 0; i < length; i++) {
      double element = from.getFloat(i * Float.BYTES);
      int code = format.encode(element, false);
      if (Double.isInfinite(format.decode(code)) && !Double.isInfinite(element)) {
        beyond++;
        greatest = Math.max(greatest, Math.abs(element));
        code = format.encode(Math.copySign(largest, element), false);
      }
      bytes.putShort(i * Short.BYTES, (short) code);
    }
    if (beyond > 0) {
      note(graph, name, beyond, length, greatest);
    }
    return Tensor.of(wanted.type(), weights.dims(), bytes);
  }

  private void note(String graph, String name, long beyond, long length, double greatest) {
    String what =
        String.format(
            Locale.ROOT, "%,d of %,d elements of %s, up to %.4g", beyond, length, name, greatest);
    overflowing.add(what);
    clamped.add(
        Change.of(
            "half-precision",
            graph,
            String.format(Locale.ROOT, "clamped %s, to %.5g", what, largest)));
  }

  void requireNoOverflow() {
    if (wanted.overflow() == HalfPrecision.Overflow.REFUSE && !overflowing.isEmpty()) {
      throw new PrecisionException(
          "Weights beyond the range of "
              + wanted.type().onnxName()
              + String.format(Locale.ROOT, " (%.5g): ", largest)
              + String.join("; ", overflowing)
              + ". Keep the nodes that use them in float, or let them be clamped");
    }
  }

  List<Change> clamped() {
    return clamped;
  }
}
