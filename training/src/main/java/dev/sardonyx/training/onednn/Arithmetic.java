package dev.sardonyx.training.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import java.util.Arrays;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory;

/** Sums of values of equal shapes. */
final class Arithmetic {
  private Arithmetic() {}

  static Value add(Site site) {
    Value sum = site.input();
    for (Value summand : site.inputs().subList(1, site.inputs().size())) {
      sum = add(site, sum, summand);
    }
    return sum;
  }

  private static Value add(Site site, Value a, Value b) {
    if (!Arrays.equals(a.dims(), b.dims())) {
      throw site.refuse(
          "its summands are %s and %s"
              .formatted(Arrays.toString(a.dims()), Arrays.toString(b.dims())));
    }
    Tape tape = site.tape();
    memory other = tape.arranged(b.data(), a.order());
    memory y = tape.allocate(a.order());
    binary.primitive_desc description =
        new binary.primitive_desc(
            tape.cpu(),
            algorithm.binary_add,
            a.order(),
            a.order(),
            a.order(),
            tape.attributes(),
            false);
    tape.call(
        description,
        new binary(description),
        new Arguments()
            .with(DNNL_ARG_SRC_0, a.data())
            .with(DNNL_ARG_SRC_1, other)
            .with(DNNL_ARG_DST, y));
    Value result = Value.of(a.dims(), y, a.learns() || b.learns());
    tape.onTheWayBack(
        () -> {
          Gradient gradient = tape.take(result);
          if (gradient != null) {
            gradient.buffer().retain(); // One gradient for both.
            tape.give(a, gradient);
            tape.give(b, gradient);
          }
        });
    return result;
  }
}
