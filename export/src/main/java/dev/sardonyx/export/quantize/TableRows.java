package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.Rewriter;
import org.jspecify.annotations.Nullable;

/**
 * A constant table of vectors, such as an embedding, in integers with a scale for each row. Rows
 * are gathered as integers and only they are dequantised, for runtimes would dequantise a whole
 * table in every run.
 *
 * @param elements {@code [rows,columns]}
 * @param scales {@code [rows]}
 * @param zeroPoint what 0 is stored as, a scalar, or null
 * @param name the table's
 */
record TableRows(Value elements, Value scales, @Nullable Value zeroPoint, String name) {
  /** The rows at indices, in float. */
  Value at(Value indices, Rewriter to) {
    Value rows = to.gather(elements, indices, 0);
    Value one = to.constant(name + "_unit", Tensor.scalar(1f));
    Value each = to.unsqueeze(to.gather(scales, indices, 0), -1);
    return to.mul(to.dequantizeLinear(rows, one, zeroPoint), each);
  }
}
