package dev.sardonyx.export;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.IrVersion;
import dev.sardonyx.ir.OnnxRelease;
import dev.sardonyx.ir.convert.OpsetConversion;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The runtime that a model is exported for: the opset and IR versions, operators and types that it
 * supports, and its restrictions on nodes. Known runtimes are found by name ({@link #named}); start
 * from {@link #of} to describe another:
 *
 * <pre>{@code
 * Target mine =
 *     Target.of("mine-2", 9, 17)
 *         .without(EnumSet.of(Target.Feature.CONTROL_FLOW))
 *         .withOperators(Operators.allBut("Einsum GridSample"));
 * }</pre>
 *
 * @param name such as {@code onnxruntime-1.28}
 * @param oldestOpset the oldest version of ONNX's own operators
 * @param newestOpset the newest one
 * @param newestMlOpset the newest version of the operators of {@code ai.onnx.ml}
 * @param newestIrVersion the newest version of the file format
 * @param lacks what the runtime cannot run
 * @param lacksTypes the element types that it does not support
 * @param operators the operators that it supports
 * @param limits its restrictions on nodes of operators that it supports
 * @param kernels the versions and types of operators that it has kernels for, if that is known
 * @param source where these facts come from
 */
public record Target(
    String name,
    long oldestOpset,
    long newestOpset,
    long newestMlOpset,
    long newestIrVersion,
    Set<Feature> lacks,
    Set<ElementType> lacksTypes,
    Operators operators,
    List<NodeLimit> limits,
    Optional<KernelTable> kernels,
    String source) {

  /** Parts of ONNX that not every runtime has. */
  public enum Feature {
    /** If, Loop, Scan and SequenceMap: nodes with graphs of their own. */
    CONTROL_FLOW,
    /** Operators that the model defines itself; they are inlined where that is possible. */
    FUNCTIONS,
    SPARSE_TENSORS,
    /** Sequences, maps and optionals. */
    OTHER_THAN_TENSORS,
    STRINGS,
    /** Initializers of booleans; computed boolean values do not count. */
    BOOLEAN_INITIALIZERS,
    /** Inputs whose sizes are not fixed. */
    OPEN_DIMENSIONS,
    /** Inputs of fewer than two dimensions. */
    VECTOR_INPUTS,
    /** Values of which a dimension is 0. */
    EMPTY_TENSORS,
    /** Operators of other domains than ONNX's own, such as {@code ai.onnx.ml}. */
    OTHER_DOMAINS,
    /** Operators of ONNX's own that are not final: domains that start with ai.onnx.preview. */
    PREVIEW_OPERATORS,
    /**
     * Operators of ONNX Runtime's own ({@code com.microsoft}); they are replaced by ONNX's own
     * operators where that is possible.
     */
    CONTRIB_OPERATORS;

    String text() {
      return switch (this) {
        case CONTROL_FLOW -> "control flow";
        case FUNCTIONS -> "functions of the model's own";
        case SPARSE_TENSORS -> "sparse tensors";
        case OTHER_THAN_TENSORS -> "sequences, maps and optionals";
        case STRINGS -> "strings";
        case BOOLEAN_INITIALIZERS -> "initializers of booleans";
        case OPEN_DIMENSIONS -> "dimensions that are not fixed";
        case VECTOR_INPUTS -> "inputs of fewer than two dimensions";
        case EMPTY_TENSORS -> "tensors without elements";
        case PREVIEW_OPERATORS -> "operators of ONNX's preview";
        case OTHER_DOMAINS -> "operators of other domains";
        case CONTRIB_OPERATORS -> "operators of ONNX Runtime's own";
      };
    }
  }

  private static final int OLDEST = OpsetConversion.OLDEST;
  private static final int NEWEST = (int) OnnxRelease.newest().opset();

  public Target {
    lacks = Set.copyOf(lacks);
    lacksTypes = Set.copyOf(lacksTypes);
    limits = List.copyOf(limits);
  }

  /** A runtime that supports everything in these opsets; the other methods restrict it. */
  public static Target of(String name, long oldestOpset, long newestOpset) {
    return new Target(
        name,
        oldestOpset,
        newestOpset,
        OnnxRelease.newest().mlOpset(),
        IrVersion.newest(),
        Set.of(),
        Set.of(),
        Operators.all(),
        List.of(),
        Optional.empty(),
        "");
  }

  /** This target under another name. */
  public Target withName(String changed) {
    return changing(draft -> draft.name = changed);
  }

  /** This target with another newest version of the {@code ai.onnx.ml} operators. */
  public Target withMlOpset(long newest) {
    return changing(draft -> draft.newestMlOpset = newest);
  }

  /** This target with another newest version of the file format (IR version). */
  public Target withIrVersion(long newest) {
    return changing(draft -> draft.newestIrVersion = newest);
  }

  /** This target without exactly these features. */
  public Target without(Set<Feature> features) {
    return changing(draft -> draft.lacks = features);
  }

  /** This target without exactly these element types. */
  public Target withoutTypes(Set<ElementType> types) {
    return changing(draft -> draft.lacksTypes = types);
  }

  /** This target with these operators. */
  public Target withOperators(Operators changed) {
    return changing(draft -> draft.operators = changed);
  }

  /** This target with these restrictions on nodes, which replace the ones it had. */
  public Target withLimits(List<NodeLimit> changed) {
    return changing(draft -> draft.limits = changed);
  }

  /** This target with kernels for these versions and types only. */
  public Target withKernels(KernelTable changed) {
    return changing(draft -> draft.kernels = Optional.of(changed));
  }

  /** This target with a short text on where its facts come from. */
  public Target withSource(String changed) {
    return changing(draft -> draft.source = changed);
  }

  private Target changing(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.target();
  }

  /** A mutable copy of a target, in which one of its parts is changed. */
  private static final class Draft {
    private final Target from;
    String name;
    long newestMlOpset;
    long newestIrVersion;
    Set<Feature> lacks;
    Set<ElementType> lacksTypes;
    Operators operators;
    List<NodeLimit> limits;
    Optional<KernelTable> kernels;
    String source;

    Draft(Target from) {
      this.from = from;
      name = from.name;
      newestMlOpset = from.newestMlOpset;
      newestIrVersion = from.newestIrVersion;
      lacks = from.lacks;
      lacksTypes = from.lacksTypes;
      operators = from.operators;
      limits = from.limits;
      kernels = from.kernels;
      source = from.source;
    }

    Target target() {
      return new Target(
          name,
          from.oldestOpset,
          from.newestOpset,
          newestMlOpset,
          newestIrVersion,
          lacks,
          lacksTypes,
          operators,
          limits,
          kernels,
          source);
    }
  }

  /** ONNX Runtime 1.28: IR version up to 13, opset up to 26. */
  public static Target onnxRuntime() {
    return Runtimes.onnxRuntimes().get(0);
  }

  /**
   * OpenCV's DNN module, 4.x: one graph of dense tensors. Versions before 4.10 need kernel shapes.
   */
  public static Target openCv() {
    return Runtimes.openCv();
  }

  /**
   * Any runtime that supports an opset.
   *
   * @param version from 7 to the newest
   */
  public static Target opset(int version) {
    if (version < OLDEST || version > NEWEST) {
      throw new IllegalArgumentException(
          "A target's opset is " + OLDEST + " to " + NEWEST + ", not " + version);
    }
    return of("opset-" + version, version, version)
        .without(EnumSet.of(Feature.CONTRIB_OPERATORS))
        .withSource("the opset's own operators");
  }

  /** The known runtimes, and those of {@link TargetProvider providers}. */
  public static List<Target> runtimes() {
    List<Target> all = new ArrayList<>(Runtimes.all());
    for (TargetProvider provider : ServiceLoader.load(TargetProvider.class)) {
      all.addAll(provider.targets());
    }
    return all;
  }

  /** The names that {@link #named} accepts. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(runtimes().stream().map(Target::name).toList());
    for (int version = OLDEST; version <= NEWEST; version++) {
      names.add("opset-" + version);
    }
    return names;
  }

  /**
   * The target of a name; a runtime's name without a version means its newest version.
   *
   * @throws IllegalArgumentException if there is none; the message lists the known names
   */
  public static Target named(String name) {
    List<Target> runtimes = runtimes();
    for (Target runtime : runtimes) {
      int dash = runtime.name.lastIndexOf('-');
      if (name.equals(runtime.name) || dash > 0 && name.equals(runtime.name.substring(0, dash))) {
        return runtime;
      }
    }
    for (int version = OLDEST; version <= NEWEST; version++) {
      if (name.equals("opset-" + version)) {
        return opset(version);
      }
    }
    throw new IllegalArgumentException(
        "There is no target '"
            + name
            + "'; there are "
            + runtimes.stream().map(Target::name).collect(Collectors.joining(", "))
            + ", and opset-"
            + OLDEST
            + " to opset-"
            + NEWEST);
  }

  @Override
  public String toString() {
    return name;
  }
}
