package dev.sardonyx.runtime.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
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
 * One ONNX Runtime session of a bridged model, see {@link Bridge}, for any number of threads. The
 * buffers of a run are kept for the next one.
 */
final class OrtProgram implements AutoCloseable {
  private final Signature signature;
  private final OrtSession session;
  private final OrtSession.SessionOptions sessionOptions;
  private final BlockingQueue<Lane> idleLanes =
      new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());

  /** False once the model has given an output a shape other than the declared one. */
  private volatile boolean shapesHold = true;

  private OrtProgram(
      Signature signature, OrtSession session, OrtSession.SessionOptions sessionOptions) {
    this.signature = signature;
    this.session = session;
    this.sessionOptions = sessionOptions;
  }

  /** A model with the bridge that its inputs' forms need. */
  static OrtProgram compile(Model model, SessionOptions options, Map<String, Form> forms) {
    Bridge bridge = Bridge.of(model, options.outputs(), forms);
    try {
      return load(bridge.model(), options, bridge.signature());
    } catch (OrtException e) {
      throw OrtFailure.onLoading(e);
    }
  }

  /** A program whose model is read only by ONNX Runtime, not by Sardonyx. */
  static OrtProgram unread(SessionOptions options, Loader loader) {
    try {
      return make(options, loader, Signature::of);
    } catch (OrtException e) {
      throw OrtFailure.onLoading(e);
    }
  }

  /** Makes a session with options. */
  interface Loader {
    OrtSession load(OrtSession.SessionOptions options) throws OrtException;
  }

  /** Finds out what a session takes and gives. */
  private interface Description {
    Signature of(OrtSession session) throws OrtException;
  }

  /** Makes one session, with its own native options, since these keep the weights it was given. */
  private static OrtProgram make(SessionOptions options, Loader loader, Description description)
      throws OrtException {
    OrtSession.SessionOptions nativeOptions = Environments.newSessionOptions();
    OrtSession session = null;
    try {
      SessionSetup.apply(options, nativeOptions);
      session = loader.load(nativeOptions);
      return new OrtProgram(description.of(session), session, nativeOptions);
    } catch (OrtException | RuntimeException | Error e) {
      close(session, nativeOptions);
      throw e;
    }
  }

  Signature signature() {
    return signature;
  }

  OrtSession session() {
    return session;
  }

  /** Makes the session, with another locale of the same meaning where the model's is missing. */
  private static OrtProgram load(Model model, SessionOptions options, Signature signature)
      throws OrtException {
    try {
      return make(options, to -> SessionLoader.load(model, to), session -> signature);
    } catch (OrtException e) {
      if (OrtFailure.isLocale(e)) {
        for (String locale : TextLocales.UNICODE) {
          Optional<OrtProgram> program = loadWithLocale(model, locale, options, signature);
          if (program.isPresent()) {
            return program.get();
          }
        }
      }
      throw e;
    }
  }

  private static Optional<OrtProgram> loadWithLocale(
      Model model, String locale, SessionOptions options, Signature signature) throws OrtException {
    Optional<Model> changed = TextLocales.withLocale(model, locale);
    if (changed.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          make(options, to -> SessionLoader.load(changed.get(), to), session -> signature));
    } catch (OrtException e) {
      if (OrtFailure.isLocale(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Runs on inputs that have been checked and have the forms the program was made for. */
  Map<String, Datum> run(Map<String, ? extends Datum> inputs, RunScope scope) {
    @Nullable Lane idle = idleLanes.poll();
    @Nullable Lane lane = null;
    try {
      lane = idle == null ? new Lane() : idle;
      Map<String, Datum> results = runIn(lane, inputs, scope);
      lane.endRun();
      if (idleLanes.offer(lane)) {
        lane = null;
      }
      return results;
    } catch (OrtException e) {
      throw OrtFailure.onRunning(e);
    } finally {
      // The options of a lane whose run failed may still have their terminate flag set.
      if (lane != null) {
        lane.close();
      }
    }
  }

  private Map<String, Datum> runIn(Lane lane, Map<String, ? extends Datum> inputs, RunScope scope)
      throws OrtException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Input input : signature.given()) {
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
      return run(lane, feeds, pinned, scope);
    } catch (OrtException e) {
      if (pinned.isEmpty() || !OrtFailure.isOtherShape(e)) {
        throw e;
      }
      Map<String, Datum> results = run(lane, feeds, Map.of(), scope);
      shapesHold = false;
      return results;
    }
  }

  private Map<String, Datum> run(
      Lane lane, Map<String, OnnxTensor> feeds, Map<String, OnnxTensor> pinned, RunScope scope)
      throws OrtException {
    Set<String> requested = new LinkedHashSet<>(signature.outputs().keySet());
    requested.removeAll(pinned.keySet());
    try (OrtSession.Result result = run(feeds, requested, pinned, lane.options(), scope)) {
      Map<String, Datum> read = new HashMap<>();
      for (String name : signature.outputs().keySet()) {
        read.put(name, pinned.containsKey(name) ? lane.written(name) : read(result, name));
      }
      Map<String, Datum> values = new LinkedHashMap<>();
      for (Fetch fetch : signature.fetches()) {
        values.put(fetch.name(), fetch.from(name -> known(read, name)));
      }
      return Collections.unmodifiableMap(values);
    }
  }

  /** The only place that calls ONNX Runtime's run. */
  OrtSession.Result run(
      Map<String, OnnxTensor> feeds,
      Set<String> requested,
      Map<String, OnnxTensor> pinned,
      OrtSession.RunOptions plain,
      RunScope scope)
      throws OrtException {
    if (scope.options().isPlain()) {
      return NativeCalls.run(scope, plain, () -> session.run(feeds, requested, pinned, plain));
    }
    try (OrtSession.RunOptions own = scope.options().toNative()) {
      return NativeCalls.run(scope, own, () -> session.run(feeds, requested, pinned, own));
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
    return OrtValues.read(value, signature.outputs().getOrDefault(name, ValueType.unknown()));
  }

  /** Buffers for those outputs whose dimensions follow from their types and the inputs given. */
  private Map<String, OnnxTensor> pinned(Lane lane, Map<String, ? extends Datum> inputs)
      throws OrtException {
    Map<String, Dim> symbols = InputSizes.symbols(signature.given(), InputSizes.dims(inputs));
    Map<String, OnnxTensor> pinned = new LinkedHashMap<>();
    for (Map.Entry<String, ValueType> output : signature.outputs().entrySet()) {
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

  /** Ends profiling and returns the name of the profile's file. */
  String endProfiling() {
    try {
      return session.endProfiling();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot end its profile", e);
    }
  }

  @Override
  public void close() {
    for (Lane lane = idleLanes.poll(); lane != null; lane = idleLanes.poll()) {
      lane.close();
    }
    close(session, sessionOptions);
  }

  private static void close(
      @Nullable OrtSession session, OrtSession.SessionOptions sessionOptions) {
    try (sessionOptions) {
      if (session != null) {
        session.close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot close its session", e);
    }
  }
}
