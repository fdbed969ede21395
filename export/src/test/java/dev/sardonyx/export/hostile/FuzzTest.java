package dev.sardonyx.export.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.sardonyx.export.BackendSuite;
import dev.sardonyx.export.OnnxFormatException;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Mutated models of the ONNX backend suite go through everything the public can do with a model:
 * read, check, infer, print, parse, write, export, each pass, evaluate. Only documented exceptions
 * may come out, and all must end.
 *
 * <p>The build runs a fixed number of mutants. {@code -Dsardonyx.fuzz.minutes=60
 * -Dsardonyx.fuzz.findings=FOLDER} runs others for as long and keeps the models with findings.
 */
class FuzzTest {
  private static final int MUTANTS = 400;
  private static final long STACK = 512 << 10;
  private static final long INTERRUPT_MILLIS = 500;

  /** Only what would not end comes to it. */
  private static final long HANGS_SECONDS = 60;

  private final double minutes =
      Double.parseDouble(System.getProperty("sardonyx.fuzz.minutes", "0"));
  private final String folder = System.getProperty("sardonyx.fuzz.findings", "");
  private final Random random = new Random(minutes > 0 ? System.nanoTime() : 2026);
  private final Map<String, Integer> findings = new LinkedHashMap<>();

  @Test
  void mutantsEndAsDocumented() throws Exception {
    List<byte[]> seeds = new ArrayList<>();
    try (BackendSuite suite = BackendSuite.open()) {
      for (String name : suite.models()) {
        seeds.add(suite.bytes(name));
      }
    }
    long end = System.nanoTime() + (long) (minutes * 60e9);
    long done = 0;
    while (minutes > 0 ? System.nanoTime() < end : done < MUTANTS) {
      one(mutant(seeds));
      done++;
    }
    if (minutes > 0) {
      System.out.println(done + " mutants");
    }
    assertEquals("", String.join("\n", findings.keySet()));
  }

  private byte[] mutant(List<byte[]> seeds) throws IOException {
    byte[] seed = seeds.get(random.nextInt(seeds.size()));
    ModelProto donor = ModelProto.parseFrom(seeds.get(random.nextInt(seeds.size())));
    ModelProto message = ModelProto.parseFrom(seed);
    Mutator mutator = new Mutator(random, message, donor);
    return random.nextInt(8) == 0
        ? mutator.mutate(seed)
        : ByteString.copyFrom(mutator.mutate(message).toByteArray()).toByteArray();
  }

  private void one(byte[] file) throws Exception {
    String[] entry = {"read"};
    FutureTask<String> task = new FutureTask<>(() -> outcome(file, entry));
    Thread thread = new Thread(null, task, "fuzz", STACK);
    thread.setDaemon(true);
    thread.start();
    String outcome = "";
    try {
      outcome = await(task, thread);
    } catch (TimeoutException e) {
      outcome = "does not end: " + List.of(thread.getStackTrace());
    } catch (ExecutionException e) {
      outcome = e.getCause() + " at " + top(e.getCause());
    }
    if (!outcome.isEmpty()) {
      found(entry[0] + ": " + outcome, file);
    }
  }

  /** Runs that take long are interrupted, since models may loop for ever. */
  private static String await(FutureTask<String> task, Thread thread) throws Exception {
    try {
      return task.get(INTERRUPT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      thread.interrupt();
      return task.get(HANGS_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static String outcome(byte[] file, String[] entry) {
    Model model;
    try {
      model = OnnxReader.read(file);
    } catch (OnnxFormatException e) {
      return "";
    }
    Map<String, Consumer<Model>> all = new LinkedHashMap<>(Entries.all());
    all.put("run", Entries::run);
    for (Map.Entry<String, Consumer<Model>> one : all.entrySet()) {
      entry[0] = one.getKey();
      try {
        one.getValue().accept(model);
      } catch (Exception e) {
        if (!Entries.isDocumented(e)) {
          return e + " at " + top(e);
        }
      }
    }
    return "";
  }

  private static List<StackTraceElement> top(Throwable e) {
    StackTraceElement[] trace = e.getStackTrace();
    return List.of(trace).subList(0, Math.min(trace.length, 8));
  }

  private void found(String finding, byte[] file) throws IOException {
    String key = finding.length() > 1000 ? finding.substring(0, 1000) : finding;
    int number = findings.merge(key, 1, Integer::sum);
    if (number == 1 && !folder.isEmpty()) {
      Path to = Path.of(folder);
      Files.createDirectories(to);
      Files.write(to.resolve("finding" + findings.size() + ".onnx"), file);
      Files.writeString(to.resolve("finding" + findings.size() + ".txt"), finding);
    }
  }
}
