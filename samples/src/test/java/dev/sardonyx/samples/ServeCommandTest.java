package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.samples.serve.InferenceServer;
import dev.sardonyx.samples.serve.ModelSource;
import dev.sardonyx.samples.serve.ServerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve} as a process, its end by a signal, and what it refuses. */
final class ServeCommandTest {
  @TempDir private Path folder;
  private Path slow;

  @BeforeEach
  void write() throws IOException {
    slow =
        model(
            "slow",
            """
            g (int64 trips) => (int64 count)
            <bool go = {1}, int64 zero = {0}, int64 one = {1}> {
              count = Loop (trips, go, zero)
                <body = b (int64 i, bool c, int64 a) => (bool d, int64 e) {
                  d = Identity (c)
                  e = Add (a, one)
                }>
            }
            """);
  }

  private Path model(String name, String text) throws IOException {
    Path file = folder.resolve(name + ".onnx");
    OnnxWriter.write(
        ModelParser.parse("<ir_version: 10, opset_import: [\"\": 21]>\n" + text), file);
    return file;
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "processes get no signals there")
  void aSignalLetsTheLastRequestFinish() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Sardonyx.class.getName(),
                "serve",
                "--port",
                "0",
                slow.toString(),
                "-")
            .redirectInput(
                model("scores", "g (float[2] x) => (float[2] y) { y = Neg (x) }").toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD) // newer JVMs warn of native code there
            .start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = String.valueOf(lines.readLine());
      assertTrue(line.startsWith("Serving slow, model at http://localhost:"), line);
      String address = line.substring(line.indexOf("http"));
      HttpClient client = HttpClient.newHttpClient();
      String piped =
          client
              .send(
                  HttpRequest.newBuilder(URI.create(address + "/v2/models/model/infer"))
                      .POST(
                          BodyPublishers.ofString(
                              """
                              {"inputs": [{"name": "x", "datatype": "FP32", "shape": [2], "data": [1, 2]}]}"""))
                      .build(),
                  BodyHandlers.ofString())
              .body();
      assertTrue(piped.contains("\"data\":[-1.0,-2.0]"), piped);
      String body =
          """
          {"inputs": [{"name": "trips", "datatype": "INT64", "shape": [], "data": 500000}]}""";
      CompletableFuture<HttpResponse<String>> running =
          client.sendAsync(
              HttpRequest.newBuilder(URI.create(address + "/v2/models/slow/infer"))
                  .POST(BodyPublishers.ofString(body))
                  .build(),
              BodyHandlers.ofString());
      HttpRequest metrics = HttpRequest.newBuilder(URI.create(address + "/metrics")).build();
      while (!client
          .send(metrics, BodyHandlers.ofString())
          .body()
          .contains("sardonyx_requests_running 1\n")) {
        Thread.sleep(2);
      }
      process.toHandle().destroy();
      HttpResponse<String> answer = running.get();
      assertEquals(200, answer.statusCode(), answer.body());
      assertTrue(answer.body().contains("\"data\":[500000]"), answer.body());
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(143, process.exitValue());
      assertEquals(null, lines.readLine(), "says nothing more");
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void theRequestOfReadmeIsAnswered() throws Exception {
    Matcher call =
        Pattern.compile("(?m)^    curl localhost:8080(\\S+) -d '(.*)'$")
            .matcher(Files.readString(Path.of("..", "README.md")));
    assertTrue(call.find());
    Path model = model("model", "g (float[N,3] x) => (float[N,3] y) { y = Relu (x) }");
    try (InferenceServer server =
        InferenceServer.start(
            Map.of("model", ModelSource.of(model)),
            SessionOptions.DEFAULT,
            ServerOptions.DEFAULT.withAddress("localhost", 0),
            "1")) {
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(server.address() + call.group(1)))
                      .header("Content-Type", "application/x-www-form-urlencoded") // as curl's
                      .POST(BodyPublishers.ofString(call.group(2)))
                      .build(),
                  BodyHandlers.ofString());
      assertTrue(answer.body().contains("\"data\":[1.0,0.0,3.0]"), answer.body());
    }
  }

  @Test
  void wrongUse() throws IOException {
    wrong(2, "'65536' is not 0 to 65535", "serve", slow, "--port", 65_536);
    wrong(2, "'--max-body': '0'", "serve", slow, "--max-body", 0);
    wrong(2, "'--max-concurrent': '0'", "serve", slow, "--max-concurrent", 0);
    wrong(2, "'--timeout': '-1'", "serve", slow, "--timeout", -1);
    wrong(2, "would both be model 'slow'", "serve", slow, folder.resolve("a/slow.onnx"));
    wrong(2, "'model.onnx' and '-' would both be model 'model'", "serve", "model.onnx", "-");
    wrong(2, "Missing required parameter: 'FILE'", "serve");
    wrong(1, "does not exist", "serve", folder.resolve("none.onnx"), "--port", 0);
    wrong(1, "no symbolic first dimension", "serve", slow, "--port", 0, "--batch-size", 4);
    wrong(1, "no host '[nowhere]'", "serve", slow, "--host", "[nowhere]");
    try (ServerSocket taken = new ServerSocket(0)) {
      wrong(1, "choose another by --port", "serve", slow, "--port", taken.getLocalPort());
    }
    Path sequence =
        model("sequence", "g (float[2] x) => (seq(float[2]) y) { y = SequenceConstruct (x) }");
    wrong(1, "for which the protocol has no datatype", "serve", sequence, "--port", 0);
    Path whole = model("whole", "g (float[N,2] x) => (float y) { y = ReduceSum<keepdims = 0>(x) }");
    Path rows = model("rows", "g (float[N,2] x) => (float[N,2] y) { y = Neg(x) }");
    CommandRun again;
    int tries = 0;
    do {
      Object[] serve = {"serve", rows, whole, "--port", freePort(), "--batch-size", 4};
      CommandRun.of(serve).expect(1);
      again = CommandRun.of(serve).expect(1); // the port is free again, unless others took it
    } while (again.err().contains("choose another by --port") && ++tries < 3);
    requireOneLine(again, whole + ": Output 'y'");
    assertTrue(Files.exists(sequence));
  }

  private static void wrong(int status, String message, Object... arguments) {
    requireOneLine(CommandRun.of(arguments).expect(status), message);
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private static void requireOneLine(CommandRun run, String message) {
    assertTrue(run.err().contains(message), run.err());
    assertTrue(run.err().lines().count() <= 2, run.err());
    assertEquals("", run.out());
  }
}
