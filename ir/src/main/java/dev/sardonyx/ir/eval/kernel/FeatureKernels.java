package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Features prepared: the operators of ai.onnx.ml that learn nothing themselves. */
final class FeatureKernels {
  static final String DOMAIN = "ai.onnx.ml";

  private FeatureKernels() {}

  static void register(Kernels kernels) {
    kernels.one(DOMAIN, "ArrayFeatureExtractor", FeatureKernels::extract);
    kernels.one(DOMAIN, "Binarizer", FeatureKernels::binarize);
    kernels.one(DOMAIN, "CastMap", FeatureKernels::castMap);
    kernels.one(DOMAIN, "CategoryMapper", FeatureKernels::mapCategories);
    kernels.one(DOMAIN, "DictVectorizer", FeatureKernels::vectorizeMap);
    kernels.one(DOMAIN, "FeatureVectorizer", FeatureKernels::joinFeatures);
    kernels.one(DOMAIN, "Imputer", FeatureKernels::impute);
    kernels.one(DOMAIN, "LabelEncoder", FeatureKernels::encodeLabels);
    kernels.one(DOMAIN, "Normalizer", FeatureKernels::normalize);
    kernels.one(DOMAIN, "OneHotEncoder", FeatureKernels::oneHot);
    kernels.one(DOMAIN, "Scaler", FeatureKernels::scale);
    kernels.one(DOMAIN, "ZipMap", FeatureKernels::zipMap);
  }

  static double @Nullable [] floats(KernelContext c, String name) {
    float[] values = c.floatsAttribute(name);
    return values == null || values.length == 0
        ? null
        : IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  /** The columns an input names; a vector counts as one row. */
  private static Tensor extract(KernelContext c) {
    Tensor x = c.tensor(0).rank() == 1 ? c.tensor(0).reshape(1, c.tensor(0).size()) : c.tensor(0);
    int last = x.rank() - 1;
    int[][] along = new int[x.rank()][];
    for (int d = 0; d < last; d++) {
      along[d] = Dims.range(x.dim(d));
    }
    long size = x.dim(last);
    along[last] =
        Arrays.stream(c.longs(1)).mapToInt(i -> GatherKernels.position(i, size)).toArray();
    return MovementKernels.gather(x, along);
  }

  private static Tensor binarize(KernelContext c) {
    double threshold = c.floatAttribute("threshold", 0);
    Tensor x = c.tensor(0);
    return x.elementType().isFloat()
        ? UnaryKernels.map(x, v -> v > threshold ? 1 : 0)
        : UnaryKernels.mapLongs(x, v -> v > threshold ? 1 : 0, c.parallel());
  }

  private static MapDatum map(KernelContext c) {
    if (c.input(0) instanceof MapDatum map) {
      return map;
    }
    throw new EvaluationException("input 0 is " + c.input(0).type() + ", not a map");
  }

  /** A map's entries, the keys as strings or longs, the values as tensors of one element. */
  private static Map<Object, Tensor> entries(MapDatum map) {
    Map<Object, Tensor> entries = new HashMap<>();
    List<Object> keys = items(map.keys());
    for (int i = 0; i < keys.size(); i++) {
      entries.put(keys.get(i), KernelContext.dense(map.values().items().get(i), "a map's value"));
    }
    return entries;
  }

  /** The elements as strings, longs or doubles. */
  private static List<Object> items(Tensor tensor) {
    if (tensor.elementType() == ElementType.STRING) {
      return new ArrayList<>(tensor.strings());
    }
    return tensor.elementType().isFloat()
        ? new ArrayList<>(Arrays.stream(Elements.doubles(tensor)).boxed().toList())
        : new ArrayList<>(Arrays.stream(Elements.longs(tensor)).boxed().toList());
  }

  /** The values in the order of their keys; sparse ones at the places their keys name. */
  private static Tensor castMap(KernelContext c) {
    MapDatum map = map(c);
    long[] keys = Elements.longs(map.keys());
    Integer[] order = new Integer[keys.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (i, j) -> Long.compare(keys[i], keys[j]));
    boolean sparse = c.stringAttribute("map_form", "DENSE").equals("SPARSE");
    int size = sparse ? (int) c.intAttribute("max_map", 1) : keys.length;
    List<Tensor> parts = new ArrayList<>();
    int[] index = new int[size];
    Arrays.fill(index, -1);
    for (int i = 0; i < order.length; i++) {
      parts.add(KernelContext.dense(map.values().items().get(order[i]), "a map's value"));
      int to = sparse ? (int) keys[order[i]] : i;
      if (to < size) {
        index[to] = i;
      }
    }
    ElementType type =
        switch (c.stringAttribute("cast_to", "TO_FLOAT")) {
          case "TO_STRING" -> ElementType.STRING;
          case "TO_INT64" -> ElementType.INT64;
          default -> ElementType.FLOAT;
        };
    Tensor all = Elements.take(Elements.joined(parts), index, 1, size);
    return CastKernels.cast(all, type, true, "up");
  }

  private static Tensor mapCategories(KernelContext c) {
    List<String> names = c.stringsAttribute("cats_strings");
    long[] numbers = c.intsAttribute("cats_int64s", new long[0]);
    if (names == null) {
      throw new EvaluationException("attribute cats_strings is missing");
    }
    Tensor x = c.tensor(0);
    if (x.elementType() == ElementType.STRING) {
      long unknown = c.intAttribute("default_int64", -1);
      long[] result =
          x.strings().stream()
              .mapToLong(s -> names.contains(s) ? numbers[names.indexOf(s)] : unknown)
              .toArray();
      return Tensor.ofLongs(result, x.dims());
    }
    Map<Long, String> byNumber = new HashMap<>();
    for (int i = 0; i < numbers.length; i++) {
      byNumber.put(numbers[i], names.get(i));
    }
    String unknown = c.stringAttribute("default_string", "_Unused");
    List<String> result =
        Arrays.stream(Elements.longs(x)).mapToObj(n -> byNumber.getOrDefault(n, unknown)).toList();
    return Tensor.ofStrings(result, x.dims());
  }

  /** A map's values in the order of a vocabulary; what the map lacks is 0 or "". */
  private static Tensor vectorizeMap(KernelContext c) {
    MapDatum map = map(c);
    Map<Object, Tensor> entries = entries(map);
    List<String> words = c.stringsAttribute("string_vocabulary");
    List<?> keys =
        words != null && !words.isEmpty()
            ? words
            : Arrays.stream(c.intsAttribute("int64_vocabulary", new long[0])).boxed().toList();
    List<Tensor> parts = new ArrayList<>();
    int[] index = new int[keys.size()];
    for (int i = 0; i < index.length; i++) {
      Tensor value = entries.get(keys.get(i));
      index[i] = value == null ? -1 : parts.size();
      if (value != null) {
        parts.add(value);
      }
    }
    if (parts.isEmpty()) {
      map.values().items().forEach(v -> parts.add(KernelContext.dense(v, "a map's value")));
    }
    return Elements.take(Elements.joined(parts), index, 1, index.length);
  }

  /**
   * Rows of several inputs side by side, each cut or filled with zeros to its width. A vector
   * counts as one row.
   */
  private static Tensor joinFeatures(KernelContext c) {
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < c.inputs(); i++) {
      Tensor x = c.tensor(i);
      Tensor rows = x.rank() == 1 ? x.reshape(1, x.size()) : x;
      long[] widths = c.intsAttribute("inputdimensions", Dims.fill(c.inputs(), rows.dim(1)));
      int[] columns = new int[(int) widths[i]];
      for (int k = 0; k < columns.length; k++) {
        columns[k] = k < rows.dim(1) ? k : -1;
      }
      Tensor part = MovementKernels.gather(rows, new int[][] {Dims.range(rows.dim(0)), columns});
      parts.add(CastKernels.cast(part, ElementType.FLOAT, true, "up"));
    }
    return ShapeKernels.concat(parts, 1);
  }

