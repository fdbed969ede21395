package dev.sardonyx.ir.eval;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.kernel.Allowance;
import dev.sardonyx.ir.eval.kernel.Parallel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A model ready to be evaluated; checks what it is given against what the graph declares. */
final class Prepared implements PreparedModel {
  private final Graph graph;
  private final Program program;
  private final Nesting nesting;
  private final Options options;
  private final Parallel parallel;
  private final Set<String> names;
  private int running;
  private boolean closed;

  Prepared(Graph graph, Program program, Nesting nesting, Options options) {
    this.graph = graph;
    this.program = program;
    this.nesting = nesting;
    this.options = options;
    this.parallel = Parallel.of(options.threads());
    this.names = graph.inputs().stream().map(Input::name).collect(Collectors.toSet());
  }

  @Override
  public Outputs run(Map<String, ? extends Datum> inputs) {
    begin();
    try {
      return checkedRun(inputs);
    } finally {
      end();
    }
  }

  private synchronized void begin() {
    if (closed) {
      throw new IllegalStateException("The prepared model " + graph.name() + " is closed");
    }
    running++;
  }

  /** The last run takes the threads with it if the model was closed meanwhile. */
  private synchronized void end() {
    running--;
    if (closed && running == 0) {
      parallel.close();
    }
  }

  private Outputs checkedRun(Map<String, ? extends Datum> inputs) {
    for (String given : inputs.keySet()) {
      if (!names.contains(given)) {
        throw new IllegalArgumentException(
            "Graph "
                + graph.name()
                + " has no input "
                + given
                + "; its inputs are "
                + graph.inputs().stream().map(Input::name).toList());
      }
    }
    List<@Nullable Datum> actuals = new ArrayList<>();
    for (Input input : graph.inputs()) {
      actuals.add(checked(input, inputs.get(input.name())));
    }
    List<Datum> results =
        nesting.run(
            () -> Allowance.within(options.limits(), () -> program.run(actuals, null, parallel)));
    Map<String, Datum> named = new LinkedHashMap<>();
    for (int i = 0; i < results.size(); i++) {
      named.put(program.outputs().get(i), results.get(i));
    }
    return Outputs.of(named);
  }

  private @Nullable Datum checked(Input input, @Nullable Datum given) {
    if (given == null) {
      if (program.constants().containsKey(input.name())) {
        return null;
      }
      throw new IllegalArgumentException(
          "Input "
              + input.name()
              + " ("
              + input.type()
              + ") of graph "
              + graph.name()
              + " is missing");
    }
    Datum actual =
        input.type() instanceof OptionalType optional && !(given instanceof OptionalDatum)
            ? new OptionalDatum(optional.element(), given)
            : given;
    if (!accepts(input.type(), actual.type())) {
      throw new IllegalArgumentException(
          "Input "
              + input.name()
              + " of graph "
              + graph.name()
              + " takes "
              + input.type()
              + ", not "
              + given.type());
    }
    return actual;
  }

  private static boolean accepts(ValueType declared, ValueType actual) {
    if (!declared.isKnown() || !actual.isKnown()) {
      return true;
    }
    if (declared instanceof TensorType d && actual instanceof TensorType a) {
      return accepts(d.elementType(), d.shape(), a.elementType(), a.shape());
    }
    if (declared instanceof SparseTensorType d && actual instanceof SparseTensorType a) {
      return accepts(d.elementType(), d.shape(), a.elementType(), a.shape());
    }
    if (declared instanceof SequenceType d && actual instanceof SequenceType a) {
      return accepts(d.element(), a.element());
    }
    if (declared instanceof OptionalType d && actual instanceof OptionalType a) {
      return accepts(d.element(), a.element());
    }
    return declared instanceof MapType d
        && actual instanceof MapType a
        && d.key() == a.key()
        && accepts(d.value(), a.value());
  }

  private static boolean accepts(
      ElementType declared, Shape declaredShape, ElementType actual, Shape actualShape) {
    return (declared == actual
            || declared == ElementType.UNDEFINED
            || actual == ElementType.UNDEFINED)
        && declaredShape.isCompatibleWith(actualShape);
  }

  /** Runs that have begun still finish. */
  @Override
  public synchronized void close() {
    closed = true;
    if (running == 0) {
      parallel.close();
    }
  }
}
