package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.AllocatedBytes;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whatever numbers a file has for sizes, axes, pads, shapes and the like, inference ends with types
 * and problems: nothing is thrown, and no memory is taken that only such a number asks for.
 */
class HostileValuesTest {
  private static final int NODES_A_VERSION = 80;

  /** Inferring a small node takes some kilobytes; a class that is loaded on the way some more. */
  private static final long MOST_BYTES = 8 << 20;

  @Test
  void everyOperatorBearsAnyNumbers() throws ReflectiveOperationException {
    Random random = new Random(11);
    List<String> failures = new ArrayList<>();
    for (OperatorSchema schema : RandomNode.schemas()) {
      for (int i = 0; i < NODES_A_VERSION; i++) {
        RandomNode.Given given = new RandomNode(random, schema, true).node();
        String failure = failure(given);
        if (!failure.isEmpty()) {
          failures.add(given + ": " + failure);
          break;
        }
      }
    }
    assertEquals("", String.join("\n", failures));
  }

  private static String failure(RandomNode.Given given) throws ReflectiveOperationException {
    long before = AllocatedBytes.soFar();
    try {
      given.infer();
    } catch (RuntimeException | Error e) {
      List<StackTraceElement> at = List.of(e.getStackTrace());
      return e + " at " + at.subList(0, Math.min(4, at.size()));
    }
    long taken = AllocatedBytes.soFar() - before;
    return taken <= MOST_BYTES ? "" : "takes " + taken + " bytes";
  }
}
