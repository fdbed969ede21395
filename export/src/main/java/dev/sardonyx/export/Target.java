package dev.sardonyx.export;

import dev.sardonyx.ir.IrVersion;
import dev.sardonyx.ir.OnnxRelease;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a model is to run: which versions it may ask for, what it must not contain, and what the
 * runtime wants to have spelled out.
 *
 * @param name such as {@code onnxruntime-1.28}
 * @param oldestOpset the oldest version of ONNX's own operators
 * @param newestOpset the newest one
 * @param newestIrVersion the newest version of the file format
 * @param explicitKernelShape whether convolutions must state the kernel's shape, which ONNX allows
 *     to leave to the weight
 * @param lacks what the runtime cannot run
 */
public record Target(
    String name,
    long oldestOpset,
    long newestOpset,
    long newestIrVersion,
    boolean explicitKernelShape,
    Set<Feature> lacks) {

  /** Parts of ONNX that not every runtime has. */
  public enum Feature {
    /** If, Loop, Scan and SequenceMap: nodes with graphs of their own. */
    CONTROL_FLOW,
    /** Operators that the model defines itself. */
    FUNCTIONS,
    SPARSE_TENSORS,
    /** Sequences, maps and optionals. */
    OTHER_THAN_TENSORS,
    STRINGS;

    String text() {
      return switch (this) {
        case CONTROL_FLOW -> "control flow";
        case FUNCTIONS -> "functions of the model's own";
        case SPARSE_TENSORS -> "sparse tensors";
        case OTHER_THAN_TENSORS -> "sequences, maps and optionals";
        case STRINGS -> "strings";
      };
    }
  }

  /** The oldest and newest opset that a plain target may have. */
  private static final int OLDEST = 11;

  private static final int NEWEST = (int) OnnxRelease.newest().opset();

  public Target {
    lacks = Set.copyOf(lacks);
  }

  /** ONNX Runtime 1.28: IR version up to 13, opset up to 26. */
  public static Target onnxRuntime() {
    return new Target("onnxruntime-1.28", 7, 26, 13, true, Set.of());
  }

  /**
   * OpenCV's DNN module, 4.x: one graph of dense tensors. Versions before 4.10 need kernel shapes.
   */
  public static Target openCv() {
    return new Target("opencv-4", 7, 22, IrVersion.newest(), true, EnumSet.allOf(Feature.class));
  }

  /**
   * Anything that runs an opset.
   *
   * @param version from 11 to the newest
   */
  public static Target opset(int version) {
    if (version < OLDEST || version > NEWEST) {
      throw new IllegalArgumentException(
          "A target's opset is " + OLDEST + " to " + NEWEST + ", not " + version);
    }
    return new Target("opset-" + version, version, version, IrVersion.newest(), true, Set.of());
  }

  /** The names that {@link #named} knows. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(List.of(onnxRuntime().name, openCv().name));
    for (int version = OLDEST; version <= NEWEST; version++) {
      names.add("opset-" + version);
    }
    return names;
  }

  /**
   * The target of a name; the runtimes may be named without their versions.
   *
   * @throws IllegalArgumentException if there is none, naming those that there are
   */
  public static Target named(String name) {
    for (Target runtime : Arrays.asList(onnxRuntime(), openCv())) {
      String unversioned = runtime.name.substring(0, runtime.name.indexOf('-'));
      if (name.equals(runtime.name) || name.equals(unversioned)) {
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
            + names().stream().limit(2).collect(Collectors.joining(", "))
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
