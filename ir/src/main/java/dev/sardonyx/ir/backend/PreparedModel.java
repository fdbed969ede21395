package dev.sardonyx.ir.backend;

import dev.sardonyx.ir.Datum;
import java.util.Map;

/**
 * A model that is ready to run, as often as wanted, by one thread at a time unless said otherwise.
 */
public interface PreparedModel extends AutoCloseable {
  /**
   * Runs the model.
   *
   * @param inputs a value for every graph input that has no default, by name
   * @return the outputs in the order asked for, by name
   * @throws IllegalArgumentException if an input is missing, not known, or of the wrong type,
   *     naming it with both types
   */
  Outputs run(Map<String, ? extends Datum> inputs);

  /**
   * Runs the model like {@link #run}, but need not copy the outputs out of memory of its own. Any
   * number of runs may follow before they are given back, and the model may be closed.
   *
   * @return to be closed by the caller, in any thread
   */
  default BorrowedOutputs borrow(Map<String, ? extends Datum> inputs) {
    return BorrowedOutputs.of(run(inputs));
  }

  @Override
  void close();
}
