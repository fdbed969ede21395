package dev.sardonyx.ir;

/**
 * What names an operator, and the model's own function that a node may call by it. Written {@code
 * domain.OpType:overload}; ONNX's own domain and an empty overload are left out.
 *
 * @param domain empty for ONNX's own, which has no other spelling here
 */
public record OperatorName(String domain, String opType, String overload) {
  public OperatorName {
    domain = OpsetImport.canonical(domain);
  }

  public static OperatorName of(Node node) {
    return new OperatorName(node.domain(), node.opType(), node.overload());
  }

  public static OperatorName of(Function function) {
    return new OperatorName(function.domain(), function.name(), function.overload());
  }

  /** The name that {@link #toString} writes. */
  public static OperatorName parse(String text) {
    int colon = text.indexOf(':');
    String overload = colon < 0 ? "" : text.substring(colon + 1);
    String qualified = colon < 0 ? text : text.substring(0, colon);
    int dot = qualified.lastIndexOf('.');
    return new OperatorName(
        dot < 0 ? "" : qualified.substring(0, dot), qualified.substring(dot + 1), overload);
  }

  @Override
  public String toString() {
    String name = domain.isEmpty() ? opType : domain + "." + opType;
    return overload.isEmpty() ? name : name + ":" + overload;
  }
}
