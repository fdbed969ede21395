package dev.sardonyx.samples.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.sardonyx.ir.backend.Outputs;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Answers the requests of a server. */
final class ServerRoutes implements HttpHandler {
  private static final List<String> PATHS =
      List.of("v2", "v2/health/live", "v2/health/ready", "models", "metrics");

  private static final String JSON_LENGTH = "Inference-Header-Content-Length";

  /** How much of a body that is refused is still taken, so that the client reads the answer. */
  private static final long MOST_DRAINED = 256L << 20;

  private final Map<String, HostedModel> models;
  private final ServerOptions options;
  private final ServerMetrics metrics;
  private final String version;

  /** One for each request that may be computed. */
  private final Semaphore permits;

  /** How many inferences may be computed or wait until their clients take the answers. */
  private final int mostUnsent;

  /** Each inference takes one until its answer has been sent. */
  private final Semaphore unsent;

  /** How many inferences that were not refused are computed, or their answers sent. */
  private final AtomicInteger running = new AtomicInteger();

  private volatile boolean draining;

  ServerRoutes(
      Map<String, HostedModel> models,
      ServerOptions options,
      ServerMetrics metrics,
      String version) {
    this.models = models;
    this.options = options;
    this.metrics = metrics;
    this.version = version;
    this.permits = new Semaphore(options.maxConcurrent());
    this.mostUnsent = mostUnsent(options);
    this.unsent = new Semaphore(mostUnsent);
  }

  /**
   * How many inferences may be under way until their answers have been sent: more than twice as
   * many as may be computed, for who has its answer may ask again, and more than once, before the
   * server's thread is done with the first.
   */
  static int mostUnsent(ServerOptions options) {
    return 2 * options.maxConcurrent() + 8;
  }

  /** From now on, nothing more is computed. */
  void drain() {
    draining = true;
  }

  /**
   * Waits until the answers to all requests under way have been sent.
   *
   * @return whether that took no longer than it may
   */
  boolean awaitSent(Duration most) throws InterruptedException {
    return unsent.tryAcquire(mostUnsent, most.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      List<String> path = path(exchange);
      HostedModel model = path.size() > 2 ? models.get(path.get(2)) : null;
      if (model != null && path.get(path.size() - 1).equals("infer")) {
        inferring(exchange, path, model);
      } else {
        send(exchange, answered(() -> found(exchange, path)));
      }
    }
  }

  /** What makes an answer, or fails. */
  private interface Answering {
    ServerAnswer get() throws RequestFailure, IOException;
  }

  private static ServerAnswer answered(Answering answering) throws IOException {
    try {
      return answering.get();
    } catch (RequestFailure e) {
      return ServerAnswer.failure(e);
    } catch (OutOfMemoryError e) {
      return ServerAnswer.failure(RequestFailure.unavailable("the server is out of memory"));
    } catch (RuntimeException | StackOverflowError e) {
      return ServerAnswer.failure(
          new RequestFailure(500, "unexpected " + e + "; this is a fault of the server"));
    }
  }

