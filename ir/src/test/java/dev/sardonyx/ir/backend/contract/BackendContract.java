package dev.sardonyx.ir.backend.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.BorrowedOutputs;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * What every backend keeps to. A backend's test extends this class and says which backend it is;
 * the models are of operators that any backend should have: Gemm, Relu and Softmax of floats.
 *
 * <pre>{@code
 * class MyBackendContractTest extends BackendContract {
 *   @Override
 *   protected Backend backend() {
 *     return new MyBackend();
 *   }
 * }
 * }</pre>
 */
public abstract class BackendContract {
  private static final Tensor ROW = Tensor.ofFloats(new float[] {1, -1}, 1, 2);
  private static final Tensor ROWS = Tensor.ofFloats(new float[] {1, -1, 0, 3}, 2, 2);

  /** For the test of a backend. */
  protected BackendContract() {}

  /** The backend to test. */
  protected abstract Backend backend();

  /** {@code hidden = relu(x · [[1,2],[3,5]] + [1,4])} and its softmax, for rows of two floats. */
  private static Model model() {
    GraphBuilder b = GraphBuilder.of("contract");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,2")));
    Value w = b.constant("w", Tensor.ofFloats(new float[] {1, 2, 3, 5}, 2, 2));
    Value bias = b.constant("bias", Tensor.ofFloats(new float[] {1, 4}, 2));
    Value hidden = b.relu(b.gemm(x, w, bias));
    b.output(b.softmax(hidden, 1), "probabilities");
    b.output(hidden, "hidden");
    return b.buildModel();
  }

  private static float[] hidden(Map<String, Datum> results) {
    return ((Tensor) results.get("hidden")).toFloats();
  }

  @Test
  void hasAName() {
    assertFalse(backend().name().isBlank());
  }

  @Test
  void givesTheOutputsInTheirOrder() {
    try (PreparedModel prepared = backend().prepare(model())) {
      Outputs results = prepared.run(Map.of("x", ROWS));
      assertEquals(List.of("probabilities", "hidden"), List.copyOf(results.keySet()));
      // Rows of x · w + bias: [1-3+1, 2-5+4] and [9+1, 15+4].
      assertArrayEquals(new float[] {0, 1, 10, 19}, hidden(results), 1e-4f);
      assertArrayEquals(
          new float[] {0.2689414f, 0.7310586f, 1.2339e-4f, 0.9998766f},
          results.tensor("probabilities").toFloats(),
          1e-5f);
      assertEquals(
          TensorType.of(ElementType.FLOAT, Shape.of(2, 2)), results.tensor("hidden").type());
    }
  }

  @Test
  void takesAnySizeForASymbolicDimension() {
    try (PreparedModel prepared = backend().prepare(model())) {
      assertArrayEquals(new float[] {0, 1}, hidden(prepared.run(Map.of("x", ROW))), 1e-4f);
      assertArrayEquals(new float[] {0, 1, 10, 19}, hidden(prepared.run(Map.of("x", ROWS))), 1e-4f);
      assertArrayEquals(new float[] {0, 1}, hidden(prepared.run(Map.of("x", ROW))), 1e-4f);
    }
  }

  @Test
  void givesTheValuesThatAreAskedForInTheOrderAskedFor() {
    Backend backend = backend();
    Model model = model();
    List<String> observable = new ArrayList<>(backend.observableValues(model));
    assertTrue(observable.containsAll(List.of("probabilities", "hidden")), observable::toString);
    Collections.reverse(observable);
    try (PreparedModel prepared = backend.prepare(model, Options.DEFAULT.withOutputs(observable))) {
      Outputs results = prepared.run(Map.of("x", ROWS));
      assertEquals(observable, List.copyOf(results.keySet()));
      assertArrayEquals(new float[] {0, 1, 10, 19}, hidden(results), 1e-4f);
    }
  }

  @Test
  void refusesAValueThatIsNotThere() {
    RuntimeException e =
        assertThrows(
            RuntimeException.class,
            () ->
                backend()
                    .prepare(model(), Options.DEFAULT.withOutputs(List.of("nowhere")))
                    .close());
    assertTrue(
        e instanceof IllegalArgumentException || e instanceof UnsupportedModelException,
        e::toString);
    assertTrue(String.valueOf(e.getMessage()).contains("nowhere"), e::toString);
  }

  @Test
  void leavesInputsAndEarlierResultsAlone() {
    try (PreparedModel prepared = backend().prepare(model())) {
      Tensor given = Tensor.ofFloats(new float[] {1, -1, 0, 3}, 2, 2);
      Outputs first = prepared.run(Map.of("x", given));
      float[] before = hidden(first);
      prepared.run(Map.of("x", Tensor.ofFloats(new float[] {7, 7, 7, 7}, 2, 2)));
      assertArrayEquals(ROWS.toFloats(), given.toFloats());
      assertArrayEquals(before, hidden(first));
      prepared.close();
      assertArrayEquals(before, hidden(first));
    }
  }

