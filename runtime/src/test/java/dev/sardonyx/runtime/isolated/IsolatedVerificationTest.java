package dev.sardonyx.runtime.isolated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.FailureKind;
import dev.sardonyx.runtime.Models;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that ends while it is verified is a result with a kind, not the end of the caller. */
class IsolatedVerificationTest {
  private static final Map<String, Tensor> X = Map.of("x", Tensor.ofFloats(new float[3], 1, 3));

  /** The reference evaluator, which ends its process where the model's name says. */
  public static final class Crashing implements Supplier<Backend> {
    @Override
    public Backend get() {
      ReferenceBackend right = new ReferenceBackend();
      return new Backend() {
        @Override
        public String name() {
          return "crashing";
        }

        @Override
        public Optional<String> whyUnsupported(Model model) {
          return right.whyUnsupported(model);
        }

        @Override
        public PreparedModel prepare(Model model, Options options) {
          String when = model.graph().name();
          if (when.equals("preparing")) {
            Runtime.getRuntime().halt(9);
          }
          PreparedModel prepared = right.prepare(model, options);
          boolean crashes =
              when.equals("running")
                  || when.equals("deployed") && options.outputs().isEmpty()
                  || when.equals("exposed") && !options.outputs().isEmpty();
          return new PreparedModel() {
            @Override
            public Outputs run(Map<String, ? extends Datum> inputs) {
              if (crashes) {
                Runtime.getRuntime().halt(9);
              }
              return prepared.run(inputs);
            }

            @Override
            public void close() {
              prepared.close();
            }
          };
        }
      };
    }
  }

  private static Model named(String name) {
    Model model = Models.addRelu();
    return model.withGraph(model.graph().withName(name));
  }

  private static VerificationReport verify(IsolatedBackend backend, String name) {
    return Verifier.of(backend).against(new ReferenceBackend(), named(name), List.of(X, X, X));
  }

  /** Whichever of its sessions ends the process; the next verification has another process. */
  @ParameterizedTest
  @ValueSource(strings = {"preparing", "exposed", "deployed"})
  void aCrashIsToldWithTheModel(String when) {
    try (IsolatedBackend backend = IsolatedBackend.of(Crashing.class)) {
      IsolationException crash =
          assertThrows(IsolationException.class, () -> verify(backend, when));
      assertEquals(FailureKind.CRASH, FailureKind.of(crash));
      assertEquals("The process of model '" + when + "' ended with status 9", crash.getMessage());
      assertTrue(verify(backend, "sound").passed());
    }
  }

  /** A crash of the reference is told as well, and is not taken for the candidate's. */
  @Test
  void theReferenceMayCrashToo() {
    try (IsolatedBackend backend = IsolatedBackend.of(Crashing.class)) {
      IsolationException crash =
          assertThrows(
              IsolationException.class,
              () ->
                  Verifier.of(new ReferenceBackend())
                      .against(backend, named("running"), List.of(X)));
      assertEquals(IsolationException.Kind.CRASH, crash.kind());
    }
  }

  /** The verifier prepares three models at once, here all of the same pool. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void bothSidesMayShareAPoolOfAnySize(int size) {
    try (IsolatedPool pool = new IsolatedPool(size, () -> IsolatedBackend.of(Crashing.class))) {
      VerificationReport report = Verifier.of(pool).against(pool, named("sound"), List.of(X, X, X));
      assertTrue(report.passed(), report.table());
      assertEquals(3, report.batches());
    }
  }

  /** What shares a process with a model that ends it is prepared again in the next one. */
  @Test
  void aModelOutlivesTheCrashOfItsNeighbour() {
    try (IsolatedPool pool = new IsolatedPool(1, () -> IsolatedBackend.of(Crashing.class));
        PreparedModel sound = pool.prepare(named("sound"), Options.DEFAULT);
        PreparedModel crashing = pool.prepare(named("running"), Options.DEFAULT)) {
      Map<String, Datum> before = sound.run(X);
      assertThrows(IsolationException.class, () -> crashing.run(X));
      assertEquals(before, sound.run(X));
    }
  }

  @Test
  void aPoolHasAProcess() {
    assertThrows(
        IllegalArgumentException.class, () -> new IsolatedPool(0, IsolatedBackend::onnxRuntime));
  }
}
