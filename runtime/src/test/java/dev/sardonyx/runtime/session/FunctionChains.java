package dev.sardonyx.runtime.session;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;

/** Functions that call one another. */
final class FunctionChains {
  private FunctionChains() {}

  /**
   * A model that calls the first of a chain of functions; the last negates.
   *
   * @param length how many functions there are
   * @param calls how often each calls the next, one call after the other
   */
  static Model of(int length, int calls) {
    StringBuilder text = new StringBuilder();
    text.append("<ir_version: 9, opset_import: [\"\" : 21, \"local\" : 1]>");
    text.append(" g (float[2] x) => (float[2] y) { y = local.F0(x) }\n");
    for (int i = 0; i < length; i++) {
      text.append("<domain: \"local\", opset_import: [\"\" : 21, \"local\" : 1]> F").append(i);
      text.append(" (v0) => (v").append(calls).append(") {");
      for (int call = 0; call < calls; call++) {
        String operator = i == length - 1 ? "Neg" : "local.F" + (i + 1);
        text.append(" v").append(call + 1).append(" = ").append(operator);
        text.append("(v").append(call).append(")");
      }
      text.append(" }\n");
    }
    return ModelParser.parse(text.toString());
  }
}
