package dev.sardonyx.samples.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.batch.BatchOptions;
import dev.sardonyx.runtime.batch.BatchingPredictor;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.ModelRunException;
import dev.sardonyx.runtime.session.RunOptions;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.samples.ClassNames;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A model that a server runs for its clients. */
final class HostedModel implements AutoCloseable {
  /** The version that every model has. */
  static final String VERSION = "1";

  private final String name;
  private final InferenceSession session;
  private final @Nullable BatchingPredictor predictor;
  private final List<String> classes;

  private HostedModel(
      String name, InferenceSession session, @Nullable BatchingPredictor predictor) {
    this.name = name;
    this.session = session;
    this.predictor = predictor;
    this.classes = ClassNames.of(session.description().properties());
  }

  /**
   * Loads a model.
   *
   * @param batchSize how many rows are computed at once; 0 to compute each request alone
   * @throws UnsupportedModelException if it takes or gives what the protocol has no datatype for
   * @throws IllegalArgumentException if requests cannot be put together
   */
  static HostedModel of(
      String name, ModelSource source, SessionOptions options, int batchSize, ServerMetrics metrics)
      throws IOException {
    try {
      return loaded(name, source, options, batchSize, metrics);
    } catch (UnsupportedModelException e) {
      throw new UnsupportedModelException(titled(source.title(), e), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(titled(source.title(), e), e);
    }
  }

  /** There may be several models, and a message need not name the one it is about. */
  private static String titled(String title, RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains(title) ? message : title + ": " + message;
  }

  private static HostedModel loaded(
      String name, ModelSource source, SessionOptions options, int batchSize, ServerMetrics metrics)
      throws IOException {
    InferenceSession session = source.loading().session(options);
    String title = source.title();
    try {
      session.inputs().forEach(input -> requireDatatype(title, input.name(), input.type()));
      session.outputs().forEach(output -> requireDatatype(title, output.name(), output.type()));
      if (batchSize == 0) {
        return new HostedModel(name, session, null);
      }
      BatchingPredictor predictor =
          BatchingPredictor.of(
              session,
              BatchOptions.of(batchAxis(title, session), batchSize).withDelay(Duration.ZERO));
      predictor.listen((requests, rows, waited, computed) -> metrics.batch(name, requests, rows));
      return new HostedModel(name, session, predictor);
    } catch (RuntimeException | Error e) {
      try (session) {
        throw e;
      }
    }
  }

  private static void requireDatatype(String title, String name, ValueType type) {
    if (!(type instanceof TensorType tensor) || Datatype.of(tensor.elementType()).isEmpty()) {
      throw new UnsupportedModelException(
          "%s: '%s' is of type %s, for which the protocol has no datatype"
              .formatted(title, name, type));
    }
  }

  private static String batchAxis(String title, InferenceSession session) {
    Shape shape =
        session.inputs().isEmpty()
            ? Shape.UNKNOWN
            : ((TensorType) session.inputs().get(0).type()).shape();
    if (shape.isRanked() && shape.rank() > 0 && shape.dim(0) instanceof Dim.Symbol symbol) {
      return symbol.name();
    }
    throw new IllegalArgumentException(
        title + ": its first input has no symbolic first dimension to put requests together along");
  }

  String name() {
    return name;
  }

  /** The names of the classes that the model's metadata tells; none if there are none. */
  List<String> classes() {
    return classes;
  }

  /**
   * Computes outputs.
   *
   * @throws RequestFailure if the inputs are not those of the model, or the run fails
   */
  Outputs run(Map<String, Tensor> inputs, Duration timeout)
      throws RequestFailure, InterruptedException {
    try {
      return predictor == null
          ? session.run(inputs, RunOptions.DEFAULT.withTimeout(timeout))
          : batched(predictor, inputs, timeout);
    } catch (IllegalArgumentException e) {
      throw new RequestFailure(400, String.valueOf(e.getMessage()));
    } catch (RejectedExecutionException e) {
      throw RequestFailure.unavailable(String.valueOf(e.getMessage()));
    } catch (ModelRunException e) {
      boolean isLate = e.reason() == ModelRunException.Reason.TIMED_OUT;
      throw new RequestFailure(isLate ? 504 : 500, String.valueOf(e.getMessage()));
    } catch (IllegalStateException e) {
      throw RequestFailure.unavailable("the server is shutting down");
    }
  }

  private static Outputs batched(
      BatchingPredictor predictor, Map<String, Tensor> inputs, Duration timeout)
      throws RequestFailure, InterruptedException {
    try {
      return predictor.submit(inputs).orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TimeoutException) {
        throw new RequestFailure(504, "the request was not computed within " + timeout);
      }
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new RequestFailure(500, String.valueOf(e.getCause()));
    }
  }

  /** Makes sure that all outputs wanted are there. */
  void requireOutputs(InferRequest request) throws RequestFailure {
    for (InferRequest.Wanted wanted : request.outputs()) {
      if (session.outputs().stream().noneMatch(output -> output.name().equals(wanted.name()))) {
        throw RequestFailure.badRequest(
            "the model has no output '%s'; it gives %s"
                .formatted(
                    wanted.name(),
                    String.join(
                        ", ", session.outputs().stream().map(output -> output.name()).toList())));
      }
    }
  }

  /** The protocol's model metadata, and as parameters what the model says of its classes. */
  JsonObject metadata() {
    JsonObject metadata = new JsonObject();
    metadata.addProperty("name", name);
    JsonArray versions = new JsonArray();
    versions.add(VERSION);
    metadata.add("versions", versions);
    metadata.addProperty("platform", "onnxruntime_onnx");
    JsonArray inputs = new JsonArray();
    session.inputs().forEach(input -> inputs.add(tensor(input.name(), input.type())));
    metadata.add("inputs", inputs);
    JsonArray outputs = new JsonArray();
    session.outputs().forEach(output -> outputs.add(tensor(output.name(), output.type())));
    metadata.add("outputs", outputs);
    if (!classes.isEmpty()) {
      JsonArray names = new JsonArray();
      classes.forEach(names::add);
      JsonObject parameters = new JsonObject();
      parameters.add(ClassNames.KEY, names);
      metadata.add("parameters", parameters);
    }
    return metadata;
  }

  /** Dimensions that are not fixed are -1, as is a shape of which nothing is known. */
  private static JsonObject tensor(String name, ValueType type) {
    TensorType tensor = (TensorType) type;
    JsonArray shape = new JsonArray();
    if (tensor.shape().isRanked()) {
      for (Dim dim : tensor.shape().dims()) {
        shape.add(dim instanceof Dim.Fixed fixed ? fixed.size() : -1);
      }
    } else {
      shape.add(-1);
    }
    JsonObject json = new JsonObject();
    json.addProperty("name", name);
    json.addProperty("datatype", datatype(tensor.elementType()).name());
    json.add("shape", shape);
    return json;
  }

  private static Datatype datatype(ElementType type) {
    return Datatype.of(type).orElseThrow();
  }

  /** Ends the runs under way. */
  @Override
  public void close() {
    try (session) {
      if (predictor != null) {
        predictor.abort();
        predictor.close();
      }
    }
  }
}
