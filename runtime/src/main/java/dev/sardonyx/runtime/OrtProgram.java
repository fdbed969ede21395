package dev.sardonyx.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.Options;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * One session with the bridge around its model, for any number of threads. The buffers of a run are
 * kept for the next one.
 */
final class OrtProgram implements AutoCloseable {
  private final Bridge bridge;
  private final OrtSession session;
  private final SessionOptions sessionOptions;
  private final Map<String, ValueType> outputTypes = new LinkedHashMap<>();
  private final BlockingQueue<Lane> idleLanes =
      new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());

  /** Off once a model has given an output another shape than it declares. */
  private volatile boolean shapesHold = true;

  private OrtProgram(Bridge bridge, OrtSession session, SessionOptions sessionOptions) {
    this.bridge = bridge;
    this.session = session;
    this.sessionOptions = sessionOptions;
    for (Output output : bridge.model().graph().outputs()) {
      outputTypes.put(output.name(), output.type());
    }
  }

  static OrtProgram compile(
      OrtBackend backend, Model model, Options options, Map<String, Form> forms) {
    Bridge bridge = Bridge.of(model, options.outputs(), forms);
    SessionOptions sessionOptions = Environments.newSessionOptions();
    try {
      backend.selection().accelerator().addTo(sessionOptions, backend.selection().device());
      sessionOptions.setOptimizationLevel(backend.optimization().level());
      if (options.threads() > 0) {
        sessionOptions.setIntraOpNumThreads(
            Math.min(options.threads(), Runtime.getRuntime().availableProcessors()));
      }
      OrtSession session = load(bridge.model(), sessionOptions);
      return new OrtProgram(bridge, session, sessionOptions);
    } catch (OrtException e) {
      sessionOptions.close();
      throw OrtFailure.onLoading(e);
    } catch (RuntimeException | Error e) {
      sessionOptions.close();
      throw e;
    }
  }

  /** Makes the session, with another locale of the same meaning where the model's is missing. */
  private static OrtSession load(Model model, SessionOptions options) throws OrtException {
    try {
      return SessionLoader.load(model, options);
    } catch (OrtException e) {
      if (OrtFailure.isLocale(e)) {
        for (String locale : TextLocales.UNICODE) {
          Optional<OrtSession> session = loadWithLocale(model, locale, options);
          if (session.isPresent()) {
            return session.get();
          }
        }
      }
      throw e;
    }
  }

  private static Optional<OrtSession> loadWithLocale(
      Model model, String locale, SessionOptions options) throws OrtException {
    Optional<Model> changed = TextLocales.withLocale(model, locale);
    if (changed.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(SessionLoader.load(changed.get(), options));
    } catch (OrtException e) {
      if (OrtFailure.isLocale(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Runs on inputs that have been checked and have the forms the program was made for. */
  Map<String, Datum> run(Map<String, ? extends Datum> inputs) {
    @Nullable Lane idle = idleLanes.poll();
    @Nullable Lane lane = null;
    try {
      lane = idle == null ? new Lane() : idle;
      Map<String, Datum> results = runIn(lane, inputs);
      lane.endRun();
      if (idleLanes.offer(lane)) {
        lane = null;
      }
      return results;
    } catch (OrtException e) {
      throw OrtFailure.onRunning(e);
    } finally {
      // A lane that failed may have been told to stop, which it would not forget.
      if (lane != null) {
        lane.close();
      }
    }
  }

  private Map<String, Datum> runIn(Lane lane, Map<String, ? extends Datum> inputs)
      throws OrtException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Input input : bridge.given()) {
      Datum datum = inputs.get(input.name());
      if (datum != null) {
        InputBridge.takeApart(input, datum, tensors::put);
      }
    }
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      feeds.put(entry.getKey(), lane.input(entry.getKey(), entry.getValue()));
    }
    Map<String, OnnxTensor> pinned = shapesHold ? pinned(lane, inputs) : Map.of();
    try {
      return run(lane, feeds, pinned);
    } catch (OrtException e) {
      if (pinned.isEmpty() || !OrtFailure.isOtherShape(e)) {
        throw e;
      }
      Map<String, Datum> results = run(lane, feeds, Map.of());
      shapesHold = false;
      return results;
    }
  }

  private Map<String, Datum> run(
      Lane lane, Map<String, OnnxTensor> feeds, Map<String, OnnxTensor> pinned)
      throws OrtException {
    Set<String> requested = new LinkedHashSet<>(outputTypes.keySet());
    requested.removeAll(pinned.keySet());
    try (OrtSession.Result result =
        NativeCalls.run(
            lane.options(), () -> session.run(feeds, requested, pinned, lane.options()))) {
      Map<String, Datum> read = new HashMap<>();
      for (String name : outputTypes.keySet()) {
        read.put(name, pinned.containsKey(name) ? lane.written(name) : read(result, name));
      }
      Map<String, Datum> values = new LinkedHashMap<>();
      for (Fetch fetch : bridge.fetches()) {
        values.put(fetch.name(), fetch.from(name -> known(read, name)));
      }
      return Collections.unmodifiableMap(values);
    }
  }

  private static Datum known(Map<String, Datum> read, String name) {
    Datum datum = read.get(name);
    if (datum == null) {
      throw new IllegalStateException("ONNX Runtime gave no output '" + name + "'");
    }
    return datum;
  }

  private Datum read(OrtSession.Result result, String name) throws OrtException {
    OnnxValue value =
        result
            .get(name)
            .orElseThrow(
                () -> new IllegalStateException("ONNX Runtime gave no output '" + name + "'"));
    return OrtValues.read(value, outputTypes.getOrDefault(name, ValueType.unknown()));
  }

  /** Buffers for those outputs whose dimensions follow from their types and the inputs given. */
  private Map<String, OnnxTensor> pinned(Lane lane, Map<String, ? extends Datum> inputs)
      throws OrtException {
    Map<String, Dim> symbols = InputSizes.symbols(bridge.given(), inputs);
    Map<String, OnnxTensor> pinned = new LinkedHashMap<>();
    for (Map.Entry<String, ValueType> output : outputTypes.entrySet()) {
      if (output.getValue() instanceof TensorType type
          && Carrier.isBuffer(type.elementType())
          && type.shape().isRanked()) {
        Shape shape = type.shape().map(dim -> dim.substitute(symbols));
        if (shape.isStatic() && fitsABuffer(type.withShape(shape))) {
          String name = output.getKey();
          pinned.put(name, lane.output(name, type.elementType(), shape.toLongs()));
        }
      }
    }
    return pinned;
  }

  private static boolean fitsABuffer(TensorType type) {
    Dim bytes = type.shape().size().times(type.elementType().bits() / 8);
    return bytes.isFixed() && bytes.value() <= Integer.MAX_VALUE;
  }

  @Override
  public void close() {
    for (Lane lane = idleLanes.poll(); lane != null; lane = idleLanes.poll()) {
      lane.close();
    }
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot close its session", e);
    } finally {
      sessionOptions.close();
    }
  }
}
