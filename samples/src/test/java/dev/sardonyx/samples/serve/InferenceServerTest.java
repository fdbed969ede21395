package dev.sardonyx.samples.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.ElementCodec;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.session.SessionOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol as the JDK's own client speaks it. */
final class InferenceServerTest {
  private static final int MAX_BODY = 20_000;
  private static final String TWO =
      """
      {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}]}""";

  @TempDir private static Path folder;
  private static final Map<String, ModelSource> FILES = new LinkedHashMap<>();
  private static InferenceServer server;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @BeforeAll
  static void start() throws IOException {
    model(
        "plain",
        """
        g (float[N,2] x) => (float[N,2] doubled, float[N,2] same)
        { doubled = Add (x, x) same = Identity (x) }
        """);
    model("my model", "g (float[2] x, string s) => (float[2] y) { y = Neg (x) }");
    model("scalar", "g (int64 x) => (int64 y) { y = Neg (x) }");
    // Answers as much as it is told to.
    model("wide", "g (int64[1] size) => (float[N] y) { y = ConstantOfShape (size) }");
    // Takes as long as it is told to.
    model(
        "slow",
        """
        g (int64 trips) => (int64 count)
        <bool go = {1}, int64 zero = {0}, int64 one = {1}> {
          count = Loop (trips, go, zero) <body = b (int64 i, bool c, int64 a) => (bool d, int64 e) {
            d = Identity (c)
            e = Add (a, one)
          }>
        }
        """);
    for (Datatype datatype : Datatype.values()) {
      model(
          datatype.name(),
          "g (%1$s[M,2] x) => (%1$s[M,2] y) { y = Identity (x) }"
              .formatted(datatype.elementType().onnxName()));
    }
    Model scores =
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            g (float[N,3] x) => (float[N,3] y, int32[N] whole, string text)
            <string t = {"t"}, int64[1] axes = {1}> {
              y = Identity (x)
              first = ReduceMax <keepdims = 0> (x, axes)
              whole = Cast <to = 6> (first)
              text = Identity (t)
            }
            """);
    Metadata named = scores.metadata().withProperty("classes", "[\"cat\", \"dog\", \"a:b\"]");
    FILES.put("classes", ModelSource.of("memory", scores.withMetadata(named)));
    server = serving(options());
  }

  private static void model(String name, String text) throws IOException {
    Path file = folder.resolve(name + ".onnx");
    OnnxWriter.write(
        ModelParser.parse("<ir_version: 10, opset_import: [\"\": 21]>\n" + text), file);
    FILES.put(name, ModelSource.of(file));
  }

  private static ServerOptions options() {
    return ServerOptions.DEFAULT.withAddress("localhost", 0).withMaxBody(MAX_BODY);
  }

  private static InferenceServer serving(ServerOptions options, String... names)
      throws IOException {
    Map<String, ModelSource> files = new LinkedHashMap<>(FILES);
    if (names.length > 0) {
      files.keySet().retainAll(List.of(names));
    }
    return InferenceServer.start(files, SessionOptions.DEFAULT, options, "1.2.3");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpRequest.Builder to(InferenceServer there, String path) {
    return HttpRequest.newBuilder(URI.create(there.address() + path));
  }

  private static HttpResponse<byte[]> sent(HttpRequest.Builder request) {
    try {
      return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static HttpRequest.Builder infer(InferenceServer there, String model, String body) {
    return to(there, "/v2/models/" + model + "/infer").POST(BodyPublishers.ofString(body));
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static JsonObject json(int status, HttpResponse<byte[]> response) {
    assertEquals(status, response.statusCode(), () -> text(response));
    assertEquals("application/json", response.headers().firstValue("Content-Type").orElse(""));
    return JsonParser.parseString(text(response)).getAsJsonObject();
  }

  private static String error(int status, HttpResponse<byte[]> response) {
    return json(status, response).get("error").getAsString();
  }

  private static JsonObject get(String path) {
    return json(200, sent(to(server, path)));
  }

  @Test
  void serverAndModelsTellOfThemselves() {
    assertEquals(
        "{\"name\":\"sardonyx\",\"version\":\"1.2.3\",\"extensions\":[\"binary_tensor_data\",\"classification\"]}",
        get("/v2").toString());
    assertEquals("{\"live\":true}", get("/v2/health/live").toString());
    assertEquals("{\"ready\":true}", get("/v2/health/ready").toString());
    assertEquals("{\"ready\":true,\"name\":\"plain\"}", get("/v2/models/plain/ready").toString());
    assertEquals(
        JsonParser.parseString(
            """
            {"name": "my model", "versions": ["1"], "platform": "onnxruntime_onnx",
             "inputs": [{"name": "x", "datatype": "FP32", "shape": [2]},
                        {"name": "s", "datatype": "BYTES", "shape": []}],
             "outputs": [{"name": "y", "datatype": "FP32", "shape": [2]}]}
            """),
        get("/v2/models/my%20model/versions/1"));
    assertEquals(
        "[-1,2]", get("/v2/models/plain").toString().replaceAll("(?s).*?(\\[-1.*?]).*", "$1"));
  }

  /** As the classification extension of the protocol has it. */
  @Test
  void theBestClassesHaveTheNamesThatTheModelTells() {
    String request =
        """
        {"inputs": [{"name": "x", "datatype": "FP32", "shape": [2, 3], "data": [1, 3, 2.5, 9, -1, 9]}],
         "outputs": [{"name": "%s", "parameters": {"classification": %s}}]}""";
    JsonObject best = json(200, sent(infer(server, "classes", request.formatted("y", 2))));
    assertEquals(
        "[{\"name\":\"y\",\"datatype\":\"BYTES\",\"shape\":[2,2],"
            + "\"data\":[\"3.0:1:dog\",\"2.5:2:a:b\",\"9.0:0:cat\",\"9.0:2:a:b\"]}]",
        best.get("outputs").toString());
    JsonObject all = json(200, sent(infer(server, "classes", request.formatted("y", 100))));
    assertTrue(all.toString().contains("\"shape\":[2,3]"), all.toString());
    JsonObject whole = json(200, sent(infer(server, "classes", request.formatted("whole", 1))));
    assertTrue(whole.toString().contains("\"shape\":[1],\"data\":[\"9:1\"]"), whole.toString());
    JsonObject plain =
        json(
            200,
            sent(infer(server, "plain", request.formatted("same", 1).replace("[2, 3]", "[3, 2]"))));
    assertTrue(plain.toString().contains("[\"3.0:1\",\"9.0:1\",\"9.0:1\"]"), plain.toString());
    for (String wrong : List.of("0", "-1", "1.5", "true", "\"3\"")) {
      String error = error(400, sent(infer(server, "classes", request.formatted("y", wrong))));
      assertTrue(error.contains("classification"), error);
    }
    String text = error(400, sent(infer(server, "classes", request.formatted("text", 1))));
    assertTrue(text.contains("output 'text' is string[], which has no classes"), text);
    assertEquals(
        "[\"cat\",\"dog\",\"a:b\"]",
        get("/v2/models/classes").getAsJsonObject("parameters").get("classes").toString());
  }

  /** Also those that no double holds. */
  @ParameterizedTest
  @CsvSource({
    "INT64,9007199254740992,9007199254740993",
    "INT64,-9223372036854775807,9223372036854775807",
    "UINT64,9223372036854775807,9223372036854775808",
    "UINT64,0,18446744073709551615"
  })
  void integerScoresAreExact(String datatype, String less, String more) {
    String request =
        """
        {"inputs": [{"name": "x", "datatype": "%s", "shape": [2, 2], "data": [%s, %s, %s, %s]}],
         "outputs": [{"name": "y", "parameters": {"classification": 2}}]}"""
            .formatted(datatype, less, more, more, less);
    String best = json(200, sent(infer(server, datatype, request))).toString();
    String first = "\"%2$s:1\",\"%1$s:0\",\"%2$s:0\",\"%1$s:1\"".formatted(less, more);
    assertTrue(best.contains("[" + first + "]"), best);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/v2/models/none,404,there is no model 'none'; there are plain",
    "POST,/v2/models/none/infer,404,there is no model 'none'",
    "GET,/v2/models/plain/versions/2,404,has no version '2'",
    "POST,/v2/models/plain/versions/2/infer,404,has no version '2'",
    "POST,/v2/models/plain/nothing/infer,404,there is nothing at",
    "GET,/v2/other,404,there is nothing at /v2/other",
    "GET,/..%2F..%2Fetc,404,there is nothing at",
    "GET,/v2/models/plain/infer,405,takes POST",
    "DELETE,/v2/health/live,405,takes GET",
    "POST,/v2/models/plain,405,takes GET"
  })
  void whatIsNotThere(String method, String path, int status, String words) {
    HttpResponse<byte[]> response =
        sent(to(server, path).method(method, BodyPublishers.ofString("{}")));
    String message = error(status, response);
    assertTrue(message.contains(words), message);
    assertEquals(
        status == 405, response.headers().firstValue("Allow").isPresent(), "names the method");
  }

  /** Who has its answer may ask again at once, though the server is not done with the first. */
  @Test
  void asManyClientsAsAreAllowedAreNeverRefused() throws IOException {
    try (InferenceServer one = serving(options().withMaxConcurrent(1), "plain")) {
      String request =
          "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [1, 2], \"data\": [1, 2]}]}";
      for (int i = 0; i < 300; i++) {
        assertEquals(200, sent(infer(one, "plain", request)).statusCode(), "request " + i);
      }
    }
  }

  /** More clients than there are threads, with answers that no buffer of the network holds. */
  @Test
  void clientsThatTakeNoAnswerLeaveThreadsForTheOthers() throws IOException {
    String body =
        """
        {"inputs": [{"name": "size", "datatype": "INT64", "shape": [1], "data": [4000000]}],
         "parameters": {"binary_data_output": true}}""";
    List<Socket> clients = new ArrayList<>();
    try (InferenceServer one = serving(options().withMaxConcurrent(1), "wide", "plain")) {
      List<String> statuses = new ArrayList<>();
      try {
        for (int i = 0; i < 20; i++) {
          Socket client = new Socket();
          clients.add(client);
          client.setReceiveBufferSize(4096);
          client.setSoTimeout(10_000);
          client.connect(new InetSocketAddress(one.address().getHost(), one.address().getPort()));
          String head =
              "POST /v2/models/wide/infer HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n"
                  .formatted(body.length());
          client.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
          byte[] line = client.getInputStream().readNBytes("HTTP/1.1 200".length());
          statuses.add(new String(line, StandardCharsets.US_ASCII).substring(9));
        }
        Duration most = Duration.ofSeconds(10);
        json(200, sent(to(one, "/v2/health/live").timeout(most)));
        String metrics = text(sent(to(one, "/metrics").timeout(most)));
        assertTrue(metrics.contains("sardonyx_requests_running 10\n"), metrics);
        List<String> expected = new ArrayList<>(Collections.nCopies(10, "200"));
        expected.addAll(Collections.nCopies(10, "503"));
        assertEquals(expected, statuses);
        String refusal = error(503, sent(infer(one, "plain", TWO).timeout(most)));
        assertTrue(refusal.contains("10 answers are not taken yet"), refusal);
      } finally {
        for (Socket client : clients) {
          client.close();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/health/live", "/v2/models/plain", "/v2/models/none", "/"})
  void headGivesTheHeadersOfGet(String path) {
    HttpResponse<byte[]> get = sent(to(server, path).GET());
    HttpResponse<byte[]> head = sent(to(server, path).method("HEAD", BodyPublishers.noBody()));
    assertEquals(get.statusCode(), head.statusCode());
    assertEquals(0, head.body().length);
    for (String header : List.of("Content-Type", "Content-Length")) {
      assertEquals(get.headers().firstValue(header), head.headers().firstValue(header), header);
    }
  }

  @Test
  void flatAndNestedDataAndChosenOutputs() {
    for (String data : List.of("[1, 2.5, -3, 4e0]", "[[1, 2.5], [-3, 4]]")) {
      JsonObject answer =
          json(
              200,
              sent(
                  infer(
                      server,
                      "plain",
                      """
                      {"id": "seven", "parameters": {"sequence_id": 3},
                       "outputs": [{"name": "doubled"}],
                       "inputs": [{"data": %s, "shape": [2, 2], "datatype": "FP32", "name": "x",
                                   "parameters": {"any": "thing"}}]}
                      """
                          .formatted(data))));
      assertEquals(
          JsonParser.parseString(
              """
              {"model_name": "plain", "model_version": "1", "id": "seven", "outputs": [
               {"name": "doubled", "datatype": "FP32", "shape": [2, 2],
                "data": [2.0, 5.0, -6.0, 8.0]}]}
              """),
          answer);
    }
    JsonArray all = json(200, sent(infer(server, "plain", TWO))).getAsJsonArray("outputs");
    assertEquals(2, all.size());
  }

  /** Of each type, the values that are hardest to carry. */
  private static Tensor elements(Datatype datatype) {
    if (datatype == Datatype.BYTES) {
      return Tensor.ofStrings(List.of("", "größer", "\"\\\n\u0001", "日本\ud83d\ude00"), 2, 2);
    }
    if (datatype == Datatype.BOOL) {
      return Tensor.ofBooleans(new boolean[] {true, false, false, true}, 2, 2);
    }
    ByteBuffer bytes = Tensor.allocate(datatype.elementType(), 4);
    ElementCodec codec = ElementCodec.of(datatype.elementType());
    if (datatype.elementType().isFloat()) {
      double[] numbers = {Double.NaN, Double.NEGATIVE_INFINITY, 1 / 3.0, -65_000};
      IntStream.range(0, 4).forEach(i -> codec.putDouble(bytes, i, numbers[i]));
    } else {
      // The largest and smallest of signed and unsigned types.
      long[] numbers = {-1, Long.MIN_VALUE, 1L << datatype.elementType().bits() - 1, 77};
      IntStream.range(0, 4).forEach(i -> codec.putLong(bytes, i, numbers[i]));
    }
    return Tensor.of(datatype.elementType(), new long[] {2, 2}, bytes);
  }

  @ParameterizedTest
  @EnumSource(Datatype.class)
  void everyTypeInBothForms(Datatype datatype) throws Exception {
    Tensor given = elements(datatype);
    byte[] binary = bytes(given);
    String header =
        """
        {"inputs": [{"name": "x", "datatype": "%s", "shape": [2, 2],
          "parameters": {"binary_data_size": %d}}], %s}""";
    // In binary form, out in JSON.
    HttpResponse<byte[]> response =
        sent(
            binary(
                datatype.name(),
                header.formatted(datatype, binary.length, "\"id\": \"1\""),
                binary));
    JsonObject output = json(200, response).getAsJsonArray("outputs").get(0).getAsJsonObject();
    // That JSON in, out in binary form.
    String data = output.get("data").toString();
    String request =
        """
        {"inputs": [{"name": "x", "datatype": "%s", "shape": [2, 2], "data": %s}],
         "parameters": {"binary_data_output": true}}"""
            .formatted(datatype, data);
    assertBinary(binary, sent(infer(server, datatype.name(), request)));
    // Asked for by the output itself.
    assertBinary(
        binary,
        sent(
            binary(
                datatype.name(),
                header.formatted(
                    datatype,
                    binary.length,
                    "\"outputs\": [{\"name\": \"y\", \"parameters\": {\"binary_data\": true}}]"),
                binary)));
  }

  private static byte[] bytes(Tensor tensor) {
    ByteBuffer bytes = TensorBytes.of(tensor);
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return copy;
  }

  private static HttpRequest.Builder binary(String model, String header, byte[] data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(json);
    body.writeBytes(data);
    return to(server, "/v2/models/" + model + "/infer")
        .header("Inference-Header-Content-Length", String.valueOf(json.length))
        .POST(BodyPublishers.ofByteArray(body.toByteArray()));
  }

  private static void assertBinary(byte[] data, HttpResponse<byte[]> response) {
    assertEquals(200, response.statusCode(), () -> text(response));
    assertEquals(
        "application/octet-stream", response.headers().firstValue("Content-Type").orElse(""));
    int json =
        (int) response.headers().firstValueAsLong("Inference-Header-Content-Length").orElse(-1);
    JsonObject header =
        JsonParser.parseString(new String(response.body(), 0, json, StandardCharsets.UTF_8))
            .getAsJsonObject();
    JsonObject output = header.getAsJsonArray("outputs").get(0).getAsJsonObject();
    assertEquals(
        data.length, output.getAsJsonObject("parameters").get("binary_data_size").getAsInt());
    assertEquals("[2,2]", output.get("shape").toString());
    assertEquals(
        ByteBuffer.wrap(data),
        ByteBuffer.wrap(response.body(), json, response.body().length - json));
  }

  @Test
  void aScalarWithAndWithoutItsArray() {
    for (String data : List.of("[-5]", "-5", "[-5.0]")) {
      String answer =
          json(
                  200,
                  sent(
                      infer(
                          server,
                          "scalar",
                          "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"INT64\", \"shape\": [],"
                              + " \"data\": %s}]}".formatted(data))))
              .toString();
      assertTrue(answer.contains("\"shape\":[],\"data\":[5]"), answer);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|the JSON ends too early",
        "{|ends too early",
        "[]|not the JSON of a request",
        "{}|has no 'inputs'",
        "{\"inputs\": []} {}|not the JSON of a request: malformed JSON at line 1 column 17",
        "{\"inputs\": [], \"inputs\": []}|two 'inputs'",
        "{\"inputs\": 3}|not the JSON of a request",
        "{\"inputs\": []}|Input 'x' of type float[N,2] is missing",
        "{\"inputs\": [{\"name\": 3}]}|name of an input is not a string: 3",
        "{\"inputs\": [{\"name\": \"x\"}]}|datatype of input 'x' is not a string",
        "{\"inputs\": [], \"outputs\": [{\"name\": \"z\"}]}|no output 'z'; it gives doubled, same",
        "{\"inputs\": [], \"id\": 4}|the id is not a string: 4",
        "{\"inputs\": [], \"parameters\": {\"binary_data_output\": 1}}|neither true nor false: 1"
      })
  void whatIsNoRequest(String body, String words) {
    String message = error(400, sent(infer(server, "plain", body == null ? "" : body)));
    assertTrue(message.contains(words), message);
    assertEquals(1, message.lines().count());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FLOAT|[1,2]|[1,2]|there is no datatype 'FLOAT'; there are [BOOL, UINT8",
        "FP32|3|[1,2]|has no shape",
        "FP32|[1,-2]|[1,2]|has no whole number of 0 or more: -2",
        "FP32|[1.5]|[1,2]|has no whole number of 0 or more: 1.5",
        "FP32|[1,3]|[1,2,3]|takes float[N,2], but was given float[1,3]",
        "FP32|[2]|[1,2]|takes float[N,2], but was given float[2]",
        "FP64|[1,2]|[1,2]|takes float[N,2], but was given double[1,2]",
        "FP32|[1,2]|[1]|data has 1 elements, its shape says 2",
        "FP32|[1,2]|[1,2,3]|more than the 2 elements",
        "FP32|[1,2]|[[1],[2]]|data has 1 elements on axis 1, its shape says 2",
        "FP32|[2,2]|[[1,2],[3,4,5]]|more than the 4 elements",
        "FP32|[2,2]|[[1,2],3,4]|there is NUMBER where an array is needed",
        "FP32|[1,2]|[[[1],2]]|element 0 is BEGIN_ARRAY where a number is needed",
        "FP32|[1,2]|5|there is NUMBER where an array is needed",
        "FP32|[1,2]|[1,null]|element 1 is NULL",
        "FP32|[1,2]|[1,true]|element 1 is BOOLEAN where a number",
        "FP32|[1,2]|[1,\"2\"]|element 1 is \"2\", which is no number",
        "FP32|[1,2]|[1,NaN]|not the JSON of a request",
        "FP32|[1,2]|[1,1e39]|element 1, 1e39, is too large",
        "FP16|[1,2]|[1,70000]|element 1, 70000, is too large",
        "INT8|[1,2]|[1,128]|element 1, 128, is out of range",
        "INT8|[1,2]|[-128,-129]|element 1, -129, is out of range",
        "UINT64|[1,2]|[18446744073709551615,-1]|element 1, -1, is out of range",
        "INT64|[1,2]|[1,1.5]|element 1, 1.5, is no whole number",
        "INT64|[1,2]|[1,1e999999999]|element 1, 1e999999999, is out of range",
        "INT64|[1,2]|[1,1e-999999999]|element 1, 1e-999999999, is out of range",
        "BOOL|[1,2]|[true,1]|element 1 is NUMBER where true or false is needed",
        "BYTES|[1,2]|[\"a\",1]|element 1 is NUMBER where a string is needed",
        "FP32|[1000000,1000000,1000000,1000000]|[1]|fewer elements than its shape says",
        "FP32|[4294967296,4294967296]|[1]|fewer elements than its shape says"
      })
  void elementsThatDoNotFit(String datatype, String shape, String data, String words) {
    String body =
        "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"%s\", \"shape\": %s, \"data\": %s}]}"
            .formatted(datatype, shape, data);
    String message = error(400, sent(infer(server, "plain", body)));
    assertTrue(message.contains(words), message);
  }

  @Test
  void binaryDataThatDoesNotFit() {
    String header =
        """
        {"inputs": [{"name": "x", "datatype": "%s", "shape": [1, 2], %s
          "parameters": {"binary_data_size": %s}}]}""";
    byte[] eight = new byte[8];
    assertWrong("8 bytes, its binary_data_size is 7", header.formatted("FP32", "", 7), new byte[7]);
    assertWrong("after the JSON there are 8 bytes", header.formatted("FP32", "", 9), eight);
    assertWrong("1 bytes of binary data belong", header.formatted("FP32", "", 8), new byte[9]);
    assertWrong("no whole number of 0 or more", header.formatted("FP32", "", -8), eight);
    assertWrong("both data and", header.formatted("FP32", "\"data\": [1, 2],", 8), eight);
    assertWrong("byte 1 is 2, neither 0 nor 1", header.formatted("BOOL", "", 2), new byte[] {1, 2});
    assertWrong("ends within string 0", header.formatted("BYTES", "", 3), new byte[3]);
    assertWrong("ends within string 0", header.formatted("BYTES", "", 4), new byte[] {9, 0, 0, 0});
    assertWrong(
        "ends within string 0", header.formatted("BYTES", "", 4), new byte[] {-1, -1, -1, -1});
    assertWrong("2 strings, its shape says 2", header.formatted("BYTES", "", 8), eight, false);
    assertWrong(
        "string 0 is not text", header.formatted("BYTES", "", 5), new byte[] {1, 0, 0, 0, -1});
    HttpRequest.Builder wrongLength =
        infer(server, "plain", TWO).header("Inference-Header-Content-Length", "9999");
    assertTrue(error(400, sent(wrongLength)).contains("is '9999', but the body has"));
  }

  private static void assertWrong(String words, String header, byte[] data) {
    assertWrong(words, header, data, true);
  }

  private static void assertWrong(String words, String header, byte[] data, boolean says) {
    String message = error(400, sent(binary("plain", header, data)));
    assertEquals(says, message.contains(words), message);
  }

  /** What the server answers to bytes that no client of the JDK would send. */
  private static String raw(String head, String body) throws IOException {
    URI there = server.address();
    try (Socket socket = new Socket(there.getHost(), there.getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          (head + "\r\nHost: x\r\nConnection: close\r\n\r\n" + body)
              .getBytes(StandardCharsets.UTF_8));
      out.flush();
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void bodiesThatEndTooEarlyAreAnsweredAndCounted() throws IOException {
    String post = "POST /v2/models/plain/infer HTTP/1.1\r\n";
    String counted = "sardonyx_requests_total{model=\"plain\",code=\"400\"} ";
    String before = number(counted);
    List<String> answers =
        List.of(
            raw(post + "Content-Length: 1000", TWO),
            raw(post + "Transfer-Encoding: chunked", "zz\r\n" + TWO),
            raw(post + "Transfer-Encoding: chunked", "fff\r\n" + TWO),
            raw(post + "Transfer-Encoding: chunked", "fffffffffffffff\r\n" + TWO));
    for (String answer : answers) {
      assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
      assertTrue(answer.contains("{\"error\":\"the body ends too early"), answer);
    }
    assertEquals(Integer.parseInt(before) + answers.size(), Integer.parseInt(number(counted)));
  }

  private static String number(String sample) {
    return text(sent(to(server, "/metrics")))
        .lines()
        .filter(line -> line.startsWith(sample))
        .map(line -> line.substring(sample.length()))
        .findFirst()
        .orElse("0");
  }

  @Test
  void whatIsLongIsNotRepeatedWhole() {
    String ones = "1,".repeat(2000) + "1";
    String input =
        "{\"inputs\": [{\"name\": \"%s\", \"datatype\": \"FP32\", \"shape\": [%s], \"data\": [1]}]}";
    String deep = error(400, sent(infer(server, "plain", input.formatted("x", ones))));
    assertTrue(deep.contains("2001 dimensions, more than 64"), deep);
    String named = error(400, sent(infer(server, "plain", input.formatted("n".repeat(9000), 1))));
    assertTrue(named.contains("nnn") && named.length() < 1100, named);
  }

  @Test
  void bodiesThatAreTooLargeOrCompressed() {
    byte[] body = new byte[3 * MAX_BODY];
    Arrays.fill(body, (byte) ' ');
    HttpRequest.Builder declared =
        to(server, "/v2/models/plain/infer").POST(BodyPublishers.ofByteArray(body));
    assertTrue(error(413, sent(declared)).contains("larger than the 20000 bytes"));
    HttpRequest.Builder undeclared =
        to(server, "/v2/models/plain/infer")
            .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));
    assertTrue(error(413, sent(undeclared)).contains("larger than"));
    HttpRequest.Builder compressed = infer(server, "plain", TWO).header("Content-Encoding", "gzip");
    assertTrue(error(415, sent(compressed)).contains("'gzip'"));
    json(200, sent(infer(server, "plain", TWO)));
  }

  private static String trips(long trips) {
    return "{\"inputs\": [{\"name\": \"trips\", \"datatype\": \"INT64\", \"shape\": [], \"data\":"
        + " [%d]}]}".formatted(trips);
  }

  private static CompletableFuture<HttpResponse<byte[]>> begun(InferenceServer there, long trips)
      throws InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        CLIENT.sendAsync(infer(there, "slow", trips(trips)).build(), BodyHandlers.ofByteArray());
    while (!metrics(there).contains("sardonyx_requests_running 1\n")) {
      Thread.sleep(2);
    }
    return answer;
  }

  private static String metrics(InferenceServer there) {
    return text(sent(to(there, "/metrics")));
  }

  @Test
  void tooManyAtOnceAndTooLong() throws Exception {
    ServerOptions options = options().withMaxConcurrent(1).withTimeout(Duration.ofMillis(700));
    try (InferenceServer small = serving(options, "slow", "plain")) {
      CompletableFuture<HttpResponse<byte[]>> first = begun(small, Long.MAX_VALUE);
      HttpResponse<byte[]> second = sent(infer(small, "plain", TWO));
      assertTrue(error(503, second).contains("1 requests are under way"), text(second));
      assertEquals("1", second.headers().firstValue("Retry-After").orElse(""));
      json(200, sent(to(small, "/v2/health/ready")));
      String late = error(504, first.get());
      assertTrue(late.contains("slow") || late.contains("longer"), late);
      String metrics = metrics(small);
      assertTrue(
          metrics.contains("sardonyx_requests_total{model=\"slow\",code=\"504\"} 1\n"), metrics);
      assertTrue(
          metrics.contains("sardonyx_failures_total{model=\"plain\",code=\"503\"} 1\n"), metrics);
    }
  }

  @Test
  void requestsUnderWayFinishWhenItCloses() throws Exception {
    InferenceServer closing = serving(options(), "slow", "plain");
    long trips = 300_000;
    CompletableFuture<HttpResponse<byte[]>> running = begun(closing, trips);
    CompletableFuture<Void> closed = CompletableFuture.runAsync(closing::close);
    HttpResponse<byte[]> ready = sent(to(closing, "/v2/health/ready"));
    while (ready.statusCode() == 200) {
      ready = sent(to(closing, "/v2/health/ready"));
    }
    assertEquals(503, ready.statusCode());
    assertTrue(error(503, sent(infer(closing, "plain", TWO))).contains("is shutting down"));
    assertTrue(json(200, running.get()).toString().contains("\"data\":[" + trips + "]"));
    closed.get();
    closing.close(); // again does nothing
    URI address = closing.address();
    assertThrows(
        ConnectException.class,
        () ->
            HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), BodyHandlers.discarding()));
  }

  @Test
  void whatTakesLongerThanTheGraceIsEnded() throws Exception {
    InferenceServer closing = serving(options().withGrace(Duration.ofMillis(50)), "slow");
    CompletableFuture<HttpResponse<byte[]>> running = begun(closing, Long.MAX_VALUE);
    closing.close();
    assertThrows(Exception.class, () -> json(200, running.get()));
  }

  @Test
  void manyCallersAreComputedInBatches() throws Exception {
    ServerOptions options = options().withBatchSize(16);
    try (InferenceServer batching = serving(options, "plain")) {
      List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        answers.add(
            CLIENT.sendAsync(
                infer(batching, "plain", TWO.replace("[1, 2]}", "[" + i + ", 1]}")).build(),
                BodyHandlers.ofByteArray()));
      }
      for (int i = 0; i < answers.size(); i++) {
        String answer = json(200, answers.get(i).get()).toString();
        assertTrue(answer.contains("\"data\":[" + 2.0 * i + ",2.0]"), answer);
      }
      String wrong = TWO.replace("[1, 2], ", "[1, 1], ").replace("[1, 2]}", "[1]}");
      assertTrue(error(400, sent(infer(batching, "plain", wrong))).contains("float[N,2]"));
      String metrics = metrics(batching);
      assertTrue(metrics.contains("sardonyx_batch_rows_sum{model=\"plain\"} 16.0\n"), metrics);
    }
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> serving(options, "scalar"));
    assertTrue(refused.getMessage().contains("scalar.onnx"), refused.getMessage());
  }

  /** Every line is a comment or a sample, and histograms are cumulative. */
  @Test
  void metricsAreInPrometheusFormat() {
    json(200, sent(infer(server, "plain", TWO)));
    HttpResponse<byte[]> response = sent(to(server, "/metrics"));
    assertEquals(
        "text/plain; version=0.0.4; charset=utf-8",
        response.headers().firstValue("Content-Type").orElse(""));
    String text = text(response);
    text.lines()
        .forEach(
            line ->
                assertTrue(
                    line.matches(
                        "# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{([a-z]+=\"[^\"]*\",?)+})? [0-9.E-]+"),
                    line));
    List<Long> buckets =
        text.lines()
            .filter(line -> line.startsWith("sardonyx_request_seconds_bucket{model=\"plain\""))
            .map(line -> Long.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
            .collect(Collectors.toList());
    assertEquals(14, buckets.size());
    assertEquals(buckets.stream().sorted().toList(), buckets);
    assertTrue(
        text.contains("sardonyx_request_seconds_count{model=\"plain\"} " + buckets.get(13) + "\n"));
  }

  @Test
  void timingsAreTold() {
    HttpResponse<byte[]> response = sent(infer(server, "plain", TWO));
    String timing = response.headers().firstValue("Server-Timing").orElse("");
    assertTrue(timing.matches("infer;dur=\\d+\\.\\d{3}"), timing);
  }
}
