package dev.sardonyx.export;

import java.util.List;

/**
 * Makes targets known to {@link Target#named}. A class of one's own is named in {@code
 * META-INF/services/dev.sardonyx.export.TargetProvider}.
 */
public interface TargetProvider {
  /** Targets under names that no others have; of several versions the newest first. */
  List<Target> targets();
}
