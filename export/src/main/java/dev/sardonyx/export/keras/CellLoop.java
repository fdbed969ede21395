package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ControlFlowOps.ScanStep;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A cell run step by step (ONNX {@code Scan}), for what ONNX's recurrent operators lack: masks with
 * gaps, other cells, other activations.
 */
final class CellLoop {
  private CellLoop() {}

  /**
   * Runs a cell over a sequence.
   *
   * @param mask bool {@code [N,T]}: a masked step leaves the states as they are and repeats the
   *     output before it, or gives zeros if the layer's settings say so
   * @return steps in the order of time
   */
  static RecurrentReaders.Run run(
      KerasLayer layer,
      Cell cell,
      Value sequence,
      @Nullable Value mask,
      List<Value> initial,
      boolean backwards) {
    GraphBuilder b = layer.builder();
    Value given = cell.in(b, sequence);
    Value x = cell.prepare(b, backwards ? RecurrentReaders.flip(b, given, 0) : given);
    List<Value> states =
        initial.isEmpty()
            ? cell.zeros(b, x)
            : initial.stream().map(s -> cell.inState(b, s)).toList();
    List<Value> scanned = new ArrayList<>(List.of(x));
    if (mask != null) {
      Value steps = b.transpose(mask, 1, 0);
      scanned.add(backwards ? RecurrentReaders.flip(b, steps, 0) : steps);
    }
    boolean zeroes = layer.config().truth("zero_output_for_mask", false);
    // Unrolled, Keras zeroes the steps that it has run by the mask in the order of time.
    boolean unrolled = mask != null && zeroes && backwards && layer.config().truth("unroll", false);
    List<Value> carried = new ArrayList<>();
    carried.add(firstOutput(b, cell, x, states));
    carried.addAll(states);
    List<Value> results =
        b.scan(
            carried,
            scanned,
            (body, state, slices) -> {
              List<Value> next =
                  new ArrayList<>(cell.step(body, slices.get(0), state.subList(1, state.size())));
              if (mask != null) {
                keepMasked(body, next, state, slices.get(1), zeroes && !unrolled);
              }
              return new ScanStep(next, List.of(body.identity(next.get(0))));
            });
    Value steps = results.get(results.size() - 1);
    Value last = results.get(0);
    if (unrolled && mask != null) {
      steps = zeroed(b, steps, b.transpose(mask, 1, 0));
      last = zeroed(b, last, b.squeeze(b.slice(mask, 1, 0, 1), 1));
    }
    Value ordered = backwards ? RecurrentReaders.flip(b, steps, 0) : steps;
    return new RecurrentReaders.Run(
        cell.out(b, ordered),
        cell.outState(b, last),
        results.subList(1, results.size() - 1).stream().map(s -> cell.outState(b, s)).toList());
  }

  private static Value zeroed(GraphBuilder b, Value x, Value counts) {
    return b.where(wide(b, counts, KerasLayer.rank(x)), x, b.scalarLike(x, 0));
  }

  /** The mask with axes of size 1 behind, up to a rank. */
  private static Value wide(GraphBuilder b, Value counts, int rank) {
    int own = KerasLayer.rank(counts);
    return b.unsqueeze(counts, LongStream.range(own, rank).toArray());
  }

  private static void keepMasked(
      GraphBuilder b, List<Value> next, List<Value> before, Value counts, boolean zeroes) {
    for (int i = 0; i < next.size(); i++) {
      Value wide = wide(b, counts, KerasLayer.rank(next.get(i)));
      Value kept = i == 0 && zeroes ? b.scalarLike(next.get(0), 0) : before.get(i);
      next.set(i, b.where(wide, next.get(i), kept));
    }
  }

  /** Zeros of the shape of an output: in every kind of cell the last state has that shape. */
  private static Value firstOutput(GraphBuilder b, Cell cell, Value x, List<Value> states) {
    List<Value> zeros = cell.zeros(b, x);
    return zeros.isEmpty() ? states.get(0) : zeros.get(zeros.size() - 1);
  }
}
