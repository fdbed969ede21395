package dev.sardonyx.runtime.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.spark.SharedSessions.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** One session a model in a process, whoever uses it, and few that nobody uses. */
class SharedSessionsTest {
  private final List<SharedSessions.Key> loaded = new ArrayList<>();

  private InferenceSession load(SharedSessions.Key key) {
    synchronized (loaded) {
      loaded.add(key);
    }
    return InferenceSession.of(
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (float[N] x) => (float[N] y) { y = Neg(x) }"));
  }

  private static SharedSessions.Key key(String name) {
    return new SharedSessions.Key(name, "cpu", 1);
  }

  private static float run(InferenceSession session) {
    return session.run(Map.of("x", Tensor.ofFloats(new float[] {3}, 1))).tensor("y").toFloats()[0];
  }

  @Test
  void tasksShareASession() throws Exception {
    SharedSessions sessions = new SharedSessions(1);
    ExecutorService tasks = Executors.newFixedThreadPool(4);
    try {
      Callable<Float> task =
          () -> {
            try (Lease lease = sessions.lease(key("a"), this::load)) {
              return run(lease.session());
            }
          };
      for (Future<Float> answer : tasks.invokeAll(List.of(task, task, task, task, task, task))) {
        assertEquals(-3f, answer.get());
      }
    } finally {
      tasks.shutdown();
    }
    assertEquals(1, loaded.size());
  }

  @Test
  void unusedOnesAreClosedButThoseUsedLast() {
    SharedSessions sessions = new SharedSessions(1);
    Lease a = sessions.lease(key("a"), this::load);
    Lease b = sessions.lease(key("b"), this::load);
    Lease again = sessions.lease(key("a"), this::load);
    assertSame(a.session(), again.session());
    a.close();
    a.close();
    assertEquals(-3f, run(again.session()), "one use is over, the other is not");
    b.close();
    assertEquals(-3f, run(b.session()), "it is kept");
    again.close();
    assertThrows(IllegalStateException.class, () -> run(b.session()));
    try (Lease later = sessions.lease(key("a"), this::load)) {
      assertSame(a.session(), later.session());
    }
    try (Lease other = sessions.lease(key("b"), this::load)) {
      assertNotSame(b.session(), other.session());
    }
    assertEquals(List.of(key("a"), key("b"), key("b")), loaded);
  }

  @Test
  void aModelThatDoesNotLoadIsTriedAgain() {
    SharedSessions sessions = new SharedSessions(1);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            sessions.lease(
                key("a"),
                key -> {
                  throw new IllegalArgumentException("no memory");
                }));
    try (Lease lease = sessions.lease(key("a"), this::load)) {
      assertEquals(-3f, run(lease.session()));
    }
  }

  @Test
  void aModelThatDoesNotLoadPushesNoneOut() {
    SharedSessions sessions = new SharedSessions(1);
    Lease good = sessions.lease(key("a"), this::load);
    good.close();
    for (int i = 0; i < 3; i++) {
      String bad = "bad" + i;
      assertThrows(
          IllegalArgumentException.class,
          () ->
              sessions.lease(
                  key(bad),
                  key -> {
                    throw new IllegalArgumentException("no memory");
                  }));
    }
    try (Lease again = sessions.lease(key("a"), this::load)) {
      assertSame(good.session(), again.session());
    }
  }
}
