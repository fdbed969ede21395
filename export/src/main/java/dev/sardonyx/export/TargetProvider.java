package dev.sardonyx.export;

import java.util.List;

/**
 * Makes targets known to {@link Target#named}. Name your class in {@code
 * META-INF/services/dev.sardonyx.export.TargetProvider}.
 */
public interface TargetProvider {
  /**
   * The targets, with unique names; if there are several versions of a runtime, the newest comes
   * first.
   */
  List<Target> targets();
}
