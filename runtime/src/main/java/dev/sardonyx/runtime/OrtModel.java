package dev.sardonyx.runtime;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;

/**
 * A model in ONNX Runtime. Any number of threads may run it; {@link #close} waits for them. Native
 * memory is freed by {@code close}, or when the model is garbage.
 */
final class OrtModel implements PreparedModel {
  private static final Cleaner CLEANER = Cleaner.create();

  private final String name;
  private final Map<String, Input> inputs;
  private final InputCheck check;
  private final OrtPrograms programs;
  private final Cleaner.Cleanable cleanable;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private OrtModel(Graph graph, InputCheck check, OrtPrograms programs) {
    this.name = graph.name();
    this.inputs = check.inputs();
    this.check = check;
    this.programs = programs;
    this.cleanable = CLEANER.register(this, programs::close);
  }

  static OrtModel prepare(OrtBackend backend, Model given, Options options) {
    Model model = Handover.of(given, backend.checked());
    Graph graph = model.graph();
    Map<String, Input> inputs = new LinkedHashMap<>();
    graph.inputs().forEach(input -> inputs.put(input.name(), input));
    Set<String> constants =
        graph.constants().stream().map(Constant::name).collect(Collectors.toSet());
    OrtPrograms programs = OrtPrograms.of(backend, model, options);
    programs.prepare(Form.typical(graph));
    InputCheck check = new InputCheck(Collections.unmodifiableMap(inputs), constants);
    return new OrtModel(graph, check, programs);
  }

  @Override
  public Outputs run(Map<String, ? extends Datum> given) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("The model '" + name + "' has been closed");
      }
      check.require(given);
      return Outputs.of(programs.run(forms(given), given));
    } finally {
      lock.readLock().unlock();
      Reference.reachabilityFence(this);
    }
  }

  private Map<String, Form> forms(Map<String, ? extends Datum> given) {
    Map<String, Form> forms = new LinkedHashMap<>();
    given.forEach(
        (key, datum) -> {
          Input input = inputs.get(key);
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
