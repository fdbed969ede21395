package dev.sardonyx.runtime.spark;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Sparks for all tests: one in this process, and one of several processes on this machine, a
 * driver, which is this process, and two executors with one processor each. There is one of them at
 * a time, so classes of tests that need executors come last.
 */
public final class Cluster {
  /** Executors are JVMs that live for seconds. */
  private static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

  private static @Nullable SparkSession local;
  private static @Nullable SparkSession session;
  private static @Nullable String reason;

  private Cluster() {}

  /** A session of whichever runs; if none does, of one in this process. */
  public static synchronized SparkSession inProcess() {
    SparkSession running = session != null ? session : local;
    if (running == null) {
      running = startInProcess();
      local = running;
    }
    return running;
  }

  private static SparkSession startInProcess() {
    try {
      // Spark removes what it puts there, and the system its folders of temporary files.
      Path home = Files.createTempDirectory("spark").toRealPath();
      return SparkSession.builder()
          .appName("tests")
          .master("local[2]")
          .config("spark.driver.host", "localhost")
          .config("spark.driver.bindAddress", "127.0.0.1")
          .config("spark.ui.enabled", false)
          .config("spark.local.dir", home.toString())
          .config("spark.sql.warehouse.dir", home.resolve("warehouse").toString())
          .config("spark.shuffle.mapStatus.compression.codec", "lz4")
          .config("spark.sql.shuffle.partitions", 1)
          // To compile takes longer than the few rows of tests.
          .config("spark.sql.codegen.wholeStage", false)
          .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
          .config("spark.sql.adaptive.enabled", false)
          .getOrCreate();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The cluster's session; tests are skipped, with the reason, where no cluster starts. */
  public static synchronized SparkSession session() {
    if (session == null && reason == null) {
      if (local != null) {
        local.stop();
        local = null;
      }
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
