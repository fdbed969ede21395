package dev.sardonyx.runtime.session;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.Target;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.BorrowedOutputs;
import dev.sardonyx.ir.backend.ModelInputs;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.file.AtomicFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A model in ONNX Runtime, ready to run.
 *
 * <pre>{@code
 * try (InferenceSession session = InferenceSession.of(Path.of("model.onnx"))) {
 *   Outputs outputs = session.call().with("image", pixels, 1, 3, 224, 224).run();
 *   float[] scores = outputs.tensor("scores").toFloats();
 * }
 * }</pre>
 *
 * <p>Any number of threads may use a session at once. Inputs and outputs are ordinary Java memory:
 * nothing but the session has to be closed, and results outlive it. Its native memory is freed by
 * {@link #close}, or when the session is garbage-collected, of which {@link Lifetime} can warn.
 *
 * <p>Where every microsecond counts, a {@link #bind binding} makes ONNX Runtime read and write the
 * caller's buffers.
 *
 * <p>A model with errors may crash the JVM in ONNX Runtime's native code, so every model is checked
 * first. {@link SessionOptions#withoutCheck} is for models from a trusted source: ONNX Runtime then
 * reads the file by itself.
 */
public final class InferenceSession implements PreparedModel {
  /** What ONNX Runtime takes: the versions of operators and of the file format. */
  public static final Target TARGET = Target.onnxRuntime();

  private static final long CLOSING_MILLIS = 10;

  private final ModelDescription description;
  private final List<Input> inputs;
  private final List<Output> outputs;
  private final ModelInputs required;
  private final InputSizes needed;
  private final OrtPrograms programs;

  /**
   * Programs with a guard wherever one may be needed, for runs whose inputs do not make it
   * unnecessary.
   */
  private final OrtPrograms guarded;

  private final Map<String, Form> typicalForms;
  private final boolean takesTensors;
  private final Lifetime lifetime;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private volatile boolean closed;

  private InferenceSession(
      ModelDescription description,
      List<Input> inputs,
      List<Output> outputs,
      ModelInputs required,
      InputSizes needed,
      OrtPrograms programs,
      OrtPrograms guarded,
      Map<String, Form> typicalForms) {
    this.description = description;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.required = required;
    this.needed = needed;
    this.programs = programs;
    this.guarded = guarded;
    this.typicalForms = Map.copyOf(typicalForms);
    this.takesTensors = inputs.stream().allMatch(input -> input.type() instanceof TensorType);
    this.lifetime =
        Lifetime.of(
            this,
            "The InferenceSession of model '" + description.graph() + "'",
            () -> {
              try (programs;
                  guarded) {
                // Closes both, also if closing one fails.
              }
            });
  }

  /**
   * Loads a model file, with its external data.
   *
   * @throws IOException if it cannot be read
   * @throws UnsupportedModelException if ONNX Runtime does not take the model, or if it has errors
   */
  public static InferenceSession of(Path file) throws IOException {
    return of(file, SessionOptions.DEFAULT);
  }

  /**
   * The same with options. If the options switch the check off, ONNX Runtime reads the file by
   * itself.
   *
   * @throws IllegalArgumentException if the optimised model would be written over the file
   */
  public static InferenceSession of(Path file, SessionOptions options) throws IOException {
    Path optimized = options.optimizedModel();
    if (optimized != null && AtomicFile.isSame(file, optimized)) {
      throw new IllegalArgumentException(
          "The optimised model would be written over " + file + ", the model itself; name another");
    }
    if (isUnread(options)
        && file.getFileSystem().equals(FileSystems.getDefault())
        && Files.isReadable(file)) {
      String path = file.toAbsolutePath().toString();
      Optional<InferenceSession> session =
          unread(options, to -> Environments.shared().createSession(path, to));
      if (session.isPresent()) {
        return session.get();
      }
    }
    return of(OnnxReader.read(file, options.limits()), options);
  }

  /** Loads a model from the bytes of a file, which must not change meanwhile. */
  public static InferenceSession of(byte[] model) throws IOException {
    return of(model, SessionOptions.DEFAULT);
  }

  /** The same with options. */
  public static InferenceSession of(byte[] model, SessionOptions options) throws IOException {
    if (isUnread(options)) {
      Optional<InferenceSession> session =
          unread(options, to -> Environments.shared().createSession(model, to));
      if (session.isPresent()) {
        return session.get();
      }
    }
    return of(OnnxReader.read(model, options.limits()), options);
  }

  /**
   * Loads a model that is a resource on the class path.
   *
   * @param beside the class whose package the resource lies in
   * @param name the resource's name, from that package, or with a slash from the root
   * @throws FileNotFoundException if there is none
   */
  public static InferenceSession ofResource(Class<?> beside, String name, SessionOptions options)
      throws IOException {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(
            "There is no resource '" + name + "' beside " + beside.getName());
      }
      return of(in.readAllBytes(), options);
    }
  }

  /** The same with default options. */
  public static InferenceSession ofResource(Class<?> beside, String name) throws IOException {
    return ofResource(beside, name, SessionOptions.DEFAULT);
  }

  /** Loads a model; its weights are handed over in memory. */
  public static InferenceSession of(Model model) {
    return of(model, SessionOptions.DEFAULT);
  }

  /**
   * The same with options.
   *
   * @throws UnsupportedModelException if ONNX Runtime does not take the model, if the model has
   *     errors, or if its functions, inlined, have more nodes than {@link SessionOptions#limits}
   *     allow
   * @throws IllegalArgumentException if an output asked for is no value of the main graph, or a
   *     dimension that is to have a size is in no input's shape
   * @throws java.io.UncheckedIOException if a file that the options name cannot be written
   */
  public static InferenceSession of(Model given, SessionOptions wanted) {
    NativeFaults faults = Handover.of(given, wanted.checked(), wanted.limits());
    Model model = FreeDimensions.fixed(faults.model(), wanted.freeDimensions());
    SessionOptions options = OptimizedModel.write(model, wanted);
    InputSizes needed = faults.needed();
    ModelInputs required = ModelInputs.of(model.graph());
    Map<String, Form> forms = Map.copyOf(Form.typical(model.graph()));
    OrtPrograms programs = OrtPrograms.of(model, options);
    return opened(
        programs,
        () -> {
          programs.prepare(forms);
          OrtPrograms guarded =
              needed.isEmpty()
                  ? programs
                  : OrtPrograms.of(
                      FreeDimensions.fixed(faults.guarded(), options.freeDimensions()), options);
          return new InferenceSession(
              ModelDescription.of(model),
              List.copyOf(required.byName().values()),
              programs.within(forms, program -> outputs(program.signature())),
              required,
              needed,
              programs,
              guarded,
              forms);
        });
  }

  /** A session over programs, which are closed if it cannot be made. */
  static InferenceSession opened(OrtPrograms programs, Supplier<InferenceSession> opening) {
    try {
      return opening.get();
    } catch (RuntimeException | Error e) {
      try (programs) {
        throw e;
      }
    }
  }

  private static List<Output> outputs(Signature signature) {
    return signature.fetches().stream()
        .map(fetch -> Output.of(fetch.name(), fetch.type()))
        .toList();
  }

  private static boolean isUnread(SessionOptions options) {
    return !options.checked() && options.outputs().isEmpty() && options.freeDimensions().isEmpty();
  }

  /** A session of a model that only ONNX Runtime reads; empty if Sardonyx has to read it. */
  private static Optional<InferenceSession> unread(
      SessionOptions options, OrtProgram.Loader loader) {
    OrtProgram program;
    try {
      program = OrtProgram.unread(options, to -> NativeCalls.create(false, () -> loader.load(to)));
    } catch (UnsupportedModelException e) {
      // Read by Sardonyx, the model may be made to fit, or be refused with a better reason.
      return Optional.empty();
    }
    OrtPrograms programs = OrtPrograms.of(program);
    return Optional.of(opened(programs, () -> ofUnread(program, programs)));
  }

  private static InferenceSession ofUnread(OrtProgram program, OrtPrograms programs) {
    Signature signature = program.signature();
    Map<String, Form> forms = new HashMap<>();
    signature.given().forEach(input -> forms.put(input.name(), Form.LEAF));
    // From now on it is among the programs and closed with them.
    programs.prepare(forms);
    return new InferenceSession(
        ModelDescription.of(program.session()),
        signature.given(),
        outputs(signature),
        ModelInputs.of(Graph.of("unread", signature.given(), List.of(), List.of(), List.of())),
        new InputSizes(signature.given(), Set.of()),
        programs,
        programs,
        forms);
  }

  /**
   * Why a model cannot be loaded, as far as it can be told without loading it.
   *
   * @param options of which only the check and the limits matter
   */
  public static Optional<String> whyUnsupported(Model model, SessionOptions options) {
    try {
      Model fit = Handover.of(model, options.checked(), options.limits()).model();
      Bridge.of(fit, List.of(), Form.typical(fit.graph()));
      return Optional.empty();
    } catch (UnsupportedModelException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }

  /**
   * ONNX Runtime's version.
   *
   * @throws AcceleratorUnavailableException if it does not load on this machine
   */
  public static String runtimeVersion() {
    return Environments.shared().getVersion();
  }

  /** The model's metadata, such as its producer and version. */
  public ModelDescription description() {
    return description;
  }

  /** The inputs with their types, symbolic dimensions by name. */
  public List<Input> inputs() {
    return inputs;
  }

  /** The outputs with their types, as far as the model declares them. */
  public List<Output> outputs() {
    return outputs;
  }

  /**
   * The input of a name.
   *
   * @throws IllegalArgumentException if there is none, listing those there are
   */
  Input input(String name) {
    Input input = required.byName().get(name);
    if (input == null) {
      throw new IllegalArgumentException(
          "The model has no input '"
              + name
              + "'; it takes "
              + String.join(", ", required.byName().keySet()));
    }
    return input;
  }

  /** The first input that a run needs beside those of the names. */
  Optional<Input> missing(Set<String> given) {
    return required.missing(given);
  }

  /** Prepares one run, with inputs from arrays, buffers or tensors. */
  public Call call() {
    return new Call(this);
  }

  /** A binding to the caller's buffers, for many runs without copies. */
  public Binding bind() {
    return new Binding(this);
  }

  @Override
  public Outputs run(Map<String, ? extends Datum> given) {
    return run(given, RunOptions.DEFAULT);
  }

  /**
   * The same with options.
   *
   * @throws ModelRunException if a node fails, naming it, or if the run ends early, saying why
   * @throws IllegalStateException if the session has been closed, or is closed meanwhile
   */
  public Outputs run(Map<String, ? extends Datum> given, RunOptions options) {
    return open(
        () -> {
          required.require(given);
          OrtPrograms fit = fit(InputSizes.dims(given));
          return Outputs.of(fit.run(forms(given), given, scope(options)));
        });
  }

  /** With outputs that ONNX Runtime has written, not copies, as far as their shapes are known. */
  @Override
  public BorrowedOutputs borrow(Map<String, ? extends Datum> given) {
    return open(
        () -> {
          required.require(given);
          OrtPrograms fit = fit(InputSizes.dims(given));
          return fit.borrow(forms(given), given, scope(RunOptions.DEFAULT));
        });
  }

  private OrtPrograms fit(InputSizes.Dims given) {
    return needed.arePositive(given) ? programs : guarded;
  }

  private Map<String, Form> forms(Map<String, ? extends Datum> given) {
    if (takesTensors && given.size() == typicalForms.size()) {
      return typicalForms;
    }
    Map<String, Form> forms = new LinkedHashMap<>();
    given.forEach(
        (key, datum) -> {
          Input input = required.byName().get(key);
          if (input != null) {
            forms.put(key, Form.of(input.type(), datum));
          }
        });
    return forms;
  }

  RunScope scope(RunOptions options) {
    return new RunScope(this, description.graph(), options);
  }

  /**
   * Uses the session with inputs that are all passed unconverted; it stays open meanwhile.
   *
   * @param given the inputs' dimensions
   */
  <T> T within(InputSizes.Dims given, Function<OrtProgram, T> use) {
    return open(() -> fit(given).within(typicalForms, use));
  }

  private <T> T within(Function<OrtProgram, T> use) {
    return open(() -> programs.within(typicalForms, use));
  }

  /** What the native session takes and gives. */
  Signature signature() {
    return within(OrtProgram::signature);
  }

  private <T> T open(Supplier<T> use) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("The model '" + description.graph() + "' has been closed");
      }
      return use.get();
    } finally {
      lock.readLock().unlock();
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Ends profiling and returns the profile, if it was asked for by {@link
   * SessionOptions#withProfile}. The file with the whole profile is kept.
   *
   * @throws IllegalStateException if no profile was asked for
   * @throws IOException if the file cannot be read
   */
  public Profile profile() throws IOException {
    String file = within(OrtProgram::endProfiling);
    if (file.isEmpty()) {
      throw new IllegalStateException("The session was made without a profile");
    }
    return Profile.read(Path.of(file));
  }

  /**
   * Closes the session. Runs under way are ended; they fail with an {@link IllegalStateException},
   * as later runs do. Waits until they have ended.
   */
  @Override
  public void close() {
    closed = true;
    boolean interrupted = false;
    while (true) {
      // Repeated, since a run may just be beginning.
      NativeCalls.endRuns(this);
      try {
        if (lock.writeLock().tryLock(CLOSING_MILLIS, TimeUnit.MILLISECONDS)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    try {
      lifetime.end();
    } finally {
      lock.writeLock().unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public String toString() {
    return "InferenceSession '" + description.graph() + "' " + inputs + " -> " + outputs;
  }
}
