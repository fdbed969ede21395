package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import dev.sardonyx.export.keras.OperationReaders.Called;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.IndexingOps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Operations of {@code keras.ops} that reshape, move or select elements. */
final class ShapeOperations {
  static final Map<String, LayerReader> OPERATIONS = new TreeMap<>();

  static {
    put("Reshape", o -> builder(o).reshape(o.in().first(), shape(o, "newshape")));
    put("Ravel", o -> builder(o).reshape(o.in().first(), -1));
    put("Transpose", ShapeOperations::transpose);
    put("Swapaxes", ShapeOperations::swapAxes);
    put("Moveaxis", ShapeOperations::moveAxis);
    put("ExpandDims", o -> builder(o).unsqueeze(o.in().first(), axes(o)));
    put("Squeeze", ShapeOperations::squeeze);
    put("Concatenate", ShapeOperations::concatenate);
    put("Stack", ShapeOperations::stack);
    put("Tile", ShapeOperations::tile);
    put("Repeat", ShapeOperations::repeat);
    put("BroadcastTo", o -> builder(o).expand(o.in().first(), shape(o, "shape")));
    put("Flip", ShapeOperations::flip);
    put("Pad", ShapeOperations::pad);
    put("Take", ShapeOperations::take);
    put("GetItem", ShapeOperations::getItem);
    put("Tril", o -> triangle(o, false));
    put("Triu", o -> triangle(o, true));
    OPERATIONS.put("Split", ShapeOperations::split);
    OPERATIONS.put("Unstack", ShapeOperations::unstack);
    OPERATIONS.put("TopK", ShapeOperations::topK);
  }

  private ShapeOperations() {}

  private static void put(String name, java.util.function.Function<Called, Value> function) {
    OPERATIONS.put(name, OperationReaders.operation(function));
  }

  private static GraphBuilder builder(Called o) {
    return o.layer().builder();
  }

  /** A shape of numbers, one of which may be -1 or null. */
  private static long[] shape(Called o, String key) {
    JsonElement element = o.in().settings(key).element(key);
    if (!element.isJsonArray()) {
      throw o.layer().refusal("its " + key + " is not made of numbers");
    }
    List<Long> shape = new ArrayList<>();
    for (JsonElement dim : element.getAsJsonArray()) {
      if (!dim.isJsonNull() && !(dim.isJsonPrimitive() && dim.getAsJsonPrimitive().isNumber())) {
        throw o.layer().refusal("its " + key + " is not made of numbers");
      }
      shape.add(dim.isJsonNull() ? -1 : dim.getAsLong());
    }
    return shape.stream().mapToLong(d -> d).toArray();
  }

  private static long[] axes(Called o) {
    LayerConfig settings = o.in().settings("axis");
    return settings.wholes("axis");
  }

  private static int axis(LayerConfig settings, String key, long absent, Value x) {
    return KerasLayer.axis(settings.whole(key, absent), KerasLayer.rank(x));
  }

  private static Value transpose(Called o) {
    LayerConfig settings = o.in().settings("axes");
    Value x = o.in().first();
    int rank = KerasLayer.rank(x);
    long[] perm =
        settings.has("axes")
            ? LongStream.of(settings.wholes("axes")).map(a -> KerasLayer.axis(a, rank)).toArray()
            : IntStream.range(0, rank).mapToLong(i -> rank - 1 - i).toArray();
    return builder(o).transpose(x, perm);
  }

  private static Value swapAxes(Called o) {
    LayerConfig settings = o.in().settings("axis1", "axis2");
    Value x = o.in().first();
    long[] perm = IntStream.range(0, KerasLayer.rank(x)).asLongStream().toArray();
    int one = axis(settings, "axis1", 0, x);
    int other = axis(settings, "axis2", 0, x);
    perm[one] = other;
    perm[other] = one;
    return builder(o).transpose(x, perm);
  }

  private static Value moveAxis(Called o) {
    LayerConfig settings = o.in().settings("source", "destination");
    if (settings.wholes("source").length != 1 || settings.wholes("destination").length != 1) {
      throw o.layer().refusal("it moves several axes");
    }
    Value x = o.in().first();
    int from = KerasLayer.axis(settings.wholes("source")[0], KerasLayer.rank(x));
    int to = KerasLayer.axis(settings.wholes("destination")[0], KerasLayer.rank(x));
    return Layout.move(builder(o), x, from, to);
  }

  private static Value squeeze(Called o) {
    LayerConfig settings = o.in().settings("axis");
    return settings.has("axis")
        ? builder(o).squeeze(o.in().first(), settings.wholes("axis"))
        : builder(o).squeeze(o.in().first());
  }

