package dev.sardonyx.runtime.isolated;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.ModelInputs;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import java.util.Map;

/** A model that is prepared in another process, and again in the next one if that ends. */
final class IsolatedModel implements PreparedModel {
  private final IsolatedBackend backend;
  private final String name;
  private final byte[] model;
  private final Options options;
  private final ModelInputs inputs;
  private int generation;
  private int number;
  private boolean closed;

  IsolatedModel(IsolatedBackend backend, Model model, Options options) {
    this.backend = backend;
    this.name = model.graph().name();
    this.model = OnnxWriter.toBytes(model);
    this.options = options;
    this.inputs = ModelInputs.of(model.graph());
  }

  /** Prepares it in the current process, unless that has been done; the caller holds the lock. */
  void prepare() {
    int now = backend.generation();
    if (generation == now) {
      return;
    }
    int next = backend.nextNumber();
    backend.ask(
        name,
        out -> {
          out.writeByte(Message.PREPARE.number());
          out.writeInt(next);
          DatumCodec.writeBytes(out, model);
          DatumCodec.writeTexts(out, options.outputs());
          out.writeInt(options.threads());
        },
        in -> "");
    number = next;
    generation = now;
  }

  @Override
  public Outputs run(Map<String, ? extends Datum> given) {
    backend.lock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("The model '" + name + "' has been closed");
      }
      inputs.require(given);
      prepare();
      return Outputs.of(
          backend.ask(
              name,
              out -> {
                out.writeByte(Message.RUN.number());
                out.writeInt(number);
                DatumCodec.writeAll(out, given);
              },
              DatumCodec::readAll));
    } finally {
      backend.lock().unlock();
    }
  }

  @Override
  public void close() {
    backend.lock().lock();
    try {
      boolean open = !closed && backend.isRunning(generation);
      closed = true;
      if (open) {
        backend.ask(
            name,
            out -> {
              out.writeByte(Message.CLOSE.number());
              out.writeInt(number);
            },
            in -> "");
      }
    } catch (IllegalStateException e) {
      if (!backend.isClosed()) {
        throw e;
      }
    } finally {
      backend.lock().unlock();
    }
  }
}
