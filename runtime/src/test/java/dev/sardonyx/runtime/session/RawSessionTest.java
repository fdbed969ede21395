package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Tensor;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random models that make tensors of numbers and strings, sequences of them, and maps, of one
 * another: a session gives what ONNX Runtime's Java API gives for the same file, in calls and
 * through a binding. {@code -Dsardonyx.models=1000} tries more.
 */
class RawSessionTest {
  private static final int ROWS = 4;

  static IntStream seeds() {
    return IntStream.range(0, Integer.getInteger("sardonyx.models", 25));
  }

  /** Nodes that take what is there and give one value more, by kind. */
  private static final class Growing {
    private final Random random;
    private final StringBuilder nodes = new StringBuilder();
    private final Map<String, List<String>> values = new TreeMap<>();
    private final Map<String, String> outputs = new LinkedHashMap<>();
    private int count;

    Growing(long seed) {
      random = new Random(seed);
      values.put("float", new ArrayList<>(List.of("x")));
      values.put("string", new ArrayList<>(List.of("s")));
      values.put("int64", new ArrayList<>(List.of("i")));
    }

    private String any(String kind) {
      List<String> all = values.get(kind);
      return all.get(random.nextInt(all.size()));
    }

    private boolean has(String kind) {
      return values.containsKey(kind);
    }

    private void add(String kind, String type, String node) {
      String name = "v" + count++;
      nodes.append(name).append(" = ").append(node).append('\n');
      values.computeIfAbsent(kind, k -> new ArrayList<>()).add(name);
      outputs.put(name, type);
    }

    private String element() {
      return List.of("float", "string", "int64").get(random.nextInt(3));
    }

    void grow() {
      String element = element();
      String sequence = "seq(" + element + ")";
      String rank2 = element + "[P" + count + ",Q" + count + "]";
      switch (random.nextInt(9)) {
        case 0 -> add("float", "float[N,3]", "Add (" + any("float") + ", " + any("float") + ")");
        case 1 ->
            add(
                "string",
                "string[N,3]",
                "StringConcat (" + any("string") + ", " + any("string") + ")");
        case 2 -> add("int64", "int64[N,3]", "Cast <to = 7> (" + any("float") + ")");
        case 3 ->
            add(
                sequence,
                "seq(" + element + "[P" + count + ",Q" + count + "])",
                "SequenceConstruct (" + any(element) + ", " + any(element) + ")");
        case 4 -> {
          if (has(sequence)) {
            add(
                sequence,
                "seq(" + rank2 + ")",
                "SequenceInsert (" + any(sequence) + ", " + any(element) + ", first)");
          }
        }
        case 5 -> {
          if (has(sequence)) {
            add(element, element + "[N,3]", "SequenceAt (" + any(sequence) + ", first)");
          }
        }
        case 6 -> {
          if (has(sequence)) {
            outputs.put("v" + count, rank2);
            nodes.append(
                "v" + count++ + " = ConcatFromSequence <axis = 0> (" + any(sequence) + ")\n");
          }
        }
        case 7 -> {
          nodes.append("p" + count + " = Softmax (" + any("float") + ")\n");
          boolean words = random.nextBoolean();
          add(
              "maps",
              "seq(map(" + (words ? "string" : "int64") + ", float))",
              "ai.onnx.ml.ZipMap <classlabels_"
                  + (words ? "strings = [\"a\", \"b\", \"c\"]" : "int64s = [7, -1, 3]")
                  + "> (p"
                  + count
                  + ")");
        }
        default -> add(element, element + "[N,3]", "Identity (" + any(element) + ")");
      }
    }

