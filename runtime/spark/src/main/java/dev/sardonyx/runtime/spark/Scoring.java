package dev.sardonyx.runtime.spark;

import dev.sardonyx.runtime.image.Preprocessing;
import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.runtime.session.Threads;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;

/**
 * How rows are scored, as it is sent to executors.
 *
 * @param model its files
 * @param axis the symbol of the rows; empty for the first dimension of the first input
 * @param inputs which column each input is
 * @param outputs which output each column is
 * @param threads of the session; 0 for as many as a task has processors
 * @param preprocessing of images, see {@link PreprocessingJson}; null for none
 */
record Scoring(
    Broadcast<SentModel> model,
    String axis,
    List<InputBinding> inputs,
    List<OutputBinding> outputs,
    RowPadding padding,
    int batchSize,
    boolean failing,
    String accelerator,
    int threads,
    @Nullable String preprocessing)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  Scoring {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** Which column an input is. */
  record InputBinding(String input, String column) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** Which column an output becomes. */
  record OutputBinding(String output, String column, OutputForm form) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** The process's session of the model, for one user of it. */
  SharedSessions.Lease lease() {
    TaskContext task = TaskContext.get();
    int processors = threads > 0 ? threads : task == null ? 1 : task.cpus();
    return SharedSessions.OF_PROCESS.lease(
        new SharedSessions.Key(model.value().name(), accelerator, processors), this::load);
  }

  private InferenceSession load(SharedSessions.Key key) {
    SessionOptions options =
        SessionOptions.of(Accelerator.of(key.accelerator())).withThreads(Threads.of(key.threads()));
    Path file = ModelFiles.onExecutor(model);
    try {
      return InferenceSession.of(file, options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the rows lie in the model's inputs and outputs. */
  RowBatch batch(RowLayout layout) {
    Preprocessing images = preprocessing == null ? null : PreprocessingJson.read(preprocessing);
    List<InputColumn> in = new ArrayList<>();
    for (InputBinding input : inputs) {
      in.add(new InputColumn(input.column(), value(layout.inputs().get(input.input())), images));
    }
    List<OutputColumn> out = new ArrayList<>();
    for (OutputBinding output : outputs) {
      out.add(
          new OutputColumn(
              output.column(), value(layout.outputs().get(output.output())), output.form()));
    }
    return new RowBatch(layout, in, out, padding);
  }

  private static RowLayout.RowValue value(RowLayout.@Nullable RowValue found) {
    if (found == null) {
      throw new IllegalStateException("The model on the executor is another than the driver's");
    }
    return found;
  }
}
