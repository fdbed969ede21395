package dev.sardonyx.runtime.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.apache.spark.sql.SparkSession;
import scala.util.Properties;

/**
 * Spark on this machine: a driver, which is this process, and executors in processes of their own
 * with one processor each. The module {@code synapseml} compiles this file for Spark 3.5.
 */
public final class LocalCluster {
  private LocalCluster() {}

  /**
   * @param executors how many processes
   * @param memory of each, in MB
   * @param flags of their JVMs
   */
  public static SparkSession start(int executors, int memory, String flags) throws IOException {
    Path home = Files.createTempDirectory("spark-home").toRealPath();
    // As in Spark's own tests, executors get this process's class path and need no installed Spark;
    // only these folders are looked for.
    String scalaVersion = Properties.versionNumberString().replaceFirst("\\.\\d+$", "");
    Files.createDirectories(home.resolve("jars"));
    Files.createDirectories(home.resolve("launcher/target/scala-" + scalaVersion));
    System.setProperty("spark.testing", "true");
    System.setProperty("spark.test.home", home.toString());
    SparkSession started =
        SparkSession.builder()
            .appName("tests")
            .master("local-cluster[%d,1,%d]".formatted(executors, memory))
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.ui.enabled", false)
            .config("spark.executor.memory", memory + "m")
            .config("spark.executor.extraJavaOptions", flags)
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
