package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.ModelInputs;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A model in ONNX Runtime. Any number of threads may run it; {@link #close} waits for them. Native
 * memory is freed by {@code close}, or when the model is garbage.
 */
final class OrtModel implements PreparedModel {
  private static final Cleaner CLEANER = Cleaner.create();

  private final String name;
  private final ModelInputs inputs;
  private final InputSizes needed;
  private final OrtPrograms programs;

  /** With a guard wherever one may be needed, for runs whose inputs do not rule that out. */
  private final OrtPrograms guarded;

  private final Cleaner.Cleanable cleanable;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private OrtModel(Graph graph, InputSizes needed, OrtPrograms programs, OrtPrograms guarded) {
    this.name = graph.name();
    this.inputs = ModelInputs.of(graph);
    this.needed = needed;
    this.programs = programs;
    this.guarded = guarded;
    this.cleanable =
        CLEANER.register(
            this,
            () -> {
              programs.close();
              guarded.close();
            });
  }

  static OrtModel prepare(OrtBackend backend, Model given, Options options) {
    NativeFaults faults = Handover.of(given, backend.checked(), options.limits());
    Model model = faults.model();
    Graph graph = model.graph();
    InputSizes needed = faults.needed();
    OrtPrograms programs = OrtPrograms.of(backend, model, options);
    programs.prepare(Form.typical(graph));
    OrtPrograms guarded =
        needed.isEmpty() ? programs : OrtPrograms.of(backend, faults.guarded(), options);
    return new OrtModel(graph, needed, programs, guarded);
  }

  @Override
  public Outputs run(Map<String, ? extends Datum> given) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("The model '" + name + "' has been closed");
      }
      inputs.require(given);
      OrtPrograms fit = needed.arePositive(given) ? programs : guarded;
      return Outputs.of(fit.run(forms(given), given));
    } finally {
      lock.readLock().unlock();
      Reference.reachabilityFence(this);
    }
  }

  private Map<String, Form> forms(Map<String, ? extends Datum> given) {
    Map<String, Form> forms = new LinkedHashMap<>();
    given.forEach(
        (key, datum) -> {
          Input input = inputs.byName().get(key);
          if (input != null) {
            forms.put(key, Form.of(input.type(), datum));
          }
        });
    return forms;
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      closed = true;
      cleanable.clean();
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public String toString() {
    return "OrtModel '" + name + "'";
  }
}
