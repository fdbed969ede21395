package dev.sardonyx.ir;

import java.util.Collection;
import java.util.OptionalLong;

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

  /** The version at which a domain is imported, under either spelling of ONNX's own. */
  public static OptionalLong version(Collection<OpsetImport> imports, String domain) {
    String canonical = canonical(domain);
    for (OpsetImport candidate : imports) {
      if (canonical(candidate.domain()).equals(canonical)) {
        return OptionalLong.of(candidate.version());
      }
    }
    return OptionalLong.empty();
  }

  /** The one spelling of a domain: empty for ONNX's own. */
  public static String canonical(String domain) {
    return domain.equals("ai.onnx") ? "" : domain;
  }
}
