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
import dev.sardonyx.ir.backend.BorrowedOutputs;
import dev.sardonyx.ir.backend.Outputs;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Function;
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

  /** Lanes that are given back later are closed. */
  private volatile boolean closed;

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

  /** Makes a session of a model, without a bridge, only for the file that the options name. */
  static void compileOnly(Model model, SessionOptions options) {
    try {
      load(model, options, new Signature(List.of(), Map.of(), List.of())).close();
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

  private static OrtSession load(
      Model model, SessionOptions options, OrtSession.SessionOptions nativeOptions)
      throws OrtException {
    boolean onCpu =
        options.providers().stream()
            .allMatch(provider -> provider.accelerator() == Accelerator.CPU);
    return onCpu
        ? SessionLoader.load(model, nativeOptions)
        : SessionLoader.loadForGpu(model, nativeOptions);
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
      return make(options, to -> load(model, options, to), session -> signature);
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
          make(options, to -> load(changed.get(), options, to), session -> signature));
    } catch (OrtException e) {
      if (OrtFailure.isLocale(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Runs on inputs that have been checked and have the forms the program was made for. */
  Map<String, Datum> run(Map<String, ? extends Datum> inputs, RunScope scope) {
    return runIn(
        inputs,
        scope,
        Lane::written,
        (lane, results) -> {
          giveBack(lane);
          return results;
        });
  }

  /** The same, with outputs that lie in a lane's buffers until they are given back. */
  BorrowedOutputs borrow(Map<String, ? extends Datum> inputs, RunScope scope) {
    return runIn(
        inputs,
        scope,
        Lane::view,
        (lane, results) -> BorrowedOutputs.of(Outputs.of(results), () -> giveBack(lane)));
  }

  /** How an output of known shape is read. */
  private interface Reading {
    Tensor read(Lane lane, String output);
  }

  /** What becomes of a run's outputs and its lane. */
  private interface Ending<T> {
    T end(Lane lane, Map<String, Datum> results);
  }

  private <T> T runIn(
      Map<String, ? extends Datum> inputs, RunScope scope, Reading reading, Ending<T> ending) {
    @Nullable Lane idle = idleLanes.poll();
    @Nullable Lane lane = null;
    try {
      lane = idle == null ? new Lane() : idle;
      Map<String, Datum> results = runIn(lane, inputs, scope, reading);
      lane.endRun();
      T ended = ending.end(lane, results);
      lane = null;
      return ended;
    } catch (OrtException e) {
      throw OrtFailure.onRunning(e, signature.given(), InputSizes.dims(inputs));
    } finally {
      // The options of a lane whose run failed may still have their terminate flag set.
      if (lane != null) {
        lane.close();
      }
    }
  }

  private void giveBack(Lane lane) {
    if (!idleLanes.offer(lane)) {
      lane.close();
    } else if (closed) {
      closeLanes();
    }
  }

  private void closeLanes() {
    for (Lane lane = idleLanes.poll(); lane != null; lane = idleLanes.poll()) {
      lane.close();
    }
  }

  private Map<String, Datum> runIn(
      Lane lane, Map<String, ? extends Datum> inputs, RunScope scope, Reading reading)
      throws OrtException {
    for (Input input : signature.given()) {
      Datum datum = inputs.get(input.name());
      if (datum != null) {
        InputBridge.takeApart(input, datum, lane::feed);
      }
    }
    Lane.Pins unpinned = new Lane.Pins(Map.of(), signature.outputs().keySet());
    if (!shapesHold) {
      return run(lane, unpinned, scope, reading);
    }
    Lane.Pins pins = lane.pins(signature.given(), inputs, () -> pins(lane, inputs));
    try {
      return run(lane, pins, scope, reading);
    } catch (OrtException e) {
      if (pins.pinned().isEmpty() || !OrtFailure.isOtherShape(e)) {
        throw e;
      }
      Map<String, Datum> results = run(lane, unpinned, scope, reading);
      shapesHold = false;
      return results;
    }
  }

  private Map<String, Datum> run(Lane lane, Lane.Pins pins, RunScope scope, Reading reading)
      throws OrtException {
    try (OrtSession.Result result =
        run(lane.feeds(), pins.requested(), pins.pinned(), lane.options(), scope)) {
      Function<String, Datum> values =
          name -> pins.requested().contains(name) ? read(result, name) : reading.read(lane, name);
      List<Fetch> fetches = signature.fetches();
      if (fetches.size() == 1) {
        // Such are most models, and a table for one value is the larger part of what a run makes.
        return Map.of(fetches.get(0).name(), fetches.get(0).from(values));
      }
      Map<String, Datum> all = new LinkedHashMap<>();
      fetches.forEach(fetch -> all.put(fetch.name(), fetch.from(values)));
      return Collections.unmodifiableMap(all);
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

  private Datum read(OrtSession.Result result, String name) {
    OnnxValue value =
        result
            .get(name)
            .orElseThrow(
                () -> new IllegalStateException("ONNX Runtime gave no output '" + name + "'"));
    try {
      return OrtValues.read(value, signature.outputs().getOrDefault(name, ValueType.unknown()));
    } catch (OrtException e) {
      throw OrtFailure.onRunning(e);
    }
  }

  /** Buffers for those outputs whose dimensions follow from their types and the inputs given. */
  private Lane.Pins pins(Lane lane, Map<String, ? extends Datum> inputs) throws OrtException {
    Map<String, Dim> symbols = InputSizes.symbols(signature.given(), InputSizes.dims(inputs));
    Map<String, OnnxTensor> pinned = new LinkedHashMap<>();
    Set<String> requested = new LinkedHashSet<>();
    for (Map.Entry<String, ValueType> output : signature.outputs().entrySet()) {
      String name = output.getKey();
      Optional<Shape> shape = pinnedShape(output.getValue(), symbols);
      if (shape.isPresent() && output.getValue() instanceof TensorType type) {
        pinned.put(name, lane.output(name, type.elementType(), shape.get().toLongs()));
      } else {
        requested.add(name);
      }
    }
    return new Lane.Pins(pinned, requested);
  }

  private static Optional<Shape> pinnedShape(ValueType output, Map<String, Dim> symbols) {
    if (output instanceof TensorType type
        && Carrier.isBuffer(type.elementType())
        && type.shape().isRanked()) {
      Shape shape = type.shape().map(dim -> dim.substitute(symbols));
      return Optional.of(shape)
          .filter(known -> known.isStatic() && fitsABuffer(type.withShape(known)));
    }
    return Optional.empty();
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
    closed = true;
    closeLanes();
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
