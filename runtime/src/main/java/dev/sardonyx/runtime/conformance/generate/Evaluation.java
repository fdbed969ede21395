package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Makes cases of drafts that are valid, by the reference evaluator, which is given little time. */
final class Evaluation implements AutoCloseable {
  private static final long MOST_ELEMENTS = 1 << 14;
  private static final int SECONDS = 5;

  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "generate");
            thread.setDaemon(true);
            return thread;
          });

  /** The case, or nothing if the draft is not valid, too large, or has no outputs. */
  Optional<GeneratedCase> of(CaseDraft draft, String name) {
    try {
      Model model = draft.model(name);
      if (!isSmall(model) || !Checker.check(model).isValid()) {
        return Optional.empty();
      }
      Map<String, Datum> inputs = new LinkedHashMap<>();
      draft.names().forEach(input -> inputs.put(input, draft.inputs().get(input)));
      Map<String, Datum> outputs = evaluated(model, inputs);
      return outputs.isEmpty()
          ? Optional.empty()
          : Optional.of(new GeneratedCase(name, model, inputs, outputs));
    } catch (RuntimeException e) {
      // No draft needs to be one that the operator takes.
      return Optional.empty();
    }
  }

  private static boolean isSmall(Model model) {
    for (Output output : model.graph().outputs()) {
      if (output.type() instanceof TensorType tensor && tensor.shape().isRanked()) {
        double size = 1;
        for (Dim dim : tensor.shape().dims()) {
          size *= dim.isFixed() ? dim.value() : 1;
        }
        if (size > MOST_ELEMENTS) {
          return false;
        }
      }
    }
    return true;
  }

  private Map<String, Datum> evaluated(Model model, Map<String, Datum> inputs) {
    Options options = Options.DEFAULT.withThreads(1).withLimits(Limits.standard());
    Future<Map<String, Datum>> run =
        worker.submit(
            () -> {
              try (PreparedModel prepared = new ReferenceBackend().prepare(model, options)) {
                return new LinkedHashMap<>(prepared.run(inputs));
              }
            });
    try {
      return run.get(SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      run.cancel(true);
      return Map.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Map.of();
    }
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }
}
