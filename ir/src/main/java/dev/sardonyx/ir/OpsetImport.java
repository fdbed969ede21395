package dev.sardonyx.ir;

/**
 * The version of a domain's operators that a model or function uses.
 *
 * @param domain as written; both {@code ""} and {@code "ai.onnx"} name ONNX's own domain
 */
public record OpsetImport(String domain, long version) {
  public static OpsetImport of(String domain, long version) {
    return new OpsetImport(domain, version);
  }

  /** ONNX's own operators at a version. */
  public static OpsetImport onnx(long version) {
    return new OpsetImport("", version);
  }

  /** The one spelling of a domain: empty for ONNX's own. */
  public static String canonical(String domain) {
    return domain.equals("ai.onnx") ? "" : domain;
  }
}
