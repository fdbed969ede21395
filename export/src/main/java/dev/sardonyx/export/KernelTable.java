package dev.sardonyx.export;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which versions of operators a runtime has kernels for, and for which element types. An operator
 * that ONNX defines by others needs no kernel, for the runtime takes its definition; but where it
 * has kernels, they are all that it can do.
 */
public final class KernelTable {
  private static final String BFLOAT16 = ElementType.BFLOAT16.onnxName();
  private static final String RESOURCE = "onnxruntime-kernels.txt";

  /** The part of a definition that has kernels for fewer types than the others. */
  private static final Map<String, String> LEAST_PARTS =
      Map.of("HardSwish", "HardSigmoid", "Mish", "Softplus");

  /**
   * One kernel.
   *
   * @param first the version of the operator that it computes
   * @param last up to which other versions it computes; null if it computes no other
   * @param types by type parameters, the types that they may stand for
   */
  private record Registration(long first, @Nullable Long last, Map<String, Set<String>> types) {
    boolean hasVersion(long since) {
      return since == first || last != null && since > first && since <= last;
    }
  }

  private final Map<String, List<Registration>> kernels;

  private KernelTable(Map<String, List<Registration>> kernels) {
    this.kernels = kernels;
  }

  private static final class Loaded {
    static final KernelTable ONNX_RUNTIME = new KernelTable(read());
  }

  /**
   * The kernels of ONNX Runtime 1.30 on the CPU, which those of its WASM build are. As its sessions
   * do, a kernel of floats is taken for float16.
   */
  public static KernelTable onnxRuntimeCpu() {
    return Loaded.ONNX_RUNTIME;
  }

  /** Each line as src/main/python/onnxruntime_kernels.py explains it. */
  private static Map<String, List<Registration>> read() {
    Map<String, List<Registration>> read = new HashMap<>();
    try (InputStream in = KernelTable.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path");
      }
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        String[] words = line.split(" ", -1);
        Map<String, Set<String>> types = new LinkedHashMap<>();
        for (int i = 3; i < words.length; i++) {
          int equals = words[i].indexOf('=');
          types.put(
              words[i].substring(0, equals),
              Set.of(words[i].substring(equals + 1).split("\\|", -1)));
        }
        Long last = words[2].equals("-") ? null : Long.valueOf(words[2]);
        read.computeIfAbsent(words[0], name -> new ArrayList<>())
            .add(new Registration(Long.parseLong(words[1]), last, types));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return read;
  }

  /**
   * The version of a node's operator, if there is no kernel for it; 0 if there is one, or none is
   * needed, or the operator is not known.
   *
   * @param opset the version of the operator's domain
   */
  long missingVersion(Node node, long opset) {
    OperatorSchema schema = known(node, opset);
    return schema == null || !versions(node, schema).isEmpty() ? 0 : schema.since();
  }

  /**
   * Why there is no kernel for a node.
   *
   * @param types of values by their names, as far as they are known
   */
  Optional<String> whyMissing(Node node, Map<String, ValueType> types, long opset) {
    OperatorSchema schema = known(node, opset);
    if (schema == null) {
      return Optional.empty();
    }
    List<Registration> versions = versions(node, schema);
    if (versions.isEmpty()) {
      return Optional.of(
          "the target has no kernel of " + node.opType() + " of version " + schema.since());
    }
    Map<String, Set<String>> given = given(node, schema, types);
    if (versions.stream().anyMatch(kernel -> takes(kernel, given))) {
      return Optional.empty();
    }
    Set<String> names = new TreeSet<>();
    given.values().forEach(names::addAll);
    return Optional.of(
        "the target has no kernel of " + node.opType() + " for " + String.join(", ", names));
  }

  /**
   * Whether a node can be run in 16 bits: by a kernel, or in float16 by the operator's definition.
   * Of what definitions are made of hardly anything has a kernel for bfloat16.
   *
   * @param types of its inputs by their names
   */
  boolean hasHalf(Node node, Map<String, ValueType> types, long opset) {
    OperatorSchema schema = OperatorCatalogue.standard().find(node, opset).orElse(null);
    if (schema == null || !schema.function()) {
      return whyMissing(node, types, opset).isEmpty();
    }
    Map<String, Set<String>> given = given(node, schema, types);
    return versions(node, schema).stream().anyMatch(kernel -> takes(kernel, given))
        || given.values().stream().noneMatch(names -> names.contains(BFLOAT16));
  }

  /** The signature, unless it is not known or the operator needs no kernel. */
  private @Nullable OperatorSchema known(Node node, long opset) {
    if (node.is("Constant")) {
      return null; // it is an initializer before anything runs
    }
    OperatorSchema schema = OperatorCatalogue.standard().find(node, opset).orElse(null);
    if (schema == null || schema.isTrainingOnly()) {
      return null;
    }
    return schema.function() && versions(node, schema).isEmpty() ? null : schema;
  }

  private List<Registration> versions(Node node, OperatorSchema schema) {
    String domain = OpsetImport.canonical(node.domain());
    String name =
        domain.isEmpty()
            ? LEAST_PARTS.getOrDefault(node.opType(), node.opType())
            : domain + ":" + node.opType();
    return kernels.getOrDefault(name, List.of()).stream()
        .filter(kernel -> kernel.hasVersion(schema.since()))
        .toList();
  }

  /** By type parameters, and by the names of inputs and outputs: the types of a node's values. */
  private static Map<String, Set<String>> given(
      Node node, OperatorSchema schema, Map<String, ValueType> types) {
    Map<String, Set<String>> given = new HashMap<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      if (node.hasInput(i)) {
        add(given, schema.input(i).orElse(null), types.get(node.input(i)));
      }
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      if (node.hasOutput(i)) {
        add(given, schema.output(i).orElse(null), node.outputs().get(i).type());
      }
    }
    return given;
  }

  private static void add(
      Map<String, Set<String>> given, @Nullable Parameter parameter, @Nullable ValueType type) {
    if (parameter != null
        && type instanceof TensorType tensor
        && tensor.elementType() != ElementType.UNDEFINED) {
      String name = tensor.elementType().onnxName();
      given.computeIfAbsent(parameter.type(), key -> new HashSet<>()).add(name);
      given.computeIfAbsent(parameter.name(), key -> new HashSet<>()).add(name);
    }
  }

  private static boolean takes(Registration kernel, Map<String, Set<String>> given) {
    return kernel.types().entrySet().stream()
        .allMatch(
            constraint ->
                given.getOrDefault(constraint.getKey(), Set.of()).stream()
                    .allMatch(type -> takes(constraint.getValue(), type)));
  }

  private static boolean takes(Set<String> types, String type) {
    return types.contains(type)
        || type.equals("float16") && types.contains("float")
        || types.stream().allMatch(t -> t.contains("(")); // sequences and the like
  }
}