  private static Value concatenate(Called o) {
    List<Value> all = o.in().list("xs");
    return builder(o).concat(axis(o.in().settings("axis"), "axis", 0, all.get(0)), all);
  }

  private static Value stack(Called o) {
    GraphBuilder b = builder(o);
    List<Value> all = o.in().list("x");
    long axis = o.in().settings("axis").whole("axis", 0);
    int at = KerasLayer.axis(axis, KerasLayer.rank(all.get(0)) + 1);
    return b.concat(at, all.stream().map(v -> b.unsqueeze(v, at)).toList());
  }

  private static Value tile(Called o) {
    long[] repeats = o.in().settings("repeats").wholes("repeats");
    Value x = o.in().first();
    int rank = KerasLayer.rank(x);
    if (repeats.length > rank) {
      throw o.layer().refusal("it repeats along more axes than there are");
    }
    long[] all = new long[rank];
    Arrays.fill(all, 1);
    System.arraycopy(repeats, 0, all, rank - repeats.length, repeats.length);
    return builder(o).tile(x, all);
  }

  /** Repeats each element a number of times in succession. */
  private static Value repeat(Called o) {
    LayerConfig settings = o.in().settings("repeats", "axis");
    if (!settings.has("axis") || settings.wholes("repeats").length != 1) {
      throw o.layer().refusal("it repeats elements differently, or of all axes");
    }
    GraphBuilder b = builder(o);
    Value x = o.in().first();
    int axis = axis(settings, "axis", 0, x);
    long times = settings.wholes("repeats")[0];
    int size = Math.toIntExact(KerasLayer.dim(x, axis));
    long[] indices =
        IntStream.range(0, size)
            .boxed()
            .flatMapToLong(i -> LongStream.generate(() -> i).limit(times))
            .toArray();
    return b.gather(x, b.longs("indices", indices), axis);
  }

  private static Value flip(Called o) {
    LayerConfig settings = o.in().settings("axis");
    Value x = o.in().first();
    int rank = KerasLayer.rank(x);
    long[] axes =
        settings.has("axis")
            ? settings.wholes("axis")
            : IntStream.range(0, rank).asLongStream().toArray();
    for (long axis : axes) {
      x = RecurrentReaders.flip(builder(o), x, KerasLayer.axis(axis, rank));
    }
    return x;
  }

  private static Value pad(Called o) {
    LayerConfig settings = o.in().settings("pad_width", "mode");
    Value x = o.in().first();
    int rank = KerasLayer.rank(x);
    long[] given = settings.wholes("pad_width");
    long[] pads = new long[2 * rank];
    for (int i = 0; i < rank; i++) {
      pads[i] = given.length == 1 ? given[0] : given.length == 2 ? given[0] : given[2 * i];
      pads[rank + i] =
          given.length == 1 ? given[0] : given.length == 2 ? given[1] : given[2 * i + 1];
    }
    String mode = settings.text("mode", "constant");
    if (!List.of("constant", "reflect").contains(mode)) {
      throw o.layer().refusal("it pads by " + mode);
    }
    double fill = o.in().settings("-", "-", "constant_values").number("constant_values", 0);
    return builder(o).pad(x, mode, fill, pads);
  }

  private static Value take(Called o) {
    LayerConfig settings = o.in().settings("-", "axis");
    GraphBuilder b = builder(o);
    Value x = o.in().first();
    Value indices = DenseReaders.indices(b, o.in().at("indices", 1));
    return settings.has("axis")
        ? b.gather(x, indices, axis(settings, "axis", 0, x))
        : b.gather(b.reshape(x, -1), indices, 0);
  }

  private static Value triangle(Called o, boolean upper) {
    if (o.in().settings("k").whole("k", 0) != 0) {
      throw o.layer().refusal("its triangle is beside the diagonal");
    }
    return builder(o).trilu(o.in().first(), upper);
  }

  private static List<KerasTensor> split(KerasLayer layer) {
    Operands in = new Operands(layer);
    LayerConfig settings = in.settings("indices_or_sections", "axis");
    GraphBuilder b = layer.builder();
    Value x = in.first();
    int axis = axis(settings, "axis", 0, x);
    long size = KerasLayer.dim(x, axis);
    JsonElement cuts = settings.element("indices_or_sections");
    long[] ends;
    if (cuts.isJsonArray()) {
      ends =
          LongStream.concat(
                  LongStream.of(settings.wholes("indices_or_sections")), LongStream.of(size))
              .toArray();
    } else {
      long pieces = settings.whole("indices_or_sections");
      if (pieces < 1 || size % pieces != 0) {
        throw layer.broken("splits " + size + " into " + pieces);
      }
      ends = LongStream.rangeClosed(1, pieces).map(i -> i * (size / pieces)).toArray();
    }
    long[] sizes = new long[ends.length];
    for (int i = 0; i < ends.length; i++) {
      sizes[i] = ends[i] - (i == 0 ? 0 : ends[i - 1]);
    }
    return b.split(x, axis, sizes).stream().map(KerasTensor::of).toList();
  }

