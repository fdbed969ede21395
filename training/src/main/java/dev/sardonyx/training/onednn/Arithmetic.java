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

  static RecordedValue add(RecordingSite site) {
    RecordedValue sum = site.input();
    for (RecordedValue summand : site.inputs().subList(1, site.inputs().size())) {
      sum = add(site, sum, summand);
    }
    return sum;
  }

  private static RecordedValue add(RecordingSite site, RecordedValue a, RecordedValue b) {
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
        new PrimitiveArguments()
            .with(DNNL_ARG_SRC_0, a.data())
            .with(DNNL_ARG_SRC_1, other)
            .with(DNNL_ARG_DST, y));
    RecordedValue result = RecordedValue.of(a.dims(), y, a.learns() || b.learns());
    tape.onTheWayBack(
        () -> {
          ValueGradient gradient = tape.take(result);
          if (gradient != null) {
            gradient.buffer().retain(); // One gradient for both.
            tape.give(a, gradient);
            tape.give(b, gradient);
          }
        });
    return result;
  }
}
