package dev.sardonyx.runtime.spark;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * A Spark of several processes on this machine, one for all tests: a driver, which is this process,
 * and two executors with one processor each.
 */
public final class Cluster {
  /** Executors are JVMs that live for seconds. */
  private static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

  private static @Nullable SparkSession session;
  private static @Nullable String reason;

  private Cluster() {}

  /** The session; tests are skipped, with the reason, where no cluster starts. */
  public static synchronized SparkSession session() {
    if (session == null && reason == null) {
      try {
        session = LocalCluster.start(2, 512, SHORT_LIVED);
      } catch (IOException | RuntimeException e) {
        reason = "Spark's executors do not start here: " + e;
      }
    }
    assumeTrue(session != null, reason);
    return session;
  }
}