  /** Replaces one value by others, one a column. */
  private static Tensor impute(KernelContext c) {
    Tensor x = c.tensor(0);
    double[] values = Elements.doubles(x);
    double[] imputed = floats(c, "imputed_value_floats");
    double replaced = c.floatAttribute("replaced_value_float", 0);
    if (imputed == null) {
      long[] integers = c.intsAttribute("imputed_value_int64s", new long[0]);
      imputed = Arrays.stream(integers).asDoubleStream().toArray();
      replaced = c.intAttribute("replaced_value_int64", 0);
    }
    int columns = (int) x.dim(-1);
    if (imputed.length != 1 && imputed.length != columns) {
      throw new EvaluationException(
          imputed.length + " imputed values do not go with " + columns + " columns");
    }
    for (int i = 0; i < values.length; i++) {
      boolean missing = Double.isNaN(replaced) ? Double.isNaN(values[i]) : values[i] == replaced;
      values[i] = missing ? imputed[imputed.length == 1 ? 0 : i % columns] : values[i];
    }
    return Elements.of(x.elementType(), values, x.dims());
  }

  /** The keys or values of a label encoder, whichever attribute holds them. */
  private static Tensor labels(KernelContext c, String prefix) {
    Tensor tensor = c.tensorAttribute(prefix + "_tensor");
    if (tensor != null) {
      return tensor;
    }
    List<String> strings = c.stringsAttribute(prefix + "_strings");
    if (strings != null && !strings.isEmpty()) {
      return Tensor.ofStrings(strings, strings.size());
    }
    long[] integers = c.intsAttribute(prefix + "_int64s");
    if (integers != null && integers.length > 0) {
      return Tensor.ofLongs(integers, integers.length);
    }
    float[] floats = c.floatsAttribute(prefix + "_floats");
    if (floats == null) {
      throw new EvaluationException("there are no " + prefix);
    }
    return Tensor.ofFloats(floats, floats.length);
  }

