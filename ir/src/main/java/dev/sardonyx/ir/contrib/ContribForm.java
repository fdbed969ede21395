package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Value;
import java.util.List;

/** What a node of one operator is in ONNX's own. */
@FunctionalInterface
interface ContribForm {
  /** The results in order; see {@link dev.sardonyx.ir.build.StandardForm#write}. */
  List<Value> of(ContribNode node);

  /** Of an operator with one result. */
  @FunctionalInterface
  interface One {
    Value of(ContribNode node);
  }
}
