package dev.sardonyx.runtime.spark;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
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
        session = start("local-cluster[2,1,512]", 512);
      } catch (IOException | RuntimeException e) {
        reason = "Spark's executors do not start here: " + e;
      }
    }
    assumeTrue(session != null, reason);
    return session;
  }

  /**
   * @param master such as {@code local-cluster[2,1,512]}: two executors of one processor and 512 MB
   * @param memory of an executor, in MB
   */
  static SparkSession start(String master, int memory) throws IOException {
    Path home = Files.createTempDirectory("spark-home").toRealPath();
    // As in Spark's own tests, executors get this process's class path and need no installed Spark;
    // only these folders are looked for.
    Files.createDirectories(home.resolve("jars"));
    Files.createDirectories(home.resolve("launcher/target/scala-2.13"));
    System.setProperty("spark.testing", "true");
    System.setProperty("spark.test.home", home.toString());
    SparkSession started =
        SparkSession.builder()
            .appName("tests")
            .master(master)
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.ui.enabled", false)
            .config("spark.executor.memory", memory + "m")
            .config("spark.executor.extraJavaOptions", SHORT_LIVED)
            .config("spark.local.dir", home.resolve("local").toString())
            .config("spark.sql.warehouse.dir", home.resolve("warehouse").toString())
            .config("spark.sql.shuffle.partitions", 2)
            // The default one is Zstandard, whose library only this would need.
            .config("spark.shuffle.mapStatus.compression.codec", "lz4")
            .getOrCreate();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(started, home), "cluster"));
    return started;
  }

  private static void stop(SparkSession session, Path home) {
    session.stop();
    try (var files = Files.walk(home)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException | UncheckedIOException left) {
      // What executors still write is left to the system's temporary folder.
    }
  }
}
