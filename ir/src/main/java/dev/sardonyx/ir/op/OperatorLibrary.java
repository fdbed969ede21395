package dev.sardonyx.ir.op;

import java.util.List;

/**
 * The operators of a runtime or of a project, all at once; see {@link OperatorDefinition}. Found by
 * {@link java.util.ServiceLoader} like single definitions, which go before: who defines an operator
 * of a library anew is asked instead of it.
 */
public interface OperatorLibrary {
  /**
   * The definitions, of domains that are none of ONNX's; or of operators and versions in one of
   * ONNX's domains that ONNX itself does not have.
   */
  List<? extends OperatorDefinition> definitions();
}
