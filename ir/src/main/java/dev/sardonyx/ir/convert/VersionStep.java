package dev.sardonyx.ir.convert;

/**
 * A version of an operator, and what the converter does with nodes that cross it.
 *
 * @param domain the operator's domain, canonical
 * @param version the version of the domain that changed the operator, or brought it
 * @param up what becomes of nodes of the version before
 * @param down what becomes of nodes that are to be of the version before
 */
public record VersionStep(String domain, String operator, int version, Effect up, Effect down) {
  @Override
  public String toString() {
    String name = domain.isEmpty() ? operator : domain + "." + operator;
    return name + "-" + version + ": up " + up + ", down " + down;
  }
}
