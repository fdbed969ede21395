package dev.sardonyx.samples.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Requests a second of 1, 2, 8 and 64 threads that share a model in ONNX Runtime, one thread a
 * request: arrays in, an array out. The latency is what one thread's throughput tells; {@code -prof
 * gc} adds what a request allocates, and {@code -bm sample} tells the percentiles.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public abstract class ServingBench {
  /** A model that is served; any number of threads may ask at once. */
  interface Server extends AutoCloseable {
    /** Computes the outputs of the model's one request. */
    float[] answer() throws Exception;
  }

  @Param({"mlp", "seed", "resnet50", "minilm", "trees"})
  public String model;

  private Server server;

  abstract Server open(ServedModel served) throws Exception;

  @Setup
  public void open() throws Exception {
    server = open(ServedModel.named(model));
  }

  @TearDown
  public void close() throws Exception {
    server.close();
  }

  @Benchmark
  @Threads(1)
  public float[] oneThread() throws Exception {
    return server.answer();
  }

  @Benchmark
  @Threads(2)
  public float[] twoThreads() throws Exception {
    return server.answer();
  }

  @Benchmark
  @Threads(8)
  public float[] eightThreads() throws Exception {
    return server.answer();
  }

  @Benchmark
  @Threads(64)
  public float[] sixtyFourThreads() throws Exception {
    return server.answer();
  }
}
