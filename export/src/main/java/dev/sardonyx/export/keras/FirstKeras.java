package dev.sardonyx.export.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Files of Keras 1 in the words of Keras 2: its layers and their settings have other names, and
 * some weights another order. Where those of convolutions may be Theano's, which turns kernels
 * round, they are refused, since the file does not say.
 */
final class FirstKeras {
  private static final Map<String, String> CLASSES =
      Map.of(
          "Convolution1D", "Conv1D",
          "AtrousConvolution1D", "Conv1D",
          "Convolution2D", "Conv2D",
          "AtrousConvolution2D", "Conv2D",
          "Convolution3D", "Conv3D",
          "Deconvolution2D", "Conv2DTranspose",
          "SeparableConvolution2D", "SeparableConv2D");

  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("bias", "use_bias"),
          Map.entry("border_mode", "padding"),
          Map.entry("subsample", "strides"),
          Map.entry("subsample_length", "strides"),
          Map.entry("stride", "strides"),
          Map.entry("nb_filter", "filters"),
          Map.entry("filter_length", "kernel_size"),
          Map.entry("pool_length", "pool_size"),
          Map.entry("length", "size"),
          Map.entry("inner_activation", "recurrent_activation"),
          Map.entry("atrous_rate", "dilation_rate"),
          Map.entry("p", "rate"),
          Map.entry("sigma", "stddev"),
          Map.entry("input_dtype", "dtype"));

  private static final Map<String, String> MERGES =
      Map.of(
          "sum", "Add",
          "mul", "Multiply",
          "ave", "Average",
          "max", "Maximum",
          "concat", "Concatenate",
          "dot", "Dot");

  private static final Set<String> WITH_UNITS = Set.of("Dense", "LSTM", "GRU", "SimpleRNN");

  /** The gates of an LSTM, and of a GRU, in Keras 2's order, as Keras 1 has numbered them. */
  private static final int[] LSTM_GATES = {0, 2, 1, 3};

  private static final int[] GRU_GATES = {0, 1, 2};

  private FirstKeras() {}

  /** The configuration of a model, or of a layer, as Keras 2 writes it. */
  static JsonElement modern(JsonElement element) {
    if (element.isJsonArray()) {
      JsonArray all = new JsonArray();
      element.getAsJsonArray().forEach(e -> all.add(modern(e)));
      return all;
    }
    if (!element.isJsonObject()) {
      return element;
    }
    JsonObject given = element.getAsJsonObject();
    boolean named =
        given.has("class_name")
            && given.get("class_name").isJsonPrimitive()
            && given.has("config")
            && given.get("config").isJsonObject();
    JsonObject changed = new JsonObject();
    given.entrySet().forEach(e -> changed.add(e.getKey(), modern(e.getValue())));
    if (named) {
      String name = given.get("class_name").getAsString();
      JsonObject config = settings(name, changed.getAsJsonObject("config"));
      changed.addProperty("class_name", className(name, config));
      changed.add("config", config);
    }
    return changed;
  }

  private static String className(String name, JsonObject config) {
    if (!name.equals("Merge")) {
      return CLASSES.getOrDefault(name, name);
    }
    JsonElement given = config.get("mode");
    String mode = given != null && given.isJsonPrimitive() ? given.getAsString() : "";
    String merge = MERGES.get(mode);
    if (merge == null || config.has("layers")) {
      return name;
    }
    if (config.has("concat_axis")) {
      config.add("axis", config.get("concat_axis"));
    }
    if (config.has("dot_axes")) {
      config.add("axes", config.get("dot_axes"));
    }
    return merge;
  }

  private static JsonObject settings(String className, JsonObject given) {
    JsonObject config = new JsonObject();
    given
        .entrySet()
        .forEach(e -> config.add(SETTINGS.getOrDefault(e.getKey(), e.getKey()), e.getValue()));
    if (WITH_UNITS.contains(className) && given.has("output_dim")) {
      config.add("units", given.get("output_dim"));
    }
    if (given.has("dim_ordering")) {
      String order = given.get("dim_ordering").toString();
      config.addProperty("data_format", order.contains("th") ? "channels_first" : "channels_last");
    }
    for (String[] sizes :
        List.of(
            new String[] {"nb_row", "nb_col"},
            new String[] {"kernel_dim1", "kernel_dim2", "kernel_dim3"})) {
      if (given.has(sizes[0])) {
        JsonArray kernel = new JsonArray();
        for (String size : sizes) {
          kernel.add(ModelConfig.element(given, size));
        }
        config.add("kernel_size", kernel);
      }
    }
    if (className.equals("ZeroPadding2D")) {
      config.add("padding", sides(ModelConfig.element(given, "padding")));
    }
    return config;
  }

  /** Top, bottom, left and right as two pairs. */
  private static JsonElement sides(JsonElement padding) {
    if (!padding.isJsonArray() || padding.getAsJsonArray().size() != 4) {
      return padding;
    }
    JsonArray pairs = new JsonArray();
    for (int i = 0; i < 4; i += 2) {
      JsonArray pair = new JsonArray();
      pair.add(padding.getAsJsonArray().get(i));
      pair.add(padding.getAsJsonArray().get(i + 1));
      pairs.add(pair);
    }
    return pairs;
  }

  /** Why a layer cannot be read, if it cannot. */
  static Optional<String> refusal(ModelConfig.Layer layer) {
    LayerConfig config = layer.config();
    boolean kernels = layer.className().contains("Conv");
    if (kernels && config.text("data_format", "").equals("channels_first")) {
      return Optional.of(
          "its kernels may be Theano's, which turns them round; save it with Keras 2 first");
    }
    if (layer.className().equals("BatchNormalization") && config.whole("mode", 0) == 1) {
      return Optional.of("its mode 1 normalises each sample by itself");
    }
    return layer.className().equals("Merge")
        ? Optional.of("it merges by code, cosines or models of its own; save it with Keras 2 first")
        : Optional.empty();
  }

  /** The weights of a layer in the order and the layout of Keras 2. */
  static List<Tensor> weights(ModelConfig.Layer layer, List<Tensor> given) {
    JsonElement inner = layer.config().element("layer");
    if (inner.isJsonObject()) {
      ModelConfig.Layer wrapped = ModelConfig.inner(inner);
      if (!layer.className().equals("Bidirectional")) {
        return weights(wrapped, given);
      }
      int half = given.size() / 2;
      List<Tensor> both = new ArrayList<>(weights(wrapped, given.subList(0, half)));
      both.addAll(weights(wrapped, given.subList(half, given.size())));
      return both;
    }
    return switch (layer.className()) {
      case "LSTM" -> given.size() == 12 ? gates(given, LSTM_GATES) : given;
      case "GRU" -> given.size() == 9 ? gates(given, GRU_GATES) : given;
      case "Conv1D" -> first(given, FirstKeras::withoutHeight);
      case "Conv2DTranspose" -> first(given, kernel -> Permuted.of(kernel, 0, 1, 3, 2));
      default -> given;
    };
  }

  private static List<Tensor> first(List<Tensor> given, UnaryOperator<Tensor> change) {
    List<Tensor> all = new ArrayList<>(given);
    if (!all.isEmpty() && all.get(0).rank() == 4) {
      all.set(0, change.apply(all.get(0)));
    }
    return all;
  }

  /** {@code [length,1,in,filters]}, or the older {@code [filters,in,length,1]}, without the 1. */
  private static Tensor withoutHeight(Tensor kernel) {
    Tensor modern = kernel.dim(1) == 1 ? kernel : Permuted.of(kernel, 2, 3, 1, 0);
    return modern.reshape(modern.dim(0), modern.dim(2), modern.dim(3));
  }

  /** The kernels, recurrent kernels and biases of all gates beside one another. */
  private static List<Tensor> gates(List<Tensor> given, int... order) {
    List<Tensor> all = new ArrayList<>();
    for (int role = 0; role < 3; role++) {
      List<Tensor> parts = new ArrayList<>();
      for (int gate : order) {
        parts.add(given.get(3 * gate + role));
      }
      all.add(beside(parts));
    }
    return all;
  }

  private static Tensor beside(List<Tensor> parts) {
    Tensor one = parts.get(0);
    int rows = one.rank() == 2 ? Math.toIntExact(one.dim(0)) : 1;
    int columns = Math.toIntExact(one.dim(one.rank() - 1));
    int wide = columns * parts.size();
    double[] all = new double[rows * wide];
    for (int i = 0; i < parts.size(); i++) {
      double[] part = parts.get(i).toDoubles();
      if (part.length != rows * columns) {
        throw new BrokenFile("has gates of different sizes");
      }
      for (int row = 0; row < rows; row++) {
        System.arraycopy(part, row * columns, all, row * wide + i * columns, columns);
      }
    }
    return one.rank() == 2
        ? Tensor.ofNumbers(one.elementType(), all, rows, wide)
        : Tensor.ofNumbers(one.elementType(), all, wide);
  }
}
