package dev.sardonyx.ir.eval.program;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.ModelInputs;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.kernel.AllocationLimit;
import dev.sardonyx.ir.eval.kernel.Parallel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model ready to be evaluated; checks what it is given against what the graph declares. */
public final class Prepared implements PreparedModel {
  private final Graph graph;
  private final Program program;
  private final Nesting nesting;
  private final Options options;
  private final Parallel parallel;
  private final ModelInputs takes;
  private volatile boolean closed;

  public Prepared(Graph graph, Program program, Nesting nesting, Options options) {
    this.graph = graph;
    this.program = program;
    this.nesting = nesting;
    this.options = options;
    this.parallel = Parallel.of(options.threads());
    this.takes = ModelInputs.of(graph);
  }

  @Override
  public Outputs run(Map<String, ? extends Datum> inputs) {
    if (closed) {
      throw new IllegalStateException("The prepared model " + graph.name() + " is closed");
    }
    takes.require(inputs);
    List<@Nullable Datum> actuals = new ArrayList<>();
    for (Input input : graph.inputs()) {
      actuals.add(wrapped(input.type(), inputs.get(input.name())));
    }
    List<Datum> results =
        nesting.run(
            () ->
                AllocationLimit.within(
                    options.limits(), () -> program.run(actuals, null, parallel)));
    Map<String, Datum> named = new LinkedHashMap<>();
    for (int i = 0; i < results.size(); i++) {
      named.put(program.outputs().get(i), results.get(i));
    }
    return Outputs.of(named);
  }

  /** A value for an optional input may be given as it is. */
  private static @Nullable Datum wrapped(ValueType declared, @Nullable Datum given) {
    return declared instanceof OptionalType optional
            && given != null
            && !(given instanceof OptionalDatum)
        ? new OptionalDatum(optional.element(), given)
        : given;
  }

  /** Runs that have begun still finish. */
  @Override
  public void close() {
    closed = true;
  }
}
