package dev.sardonyx.runtime.batch;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.ModelInputs;
import dev.sardonyx.ir.backend.Outputs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where requests lie in a batch, by the symbols in the types of a model's inputs and outputs. */
final class BatchLayout {
  private final BatchOptions options;
  private final ModelInputs required;
  private final List<Input> inputs;
  private final List<Output> outputs;

  /**
   * @throws IllegalArgumentException if an input or output is no tensor that has the batch's axis
   *     once
   */
  BatchLayout(List<Input> inputs, List<Output> outputs, BatchOptions options) {
    this.options = options;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.required = ModelInputs.of(Graph.of("batch", inputs, List.of(), List.of(), List.of()));
    inputs.forEach(input -> requireAxis("Input", input.name(), input.type()));
    outputs.forEach(output -> requireAxis("Output", output.name(), output.type()));
  }

  private void requireAxis(String what, String name, ValueType type) {
    if (!(type instanceof TensorType tensor)
        || !tensor.shape().isRanked()
        || tensor.shape().dims().stream().filter(this::isBatch).count() != 1
        || (tensor.elementType() != ElementType.STRING && tensor.elementType().bits() < 8)) {
      throw new IllegalArgumentException(
          what
              + " '"
              + name
              + "' of type "
              + type
              + " cannot be part of a batch: it needs one dimension "
              + options.axis()
              + ", and elements of whole bytes");
    }
  }

  /** The model's declaration may be wrong, and ONNX Runtime only logs that it is. */
  private void requireRows(Output output, Tensor tensor, long rows) {
    int axis = axis(output.type());
    if (tensor.rank() != dims(output.type()).size() || tensor.dim(axis) != rows) {
      throw new IllegalStateException(
          "Output '%s' has shape %s for a batch of %d, which its type %s does not allow"
              .formatted(output.name(), tensor.shape(), rows, output.type()));
    }
  }

  private boolean isBatch(Dim dim) {
    return dim instanceof Dim.Symbol symbol && symbol.name().equals(options.axis());
  }

  private static List<Dim> dims(ValueType type) {
    return ((TensorType) type).shape().dims();
  }

  private int axis(ValueType type) {
    List<Dim> dims = dims(type);
    int axis = 0;
    while (!isBatch(dims.get(axis))) {
      axis++;
    }
    return axis;
  }

  /**
   * A request for inputs that have been found to fit.
   *
   * @throws IllegalArgumentException if an input is missing, not known or of the wrong type, or two
   *     contradict each other in a symbolic dimension
   */
  Request request(Map<String, Tensor> given) {
    required.require(given);
    Map<String, Long> sizes = new HashMap<>();
    for (Input input : inputs) {
      Tensor tensor = given.get(input.name());
      List<Dim> dims = dims(input.type());
      for (int axis = 0; tensor != null && axis < dims.size(); axis++) {
        if (dims.get(axis) instanceof Dim.Symbol symbol) {
          long size = tensor.dim(axis);
          Long before = sizes.putIfAbsent(symbol.name(), size);
          if (before != null && before != size) {
            throw new IllegalArgumentException(
                "Input '%s': dimension %d, %s, is %d, but another input has %d"
                    .formatted(input.name(), axis, symbol.name(), size, before));
          }
        }
      }
    }
    long rows = sizes.getOrDefault(options.axis(), 1L);
    if (rows > options.rows()) {
      throw new IllegalArgumentException(
          "A request of %d rows does not fit a batch of %d".formatted(rows, options.rows()));
    }
    options
        .buckets()
        .forEach(
            (symbol, bounds) -> {
              long size = sizes.getOrDefault(symbol, 0L);
              if (!bounds.isEmpty() && size > bounds.get(bounds.size() - 1)) {
                throw new IllegalArgumentException(
                    "%s is %d, more than the largest bucket, %d"
                        .formatted(symbol, size, bounds.get(bounds.size() - 1)));
              }
            });
    return new Request(given, sizes, rows);
  }

  /** What requests of one batch have in common. */
  List<Object> key(Request request) {
    List<Object> key = new ArrayList<>();
    for (Input input : inputs) {
      Tensor tensor = request.inputs().get(input.name());
      List<Dim> dims = dims(input.type());
      for (int axis = 0; tensor != null && axis < dims.size(); axis++) {
        Dim dim = dims.get(axis);
        if (!isBatch(dim)) {
          key.add(isPadded(dim) ? padded((Dim.Symbol) dim, tensor.dim(axis)) : tensor.dim(axis));
        }
      }
    }
    return key;
  }

  private boolean isPadded(Dim dim) {
    return dim instanceof Dim.Symbol symbol && options.buckets().containsKey(symbol.name());
  }

  /** The size of the bucket it is padded to; 0 if requests of all sizes can share a batch. */
  private long padded(Dim.Symbol symbol, long size) {
    List<Long> bounds = options.buckets().getOrDefault(symbol.name(), List.of());
    return bounds.stream().filter(bound -> bound >= size).findFirst().orElse(0L);
  }

  /** The inputs of a batch. */
  Map<String, Datum> join(List<Request> requests) {
    Map<String, Datum> batch = new LinkedHashMap<>();
    for (Input input : inputs) {
      List<Tensor> parts = new ArrayList<>();
      for (Request request : requests) {
        Tensor part = request.inputs().get(input.name());
        if (part != null) {
          parts.add(part);
        }
      }
      int axis = axis(input.type());
      List<Dim> declared = dims(input.type());
      long[] dims = parts.get(0).dims();
      dims[axis] = parts.stream().mapToLong(part -> part.dim(axis)).sum();
      for (int a = 0; a < dims.length; a++) {
        if (declared.get(a) instanceof Dim.Symbol symbol && isPadded(symbol)) {
          int at = a;
          long longest = parts.stream().mapToLong(part -> part.dim(at)).max().orElse(0);
          dims[a] = Math.max(longest, padded(symbol, longest));
        }
      }
      double fill = options.fill().getOrDefault(input.name(), 0.0);
      batch.put(input.name(), Region.joined(parts, axis, dims, fill));
    }
    return batch;
  }

  /**
   * The outputs of each request, in their order.
   *
   * @throws IllegalStateException if an output does not have a place for each of the batch's rows
   */
  List<Outputs> split(List<Request> requests, Outputs batch) {
    long rows = requests.stream().mapToLong(Request::rows).sum();
    outputs.forEach(output -> requireRows(output, batch.tensor(output.name()), rows));
    List<Outputs> all = new ArrayList<>();
    long row = 0;
    for (Request request : requests) {
      Map<String, Datum> own = new LinkedHashMap<>();
      for (Output output : outputs) {
        Tensor whole = batch.tensor(output.name());
        List<Dim> declared = dims(output.type());
        long[] at = new long[whole.rank()];
        long[] dims = whole.dims();
        for (int axis = 0; axis < dims.length; axis++) {
          if (isBatch(declared.get(axis))) {
            at[axis] = row;
            dims[axis] = request.rows();
          } else if (declared.get(axis) instanceof Dim.Symbol symbol && isPadded(symbol)) {
            dims[axis] =
                Math.min(dims[axis], request.sizes().getOrDefault(symbol.name(), dims[axis]));
          }
        }
        own.put(output.name(), Region.cut(whole, at, dims));
      }
      row += request.rows();
      all.add(Outputs.of(own));
    }
    return all;
  }
}