  /** Version 1 goes between strings and their positions; later ones from any keys to any values. */
  private static Tensor encodeLabels(KernelContext c) {
    Tensor x = c.tensor(0);
    boolean toStrings = c.since() == 1 && x.elementType() != ElementType.STRING;
    Tensor keys;
    Tensor values;
    if (c.since() == 1) {
      List<String> given = c.stringsAttribute("classes_strings");
      List<String> classes = given == null ? List.of() : given;
      Tensor names = Tensor.ofStrings(classes, classes.size());
      Tensor numbers =
          Tensor.ofLongs(
              IntStream.range(0, classes.size()).asLongStream().toArray(), classes.size());
      keys = toStrings ? numbers : names;
      values = toStrings ? names : numbers;
    } else {
      keys = labels(c, "keys");
      values = labels(c, "values");
    }
    Map<Object, Integer> positions = new HashMap<>();
    List<Object> keyItems = items(keys);
    for (int i = 0; i < keyItems.size(); i++) {
      positions.putIfAbsent(keyItems.get(i), i);
    }
    List<Object> wanted = items(x);
    int[] index = new int[wanted.size()];
    for (int i = 0; i < index.length; i++) {
      index[i] = positions.getOrDefault(wanted.get(i), values.length());
    }
    Tensor otherwise = defaultLabel(c, values.elementType());
    Tensor flat = values.reshape(values.size());
    return Elements.take(Elements.joined(List.of(flat, otherwise)), index, x.dims());
  }

  private static Tensor defaultLabel(KernelContext c, ElementType type) {
    Tensor tensor = c.tensorAttribute("default_tensor");
    if (tensor != null && tensor.elementType() == type) {
      return tensor;
    }
    return switch (type) {
      case STRING -> Tensor.ofStrings(List.of(c.stringAttribute("default_string", "_Unused")));
      case FLOAT -> Tensor.scalar(c.floatAttribute("default_float", -0f));
      default -> Elements.of(type, new long[] {c.intAttribute("default_int64", -1)});
    };
  }

  private static Tensor normalize(KernelContext c) {
    String norm = c.stringAttribute("norm", "MAX");
    Tensor x = c.tensor(0);
    double[] values = Elements.doubles(x);
    int columns = (int) x.dim(-1);
    for (int from = 0; from < values.length; from += columns) {
      double size = 0;
      for (int i = from; i < from + columns; i++) {
        double v = Math.abs(values[i]);
        size =
            switch (norm) {
              case "L1" -> size + v;
              case "L2" -> size + v * v;
              default -> Math.max(size, v);
            };
      }
      double divisor = Math.max(norm.equals("L2") ? Math.sqrt(size) : size, 1e-30);
      for (int i = from; i < from + columns; i++) {
        values[i] /= divisor;
      }
    }
    return Elements.of(ElementType.FLOAT, values, x.dims());
  }

  private static Tensor oneHot(KernelContext c) {
    Tensor x = c.tensor(0);
    List<String> names = c.stringsAttribute("cats_strings");
    boolean text = x.elementType() == ElementType.STRING;
    List<?> categories =
        text && names != null
            ? names
            : Arrays.stream(c.intsAttribute("cats_int64s", new long[0])).boxed().toList();
    List<?> wanted = text ? x.strings() : Arrays.stream(Elements.longs(x)).boxed().toList();
    int width = categories.size();
    float[] y = new float[Dims.size(wanted.size(), width)];
    for (int i = 0; i < wanted.size(); i++) {
      int at = categories.indexOf(wanted.get(i));
      if (at >= 0) {
        y[i * width + at] = 1;
      } else if (c.intAttribute("zeros", 1) == 0) {
        throw new EvaluationException(wanted.get(i) + " is in no category");
      }
    }
    return Tensor.ofFloats(y, Dims.concat(x.dims(), width));
  }

  private static Tensor scale(KernelContext c) {
    Tensor x = c.tensor(0);
    double[] offset = floats(c, "offset");
    double[] factor = floats(c, "scale");
    double[] values = Elements.doubles(x);
    for (int i = 0; i < values.length; i++) {
      double moved = offset == null ? values[i] : values[i] - offset[i % offset.length];
      values[i] = factor == null ? moved : moved * factor[i % factor.length];
    }
    return Elements.of(ElementType.FLOAT, values, x.dims());
  }

  /** Each row of scores as a map from the labels. */
  private static Datum zipMap(KernelContext c) {
    Tensor x = c.tensor(0);
    List<String> names = c.stringsAttribute("classlabels_strings");
    long[] numbers = c.intsAttribute("classlabels_int64s", new long[0]);
    Tensor keys =
        names != null && !names.isEmpty()
            ? Tensor.ofStrings(names, names.size())
            : Tensor.ofLongs(numbers, numbers.length);
    Tensor rows = x.rank() == 1 ? x.reshape(1, x.size()) : x;
    List<Datum> maps = new ArrayList<>();
    for (int i = 0; i < rows.dim(0); i++) {
      List<Datum> values = new ArrayList<>();
      Tensor row = MovementKernels.at(rows, 0, i);
      for (int k = 0; k < row.size(); k++) {
        values.add(MovementKernels.at(row, 0, k));
      }
      maps.add(new MapDatum(keys, new SequenceDatum(Tensor.scalar(0f).type(), values)));
    }
    return new SequenceDatum(new MapType(keys.elementType(), Tensor.scalar(0f).type()), maps);
  }
}