  private static List<String> path(HttpExchange exchange) {
    return Arrays.stream(exchange.getRequestURI().getRawPath().substring(1).split("/", -1))
        .map(part -> URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8))
        .toList();
  }

  /** The answer to what is not an inference. */
  private ServerAnswer found(HttpExchange exchange, List<String> path) throws RequestFailure {
    if (path.size() > 2 && path.get(0).equals("v2") && path.get(1).equals("models")) {
      HostedModel model = models.get(path.get(2));
      if (model == null) {
        throw RequestFailure.notFound(
            "there is no model '%s'; there are %s"
                .formatted(path.get(2), String.join(", ", models.keySet())));
      }
      requireMethod(exchange, "GET");
      return switch (afterVersion(path)) {
        case "" -> ServerAnswer.json(200, model.metadata());
        case "ready" -> ready(model.name());
        default -> throw unknown(exchange);
      };
    }
    String joined = String.join("/", path);
    if (!PATHS.contains(joined) && !ServerPage.has(joined)) {
      throw unknown(exchange);
    }
    requireMethod(exchange, "GET");
    return switch (joined) {
      case "v2" -> ServerAnswer.json(200, metadata());
      case "v2/health/live" -> ServerAnswer.json(200, flag("live", true));
      case "v2/health/ready" -> ready("");
      case "models" -> ServerAnswer.json(200, catalogue());
      case "metrics" ->
          ServerAnswer.text(
              200,
              "text/plain; version=0.0.4; charset=utf-8",
              metrics.text(running.get(), !draining));
      default -> ServerPage.file(joined);
    };
  }

  private static RequestFailure unknown(HttpExchange exchange) {
    return RequestFailure.notFound(
        "there is nothing at %s".formatted(exchange.getRequestURI().getPath()));
  }

  /** What follows a model's name, and its version if one is given. */
  private static String afterVersion(List<String> path) throws RequestFailure {
    List<String> rest = path.subList(3, path.size());
    if (rest.size() > 1 && rest.get(0).equals("versions")) {
      if (!rest.get(1).equals(HostedModel.VERSION)) {
        throw RequestFailure.notFound(
            "model '%s' has no version '%s', but %s"
                .formatted(path.get(2), rest.get(1), HostedModel.VERSION));
      }
      rest = rest.subList(2, rest.size());
    }
    return String.join("/", rest);
  }

  /** What may be asked for by GET may be by HEAD, too, as load balancers do. */
  private static void requireMethod(HttpExchange exchange, String method) throws RequestFailure {
    boolean isGet = method.equals("GET");
    if (!exchange.getRequestMethod().equals(method) && !(isGet && isHead(exchange))) {
      exchange.getResponseHeaders().set("Allow", isGet ? "GET, HEAD" : method);
      throw new RequestFailure(
          405, "%s takes %s".formatted(exchange.getRequestURI().getPath(), method));
    }
  }

  private static boolean isHead(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("HEAD");
  }

  private JsonObject metadata() {
    JsonObject metadata = new JsonObject();
    metadata.addProperty("name", "sardonyx");
    metadata.addProperty("version", version);
    JsonArray extensions = new JsonArray();
    extensions.add("binary_tensor_data");
    extensions.add("classification");
    metadata.add("extensions", extensions);
    return metadata;
  }

  /** The metadata of all models, for the page; the protocol has no list of them. */
  private JsonArray catalogue() {
    JsonArray catalogue = new JsonArray();
    models.values().forEach(model -> catalogue.add(model.metadata()));
    return catalogue;
  }

  private ServerAnswer ready(String model) {
    JsonObject ready = flag("ready", !draining);
    if (!model.isEmpty()) {
      ready.addProperty("name", model);
    }
    return ServerAnswer.json(draining ? 503 : 200, ready);
  }

  private static JsonObject flag(String name, boolean value) {
    JsonObject json = new JsonObject();
    json.addProperty(name, value);
    return json;
  }

  /** Computes, if not too many do, and sends what comes of it. */
  private void inferring(HttpExchange exchange, List<String> path, HostedModel model)
      throws IOException {
    long start = System.nanoTime();
    boolean isOpen = unsent.tryAcquire(); // not once the server has waited for all
    boolean isAdmitted = isOpen && permits.tryAcquire();
    if (isAdmitted) {
      running.incrementAndGet();
    }
    try {
      ServerAnswer answer = admitted(isAdmitted, isOpen, () -> inferred(exchange, path, model));
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      metrics.request(model.name(), answer.status(), took);
      send(exchange, answer);
    } finally {
      if (isAdmitted) {
        running.decrementAndGet();
      }
      if (isOpen) {
        unsent.release();
      }
    }
  }

  /** Others may come as soon as it is computed: who has its answer may ask again at once. */
  private ServerAnswer admitted(boolean isAdmitted, boolean isOpen, Answering answering)
      throws IOException {
    try {
      return answered(
          () -> {
            requireAdmitted(isAdmitted, isOpen);
            return answering.get();
          });
    } finally {
      if (isAdmitted) {
        permits.release();
      }
    }
  }

  private void requireAdmitted(boolean isAdmitted, boolean isOpen) throws RequestFailure {
    if (draining) {
      throw RequestFailure.unavailable("the server is shutting down");
    }
    if (!isOpen) {
      throw RequestFailure.unavailable(
          "%d answers are not taken yet, and no more may be".formatted(mostUnsent));
    }
    if (!isAdmitted) {
      throw RequestFailure.unavailable(
          "%d requests are under way, and no more may be".formatted(options.maxConcurrent()));
    }
  }

  private ServerAnswer inferred(HttpExchange exchange, List<String> path, HostedModel model)
      throws RequestFailure, IOException {
    if (!afterVersion(path).equals("infer")) {
      throw unknown(exchange);
    }
    requireMethod(exchange, "POST");
    byte[] body = body(exchange);
    InferRequest request = InferRequest.read(body, jsonLength(exchange, body.length));
    model.requireOutputs(request);
    long start = System.nanoTime();
    Outputs outputs;
    try {
      outputs = model.run(request.inputs(), options.timeout());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RequestFailure.unavailable("the server is shutting down");
    }
    double millis = (System.nanoTime() - start) / 1e6;
    InferResponse response = InferResponse.of(model.name(), model.classes(), request, outputs);
    String type = response.isBinary() ? "application/octet-stream" : "application/json";
    ServerAnswer answer =
        new ServerAnswer(200, type, response.body(), Map.of())
            .with("Server-Timing", String.format(Locale.ROOT, "infer;dur=%.3f", millis));
    return response.isBinary()
        ? answer.with(JSON_LENGTH, String.valueOf(response.jsonLength()))
        : answer;
  }

  private byte[] body(HttpExchange exchange) throws RequestFailure {
    String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new RequestFailure(
          415, "bodies are taken as they are, not with Content-Encoding '" + encoding + "'");
    }
    if (declaredLength(exchange) > options.maxBody()) {
      throw tooLarge();
    }
    byte[] body;
    try {
      body = exchange.getRequestBody().readNBytes(options.maxBody() + 1);
    } catch (IOException e) {
      throw RequestFailure.badRequest("the body ends too early, or is not in the chunks it says");
    }
    if (body.length > options.maxBody()) {
      throw tooLarge();
    }
    return body;
  }

  /** The server has made sure that it is a number. */
  private static long declaredLength(HttpExchange exchange) {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    return length == null ? 0 : Long.parseLong(length);
  }

  private RequestFailure tooLarge() {
    return new RequestFailure(
        413, "the body is larger than the %d bytes that are taken".formatted(options.maxBody()));
  }

  private static int jsonLength(HttpExchange exchange, int bodyLength) throws RequestFailure {
    @Nullable String length = exchange.getRequestHeaders().getFirst(JSON_LENGTH);
    if (length == null) {
      return bodyLength;
    }
    if (!length.matches("\\d{1,9}") || Integer.parseInt(length) > bodyLength) {
      throw RequestFailure.badRequest(
          "%s is '%s', but the body has %d bytes".formatted(JSON_LENGTH, length, bodyLength));
    }
    return Integer.parseInt(length);
  }

  private static void send(HttpExchange exchange, ServerAnswer answer) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", answer.contentType());
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    answer.headers().forEach(exchange.getResponseHeaders()::set);
    if (isHead(exchange)) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(answer.body().length));
      exchange.sendResponseHeaders(answer.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(answer.status(), answer.body().length);
    OutputStream out = exchange.getResponseBody();
    out.write(answer.body());
    out.flush();
    drain(exchange.getRequestBody());
    out.close();
  }

  /** A connection that is closed while the client still sends would lose the answer. */
  private static void drain(InputStream body) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long drained = 0;
    for (int read = 0; read >= 0 && drained < MOST_DRAINED; drained += read) {
      read = body.read(buffer);
    }
  }
}
