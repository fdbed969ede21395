package dev.sardonyx.samples.bench;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.nn.Networks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reading and writing the file of ResNet-50, 102 MB, beside the plain copy of the same bytes. What
 * is written is on the disk when a call ends, of both. With JMH's {@code -prof gc} the heap that
 * each takes is told, too, as {@code gc.alloc.rate.norm}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
public class FileBench {
  private Path folder;
  private Path file;
  private Path target;
  private Model model;
  private ByteBuffer bytes;

  @Setup
  public void prepare() throws IOException {
    folder = Files.createTempDirectory("bench");
    file = folder.resolve("resnet50.onnx");
    target = folder.resolve("copy.onnx");
    OnnxWriter.write(Networks.named("resnet50").withImage(3, 224, 224).build(1), file);
    model = OnnxReader.read(file);
    byte[] content = Files.readAllBytes(file);
    bytes = ByteBuffer.allocateDirect(content.length).put(content).flip();
  }

  @TearDown
  public void remove() throws IOException {
    model = null;
    List<Path> paths;
    try (Stream<Path> all = Files.walk(folder)) {
      paths = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }

  @Benchmark
  public Model read() throws IOException {
    return OnnxReader.read(file);
  }

  @Benchmark
  public byte[] readPlainBytes() throws IOException {
    return Files.readAllBytes(file);
  }

  @Benchmark
  public void write() throws IOException {
    OnnxWriter.write(model, target, ExternalData.embedded());
  }

  @Benchmark
  public void writePlainBytes() throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            target,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer left = bytes.duplicate();
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
  }
}
