package dev.sardonyx.runtime.conformance;

/**
 * A check that every case of a suite is run through.
 *
 * @param name such as {@code round trip}
 * @param check what is done; an exception counts as failure
 */
public record Stage(String name, Check check) {
  /** Looks at a case. */
  public interface Check {
    Outcome apply(SuiteCase suiteCase) throws Exception;
  }
}