    Model model() {
      StringBuilder given = new StringBuilder();
      outputs.forEach(
          (name, type) -> given.append(given.length() == 0 ? "" : ", ").append(type + " " + name));
      return ModelParser.parse(
          "<ir_version: 10, opset_import: [\"\": 20, \"ai.onnx.ml\": 3]>"
              + " mixed (float[N,3] x, string[N,3] s, int64[N,3] i) => ("
              + given
              + ") <int64 first = {0}> {\n"
              + nodes
              + "}");
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aSessionGivesWhatTheJavaApiGives(int seed) throws OrtException {
    Growing growing = new Growing(seed);
    while (growing.outputs.size() < 8) {
      growing.grow();
    }
    Model model = growing.model();
    float[] x = new float[ROWS * 3];
    long[] i = new long[ROWS * 3];
    String[] s = new String[ROWS * 3];
    for (int k = 0; k < x.length; k++) {
      x[k] = growing.random.nextInt(200) / 8f - 12;
      i[k] = growing.random.nextLong();
      s[k] = List.of("", "ä", "x y", "\u4e2d", "\ud83d\ude00").get(growing.random.nextInt(5)) + k;
    }
    Map<String, String> raw = raw(model, x, s, i);
    try (InferenceSession session = InferenceSession.of(model)) {
      Map<String, String> called = new TreeMap<>();
      session
          .call()
          .with("x", x, ROWS, 3)
          .with("s", s, ROWS, 3)
          .with("i", i, ROWS, 3)
          .run()
          .forEach((name, value) -> called.put(name, plain(value)));
      assertEquals(raw, called, model.toString());
      Map<String, Datum> inputs =
          Map.of(
              "x", Tensor.ofFloats(x, ROWS, 3),
              "s", Tensor.ofStrings(List.of(s), ROWS, 3),
              "i", Tensor.ofLongs(i, ROWS, 3));
      Map<String, String> run = new TreeMap<>();
      session.run(inputs).forEach((name, value) -> run.put(name, plain(value)));
      assertEquals(raw, run);
    }
    bound(seed, x, i);
  }

  /** Tensors of numbers through a binding, some outputs in buffers and others kept. */
  private static void bound(int seed, float[] x, long[] i) throws OrtException {
    Growing growing = new Growing(seed);
    growing.values.remove("string");
    Random random = growing.random;
    for (int n = 0; n < 4; n++) {
      switch (random.nextInt(3)) {
        case 0 ->
            growing.add(
                "float",
                "float[N,3]",
                "Mul (" + growing.any("float") + ", " + growing.any("float") + ")");
        case 1 -> growing.add("float", "float[N,3]", "Neg (" + growing.any("float") + ")");
        default ->
            growing.add(
                "int64",
                "int64[N,3]",
                "Sub (" + growing.any("int64") + ", " + growing.any("int64") + ")");
      }
    }
    Model mixed = growing.model();
    Model model =
        mixed.withGraph(
            mixed
                .graph()
                .withInputs(
                    mixed.graph().inputs().stream().filter(n -> !n.name().equals("s")).toList()));
    Map<String, String> raw = raw(model, x, null, i);
    try (InferenceSession session = InferenceSession.of(model);
        Binding binding = session.bind()) {
      binding.allocateInput("x", ROWS, 3).asFloatBuffer().put(x);
      binding.allocateInput("i", ROWS, 3).asLongBuffer().put(i);
      for (String name : raw.keySet()) {
        if (random.nextBoolean()) {
          binding.allocateOutput(name, ROWS, 3);
        }
      }
      for (int repeated = 0; repeated < 2; repeated++) {
        binding.run();
        Map<String, String> given = new TreeMap<>();
        raw.keySet().forEach(name -> given.put(name, plain(binding.tensor(name))));
        assertEquals(raw, given);
      }
    }
  }

  /** By ONNX Runtime's Java API alone. */
  private static Map<String, String> raw(Model model, float[] x, String[] s, long[] i)
      throws OrtException {
    OrtEnvironment environment = Environments.shared();
    long[] dims = {ROWS, 3};
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    Map<String, String> values = new TreeMap<>();
    try (OrtSession session = environment.createSession(OnnxWriter.toBytes(model))) {
      feeds.put("x", OnnxTensor.createTensor(environment, FloatBuffer.wrap(x), dims));
      feeds.put("i", OnnxTensor.createTensor(environment, LongBuffer.wrap(i), dims));
      if (s != null) {
        feeds.put("s", OnnxTensor.createTensor(environment, s, dims));
      }
      try (OrtSession.Result result = session.run(feeds)) {
        for (Map.Entry<String, OnnxValue> value : result) {
          values.put(value.getKey(), plain(value.getValue()));
        }
      }
    } finally {
      feeds.values().forEach(OnnxTensor::close);
    }
    return values;
  }

  private static String plain(OnnxValue value) throws OrtException {
    if (value instanceof OnnxSequence sequence) {
      List<String> items = new ArrayList<>();
      for (OnnxValue item : sequence.getValue()) {
        try (item) {
          items.add(plain(item));
        }
      }
      return "sequence " + items;
    }
    if (value instanceof OnnxMap map) {
      Map<String, String> entries = new TreeMap<>();
      map.getValue().forEach((k, v) -> entries.put(String.valueOf(k), String.valueOf(v)));
      return "map " + entries;
    }
    OnnxTensor tensor = (OnnxTensor) value;
    String dims = Arrays.toString(tensor.getInfo().getShape());
    return switch (tensor.getInfo().type) {
      case FLOAT -> dims + Arrays.toString(tensor.getFloatBuffer().array());
      case INT64 -> dims + Arrays.toString(tensor.getLongBuffer().array());
      default ->
          dims + Arrays.deepToString((Object[]) tensor.getValue()).replaceAll("[\\[\\]]", "");
    };
  }

  private static String plain(Datum value) {
    if (value instanceof SequenceDatum sequence) {
      return "sequence " + sequence.items().stream().map(RawSessionTest::plain).toList();
    }
    if (value instanceof MapDatum map) {
      Map<String, String> entries = new TreeMap<>();
      Tensor keys = map.keys();
      for (int k = 0; k < keys.length(); k++) {
        float number = (float) ((Tensor) map.values().items().get(k)).toScalar();
        entries.put(
            keys.elementType() == ElementType.STRING
                ? keys.strings().get(k)
                : String.valueOf(keys.toLongs()[k]),
            String.valueOf(number));
      }
      return "map " + entries;
    }
    Tensor tensor = (Tensor) value;
    String dims = Arrays.toString(tensor.dims());
    return switch (tensor.elementType()) {
      case FLOAT -> dims + Arrays.toString(tensor.toFloats());
      case INT64 -> dims + Arrays.toString(tensor.toLongs());
      default -> dims + String.join(", ", tensor.strings());
    };
  }
}
