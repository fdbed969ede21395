package dev.sardonyx.ir;

/** An operator as {@link Node#operator} writes it: {@code domain.OpType:overload}. */
record OperatorName(String domain, String opType, String overload) {
  static OperatorName parse(String text) {
    int colon = text.indexOf(':');
    String overload = colon < 0 ? "" : text.substring(colon + 1);
    String qualified = colon < 0 ? text : text.substring(0, colon);
    int dot = qualified.lastIndexOf('.');
    return new OperatorName(
        dot < 0 ? "" : OpsetImport.canonical(qualified.substring(0, dot)),
        qualified.substring(dot + 1),
        overload);
  }
}
