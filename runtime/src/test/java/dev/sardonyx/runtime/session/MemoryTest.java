package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much native memory a session keeps after its runs, by its options. */
class MemoryTest {
  @TempDir Path folder;

  /** Prints the kilobytes that a lean session keeps, and one with an arena. */
  static final class Run {
    private Run() {}

    public static void main(String[] arguments) throws Exception {
      // The second differs: the first includes what ONNX Runtime takes for itself.
      for (Memory memory : new Memory[] {Memory.LEAN, Memory.LEAN, Memory.WITHOUT_PATTERNS}) {
        long before = NativeMemory.kilobytes();
        try (InferenceSession session =
            InferenceSession.of(
                large(), SessionOptions.DEFAULT.withThreads(Threads.of(1)).withMemory(memory))) {
          for (int size = 1500; size <= 3000; size += 300) {
            session.call().with("x", new float[size]).run();
          }
          System.out.println(NativeMemory.kilobytes() - before);
        }
      }
    }
  }

  /** A few numbers in and one out, with n times n between them. */
  private static Model large() {
    return ModelParser.parse(
        "<ir_version: 8, opset_import: [\"\" : 17]> g (float[N] x) => (float s)"
            + " <int64[2] column = {-1, 1}> {"
            + " c = Reshape(x, column) r = Transpose(c) p = MatMul(c, r) q = Exp(p)"
            + " s = ReduceSum <keepdims = 0>(q) }");
  }

  @Test
  void aLeanSessionGivesItsMemoryBack() throws Exception {
    assumeTrue(NativeMemory.isKnown(), "only Linux tells resident memory");
    ChildJvm child = ChildJvm.run(folder, Map.of("MALLOC_TRIM_THRESHOLD_", "131072"), Run.class);
    assertEquals(0, child.status(), child.output());
    // The JVM may print warnings of its own.
    List<String> lines = child.output().lines().filter(line -> line.matches("-?\\d+")).toList();
    long lean = Long.parseLong(lines.get(1));
    long kept = Long.parseLong(lines.get(2));
    // Two matrices of 36 MB.
    assertTrue(kept > 36_000 && lean < kept / 4, child.output());
  }
}