  private static List<KerasTensor> unstack(KerasLayer layer) {
    Operands in = new Operands(layer);
    GraphBuilder b = layer.builder();
    Value x = in.first();
    int axis = axis(in.settings("num", "axis"), "axis", 0, x);
    long[] sizes = new long[Math.toIntExact(KerasLayer.dim(x, axis))];
    Arrays.fill(sizes, 1);
    return b.split(x, axis, sizes).stream().map(v -> KerasTensor.of(b.squeeze(v, axis))).toList();
  }

  private static List<KerasTensor> topK(KerasLayer layer) {
    Operands in = new Operands(layer);
    Value x = in.first();
    long k = in.settings("k").whole("k");
    IndexingOps.TopK best = layer.builder().topK(x, k, KerasLayer.rank(x) - 1);
    Value places = layer.builder().cast(best.indices(), ElementType.INT32);
    return List.of(KerasTensor.of(best.values()), KerasTensor.of(places));
  }

  // x[...]

  /** Indexing as in Python: by integers, slices, an ellipsis and new axes. */
  private static Value getItem(Called o) {
    List<JsonElement> keys = keys(o);
    Value x = o.in().first();
    int rank = KerasLayer.rank(x);
    GraphBuilder b = builder(o);
    long named = keys.stream().filter(k -> !k.isJsonNull() && !isEllipsis(k)).count();
    List<Long> squeezed = new ArrayList<>();
    List<Long> added = new ArrayList<>();
    int axis = 0;
    int outAxis = 0;
    for (JsonElement key : keys) {
      if (isEllipsis(key)) {
        int all = rank - (int) named;
        axis += all;
        outAxis += all;
      } else if (key.isJsonNull()) {
        added.add((long) outAxis++);
      } else if (key.isJsonPrimitive() && key.getAsJsonPrimitive().isNumber()) {
        long at = key.getAsLong();
        x = b.slice(x, axis, at, at == -1 ? Long.MAX_VALUE : at + 1);
        squeezed.add((long) axis++);
      } else if (key.isJsonObject()) {
        x = slice(o, x, axis++, key);
        outAxis++;
      } else {
        throw o.layer().refusal("it takes elements by " + LayerConfig.shortened(key));
      }
    }
    x = squeezed.isEmpty() ? x : b.squeeze(x, numbers(squeezed));
    return added.isEmpty() ? x : b.unsqueeze(x, numbers(added));
  }

  private static long[] numbers(List<Long> list) {
    return list.stream().mapToLong(n -> n).toArray();
  }

  private static List<JsonElement> keys(Called o) {
    Argument key =
        o.layer().argument("key", 1).orElseThrow(() -> o.layer().broken("is called without a key"));
    if (key instanceof Argument.Literal literal) {
      return List.of(literal.element());
    }
    if (key instanceof Argument.Items items) {
      List<JsonElement> all = new ArrayList<>();
      for (Argument item : items.items()) {
        if (!(item instanceof Argument.Literal literal)) {
          throw o.layer().refusal("it takes elements by a tensor");
        }
        all.add(literal.element());
      }
      return all;
    }
    throw o.layer().refusal("it takes elements by a tensor");
  }

  private static boolean isEllipsis(JsonElement key) {
    return key.isJsonObject()
        && key.getAsJsonObject().has("class_name")
        && key.getAsJsonObject().get("class_name").getAsString().equals("__ellipsis__");
  }

  private static Value slice(Called o, Value x, int axis, JsonElement key) {
    LayerConfig slice =
        new LayerConfig(key.getAsJsonObject())
            .object("config")
            .orElseThrow(
                () -> o.layer().refusal("it takes elements by " + LayerConfig.shortened(key)));
    for (String part : List.of("start", "stop", "step")) {
      JsonElement element = slice.element(part);
      if (!(element instanceof JsonNull)
          && !(element.isJsonPrimitive() && element.getAsJsonPrimitive().isNumber())) {
        throw o.layer().refusal("its slice has a " + part + " that is no number");
      }
    }
    long step = slice.whole("step", 1);
    long start = slice.whole("start", step > 0 ? 0 : Long.MAX_VALUE);
    long stop = slice.whole("stop", step > 0 ? Long.MAX_VALUE : Long.MIN_VALUE + 1);
    if (step == 1 && start == 0 && stop == Long.MAX_VALUE) {
      return x;
    }
    return builder(o)
        .slice(x, new long[] {axis}, new long[] {start}, new long[] {stop}, new long[] {step});
  }
}