  /** Until they are given back, whatever is run, given back or closed meanwhile. */
  @Test
  void lendsOutputsThatStayAsTheyAre() {
    Tensor others = Tensor.ofFloats(new float[] {7, 7, 7, 7, 7, 7, 7, 7}, 4, 2);
    try (PreparedModel prepared = backend().prepare(model())) {
      BorrowedOutputs first = prepared.borrow(Map.of("x", ROWS));
      Outputs copied = prepared.run(Map.of("x", ROWS));
      prepared.borrow(Map.of("x", others)).close();
      BorrowedOutputs second = prepared.borrow(Map.of("x", ROW));
      List<BorrowedOutputs> more = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        more.add(prepared.borrow(Map.of("x", others)));
      }
      assertEquals(copied, first.outputs());
      assertEquals(List.copyOf(copied.keySet()), List.copyOf(first.outputs().keySet()));
      more.forEach(BorrowedOutputs::close);
      prepared.run(Map.of("x", others));
      prepared.close();
      assertArrayEquals(new float[] {0, 1, 10, 19}, hidden(first.outputs()), 1e-4f);
      assertArrayEquals(new float[] {0, 1}, hidden(second.outputs()), 1e-4f);
      first.close();
      first.close();
      CompletableFuture.runAsync(second::close).join();
      assertThrows(IllegalStateException.class, first::outputs);
      assertThrows(IllegalStateException.class, () -> prepared.borrow(Map.of("x", ROW)));
    }
  }

  @Test
  void refusesInputsOfBorrowedOutputsAsWell() {
    try (PreparedModel prepared = backend().prepare(model())) {
      assertThrows(IllegalArgumentException.class, () -> prepared.borrow(Map.of()));
      try (BorrowedOutputs borrowed = prepared.borrow(Map.of("x", ROW))) {
        assertArrayEquals(new float[] {0, 1}, hidden(borrowed.outputs()), 1e-4f);
      }
    }
  }

  @Test
  void runsInAnotherThreadThanItWasPreparedIn() {
    try (PreparedModel prepared = backend().prepare(model())) {
      Outputs results = CompletableFuture.supplyAsync(() -> prepared.run(Map.of("x", ROWS))).join();
      assertArrayEquals(new float[] {0, 1, 10, 19}, hidden(results), 1e-4f);
    }
  }

  @Test
  void refusesMissingAndUnknownInputs() {
    Map<String, Datum> withNull = new HashMap<>();
    withNull.put("x", null);
    try (PreparedModel prepared = backend().prepare(model())) {
      assertRefused(prepared, Map.of(), "x", "float[N,2]");
      assertRefused(prepared, withNull, "x", "float[N,2]");
      assertRefused(prepared, Map.of("x", ROW, "z", ROW), "z", "float[N,2]");
      assertArrayEquals(new float[] {0, 1}, hidden(prepared.run(Map.of("x", ROW))), 1e-4f);
    }
  }

  @Test
  void refusesInputsOfAnotherTypeNamingBoth() {
    List<Datum> wrong =
        List.of(
            Tensor.ofDoubles(new double[2], 1, 2),
            Tensor.ofLongs(new long[2], 1, 2),
            Tensor.ofFloats(new float[2], 2),
            Tensor.ofFloats(new float[2], 1, 1, 2),
            Tensor.ofFloats(new float[3], 1, 3),
            new SequenceDatum(ROW.type(), List.of(ROW)));
    try (PreparedModel prepared = backend().prepare(model())) {
      for (Datum datum : wrong) {
        assertRefused(prepared, Map.of("x", datum), "x", "float[N,2]", datum.type().toString());
      }
    }
  }

  private static void assertRefused(
      PreparedModel prepared, Map<String, Datum> inputs, String... parts) {
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> prepared.run(inputs)).getMessage());
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "'" + part + "' is not in: " + message);
    }
  }

  @Test
  void isClosedForGoodAndTwiceWithoutHarm() {
    PreparedModel prepared = backend().prepare(model());
    prepared.close();
    prepared.close();
    assertThrows(IllegalStateException.class, () -> prepared.run(Map.of("x", ROW)));
  }

  @Test
  void refusesAnOperatorThatItDoesNotHaveByName() {
    GraphBuilder b = GraphBuilder.of("unknown").importDomain("com.example.nowhere", 1);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,2")));
    Value y = b.node("com.example.nowhere.Mystery", x);
    b.output(b.declare(y, x.type()), "y");
    Model model = b.buildModel();
    Backend backend = backend();
    // A backend need not find out before it prepares the model.
    String reason = backend.whyUnsupported(model).orElse("Mystery");
    assertTrue(reason.contains("Mystery"), reason);
    String message =
        String.valueOf(
            assertThrows(UnsupportedModelException.class, () -> backend.prepare(model).close())
                .getMessage());
    assertTrue(message.contains("Mystery"), message);
    assertTrue(backend.supports(model()));
    assertTrue(backend.whyUnsupported(model()).isEmpty());
  }
}
