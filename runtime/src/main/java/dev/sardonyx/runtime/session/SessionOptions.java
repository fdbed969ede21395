package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.backend.Options;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a session is made. All options are values: an object may be kept and used for any number of
 * sessions.
 *
 * <pre>{@code
 * SessionOptions options =
 *     SessionOptions.DEFAULT.withThreads(Threads.of(1)).withOptimization(Optimization.BASIC);
 * }</pre>
 *
 * @param providers what to compute on, in order of preference; none for the CPU. Nodes that none of
 *     them supports run on the CPU
 * @param cpuFallback whether nodes may run on the CPU where other providers are named; if not, a
 *     model with such nodes is refused
 * @param optimization how far ONNX Runtime may rewrite the graph
 * @param threads its threads
 * @param memory its native memory
 * @param deterministic whether ONNX Runtime uses deterministic kernels where it has a choice
 * @param freeDimensions sizes for symbolic dimensions of the inputs, by their names; the session
 *     then takes no other
 * @param customOperators native libraries of custom operators
 * @param optimizedModel where to write the graph as ONNX Runtime has rewritten it, for this
 *     machine; such a file is loaded with {@link Optimization#NONE}
 * @param profile where to write a profile, as the beginning of a file's name, see {@link
 *     InferenceSession#profile}
 * @param configuration further entries of ONNX Runtime's session configuration, by key
 * @param checked whether the model is checked first and refused if it has errors, since such a
 *     model may crash the JVM. Without the check, ONNX Runtime reads files by itself; only for
 *     models from a trusted source
 * @param outputs names of the values to compute, intermediate ones included; empty for the graph's
 *     own outputs
 * @param limits limits on the work that the model may cause, if Sardonyx reads it
 */
public record SessionOptions(
    List<Provider> providers,
    boolean cpuFallback,
    Optimization optimization,
    Threads threads,
    Memory memory,
    boolean deterministic,
    Map<String, Long> freeDimensions,
    List<Path> customOperators,
    @Nullable Path optimizedModel,
    @Nullable Path profile,
    Map<String, String> configuration,
    boolean checked,
    List<String> outputs,
    Limits limits) {
  /** On the CPU, fully optimised, checked. */
  public static final SessionOptions DEFAULT =
      new SessionOptions(
          List.of(),
          true,
          Optimization.ALL,
          Threads.DEFAULT,
          Memory.DEFAULT,
          false,
          Map.of(),
          List.of(),
          null,
          null,
          Map.of(),
          true,
          List.of(),
          Limits.standard());

  public SessionOptions {
    providers = List.copyOf(providers);
    freeDimensions = Collections.unmodifiableMap(new LinkedHashMap<>(freeDimensions));
    customOperators = List.copyOf(customOperators);
    configuration = Collections.unmodifiableMap(new LinkedHashMap<>(configuration));
    outputs = List.copyOf(outputs);
    freeDimensions.forEach(
        (name, size) -> {
          if (size < 1) {
            throw new IllegalArgumentException(
                "Dimension " + name + " cannot be " + size + "; a size is at least 1");
          }
        });
  }

  /** Options for an accelerator that {@link Accelerator} has found to work. */
  public static SessionOptions of(AcceleratorSelection selection) {
    return DEFAULT.withProviders(selection.provider());
  }

  /** What it computes on, for display, such as {@code CUDA:1}. */
  public String label() {
    return providers.isEmpty()
        ? Accelerator.CPU.toString()
        : providers.stream().map(Provider::label).collect(Collectors.joining("+"));
  }

  /** Computes on these, tried for each node in this order. */
  public SessionOptions withProviders(Provider... changed) {
    return changing(draft -> draft.providers = List.of(changed));
  }

  /**
   * Refuses models with nodes that the named providers do not support, instead of running those on
   * the CPU.
   */
  public SessionOptions withoutCpuFallback() {
    return changing(draft -> draft.cpuFallback = false);
  }

  public SessionOptions withOptimization(Optimization changed) {
    return changing(draft -> draft.optimization = changed);
  }

  public SessionOptions withThreads(Threads changed) {
    return changing(draft -> draft.threads = changed);
  }

  public SessionOptions withMemory(Memory changed) {
    return changing(draft -> draft.memory = changed);
  }

  /** Uses deterministic kernels where ONNX Runtime has a choice. */
  public SessionOptions withDeterminism() {
    return changing(draft -> draft.deterministic = true);
  }

  /** Fixes a symbolic dimension of the inputs. */
  public SessionOptions withFreeDimension(String name, long size) {
    Map<String, Long> more = new LinkedHashMap<>(freeDimensions);
    more.put(name, size);
    return changing(draft -> draft.freeDimensions = more);
  }

  public SessionOptions withCustomOperators(Path... libraries) {
    return changing(draft -> draft.customOperators = List.of(libraries));
  }

  public SessionOptions withOptimizedModel(Path file) {
    return changing(draft -> draft.optimizedModel = file);
  }

  SessionOptions withoutOptimizedModel() {
    return changing(draft -> draft.optimizedModel = null);
  }

  SessionOptions withoutProfile() {
    return changing(draft -> draft.profile = null);
  }

  public SessionOptions withProfile(Path prefix) {
    return changing(draft -> draft.profile = prefix);
  }

  /**
   * An entry of ONNX Runtime's session configuration, such as {@code session.disable_prepacking}.
   */
  public SessionOptions withConfiguration(String key, String value) {
    Map<String, String> more = new LinkedHashMap<>(configuration);
    more.put(key, value);
    return changing(draft -> draft.configuration = more);
  }

  /** Takes models as they are. Only for models from a trusted source: they may crash the JVM. */
  public SessionOptions withoutCheck() {
    return changing(draft -> draft.checked = false);
  }

  public SessionOptions withOutputs(List<String> changed) {
    return changing(draft -> draft.outputs = changed);
  }

  public SessionOptions withLimits(Limits changed) {
    return changing(draft -> draft.limits = changed);
  }

  /** With the outputs, threads and limits that a backend is asked for. */
  public SessionOptions with(Options asked) {
    Threads changed =
        asked.threads() == 0
            ? threads
            : new Threads(asked.threads(), threads.interOp(), threads.spinning());
    return withOutputs(asked.outputs()).withThreads(changed).withLimits(asked.limits());
  }

  private SessionOptions changing(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /** A mutable copy of the options, to change one of them. */
  private static final class Draft {
    List<Provider> providers;
    boolean cpuFallback;
    Optimization optimization;
    Threads threads;
    Memory memory;
    boolean deterministic;
    Map<String, Long> freeDimensions;
    List<Path> customOperators;
    @Nullable Path optimizedModel;
    @Nullable Path profile;
    Map<String, String> configuration;
    boolean checked;
    List<String> outputs;
    Limits limits;

    Draft(SessionOptions from) {
      providers = from.providers;
      cpuFallback = from.cpuFallback;
      optimization = from.optimization;
      threads = from.threads;
      memory = from.memory;
      deterministic = from.deterministic;
      freeDimensions = from.freeDimensions;
      customOperators = from.customOperators;
      optimizedModel = from.optimizedModel;
      profile = from.profile;
      configuration = from.configuration;
      checked = from.checked;
      outputs = from.outputs;
      limits = from.limits;
    }

    SessionOptions options() {
      return new SessionOptions(
          providers,
          cpuFallback,
          optimization,
          threads,
          memory,
          deterministic,
          freeDimensions,
          customOperators,
          optimizedModel,
          profile,
          configuration,
          checked,
          outputs,
          limits);
    }
  }
}
