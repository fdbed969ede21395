package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Chromium or Chrome without a window, if the machine has one, driven over its DevTools protocol:
 * it opens pages, runs scripts in them, is clicked and typed into, takes screenshots, and tells
 * what went wrong in the page.
 *
 * <p>It keeps everything it writes in a folder of its own, and works without a network.
 */
public final class HeadlessBrowser implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");
  private static final Pattern ADDRESS = Pattern.compile("DevTools listening on (ws://\\S+)");
  private static final long SECONDS = 60;

  private final Path folder;
  private final Process process;
  private final WebSocket socket;
  private final String session;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<JsonObject>> awaited = new ConcurrentHashMap<>();
  private final List<String> errors = Collections.synchronizedList(new ArrayList<>());
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  private HeadlessBrowser(Path executable) throws IOException {
    folder = Files.createTempDirectory("sardonyx-browser");
    List<String> command =
        List.of(
            executable.toString(),
            "--headless=new",
            "--no-sandbox", // root, as in containers, cannot have one
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-extensions",
            "--disable-background-networking",
            "--disable-component-update",
            "--hide-scrollbars",
            "--remote-debugging-port=0",
            "--user-data-dir=" + folder.resolve("profile"),
            "about:blank");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("HOME", folder.toString());
    process = builder.start();
    String address = address();
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(address), new Answers())
            .join();
    JsonObject target = new JsonObject();
    target.addProperty("url", "about:blank");
    JsonObject attach = new JsonObject();
    attach.add("targetId", send("Target.createTarget", target, "").get("targetId"));
    attach.addProperty("flatten", true);
    session = send("Target.attachToTarget", attach, "").get("sessionId").getAsString();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      send(domain + ".enable", new JsonObject());
    }
  }

  /** Where the browser is, if there is one: on the PATH, or where {@code CHROME} says. */
  public static Optional<Path> executable() {
    String named = System.getenv("CHROME");
    if (named != null && Files.isExecutable(Path.of(named))) {
      return Optional.of(Path.of(named));
    }
    String path = System.getenv("PATH");
    return NAMES.stream()
        .flatMap(
            name ->
                Stream.of((path == null ? "" : path).split(File.pathSeparator))
                    .filter(place -> !place.isEmpty())
                    .map(place -> Path.of(place, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts the browser of the machine; a test is skipped where there is none. */
  public static HeadlessBrowser start() throws IOException {
    assumeTrue(
        executable().isPresent(), "no Chromium or Chrome on the PATH, nor where CHROME says");
    return new HeadlessBrowser(executable().orElseThrow());
  }

  private String address() throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder said = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher address = ADDRESS.matcher(line);
      if (address.find()) {
        Thread rest = new Thread(() -> lines.lines().forEach(more -> {}), "browser output");
        rest.setDaemon(true);
        rest.start();
        return address.group(1);
      }
      said.append(line).append('\n');
    }
    throw new IOException("The browser did not start: " + said);
  }

  /** Takes what the browser says: answers to calls, and events. */
  private final class Answers implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean isLast) {
      text.append(part);
      if (isLast) {
        JsonObject message = JsonParser.parseString(text.toString()).getAsJsonObject();
        text.setLength(0);
        if (message.has("id")) {
          answers.get(message.get("id").getAsInt()).complete(message);
        } else {
          event(message.get("method").getAsString(), message.getAsJsonObject("params"));
        }
      }
      from.request(1);
      return CompletableFuture.completedFuture(null);
    }
  }

  private void event(String method, JsonObject params) {
    switch (method) {
      case "Runtime.exceptionThrown" -> errors.add(params.toString());
      case "Runtime.consoleAPICalled" -> {
        if (params.get("type").getAsString().equals("error")) {
          errors.add(params.toString());
        }
      }
      case "Log.entryAdded" -> {
        JsonObject entry = params.getAsJsonObject("entry");
        if (entry.get("level").getAsString().equals("error")) {
          errors.add(entry.toString());
        }
      }
      case "Network.requestWillBeSent" ->
          requests.add(params.getAsJsonObject("request").get("url").getAsString());
      default -> {}
    }
    CompletableFuture<JsonObject> waiting = awaited.remove(method);
    if (waiting != null) {
      waiting.complete(params);
    }
  }

  private JsonObject send(String method, JsonObject params) {
    return send(method, params, session);
  }

  private JsonObject send(String method, JsonObject params, String to) {
    int id = calls.incrementAndGet();
    JsonObject message = new JsonObject();
    message.addProperty("id", id);
    message.addProperty("method", method);
    message.add("params", params);
    if (!to.isEmpty()) {
      message.addProperty("sessionId", to);
    }
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    answers.put(id, answer);
    socket.sendText(message.toString(), true).join();
    JsonObject given = get(answer, method);
    answers.remove(id);
    if (given.has("error")) {
      throw new IllegalStateException(method + ": " + given.get("error"));
    }
    return given.getAsJsonObject("result");
  }

  private static JsonObject get(CompletableFuture<JsonObject> answer, String what) {
    try {
      return answer.get(SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException("The browser did not answer " + what, e);
    }
  }

  /** Makes the window as large as a screen, or as a phone's with its touch screen. */
  public void size(int width, int height, boolean isPhone) {
    JsonObject metrics = new JsonObject();
    metrics.addProperty("width", width);
    metrics.addProperty("height", height);
    metrics.addProperty("deviceScaleFactor", isPhone ? 2 : 1);
    metrics.addProperty("mobile", isPhone);
    send("Emulation.setDeviceMetricsOverride", metrics);
  }

  /** Opens a file and waits until it is there. What went wrong before is forgotten. */
  public void open(Path file) {
    open(file.toUri());
  }

  /** The same with a page that is served. */
  public void open(URI address) {
    errors.clear();
    requests.clear();
    CompletableFuture<JsonObject> loaded = new CompletableFuture<>();
    awaited.put("Page.loadEventFired", loaded);
    JsonObject page = new JsonObject();
    page.addProperty("url", address.toString());
    send("Page.navigate", page);
    get(loaded, "with the page " + address);
  }

  /** Has the page look as with a dark or light theme of the system. */
  public void dark(boolean isDark) {
    JsonObject feature = new JsonObject();
    feature.addProperty("name", "prefers-color-scheme");
    feature.addProperty("value", isDark ? "dark" : "light");
    JsonArray features = new JsonArray();
    features.add(feature);
    JsonObject media = new JsonObject();
    media.add("features", features);
    send("Emulation.setEmulatedMedia", media);
  }

  /** Has the page look as it does on paper, or on the screen again. */
  public void paper(boolean isPaper) {
    JsonObject media = new JsonObject();
    media.addProperty("media", isPaper ? "print" : "");
    if (isPaper) {
      evaluate("dispatchEvent(new Event('beforeprint'))");
    }
    send("Emulation.setEmulatedMedia", media);
    if (!isPaper) {
      evaluate("dispatchEvent(new Event('afterprint'))");
    }
  }

  /** The value of an expression in the page, which may be a promise. */
  public JsonElement evaluate(String expression) {
    JsonObject call = new JsonObject();
    call.addProperty("expression", expression);
    call.addProperty("returnByValue", true);
    call.addProperty("awaitPromise", true);
    JsonObject result = send("Runtime.evaluate", call);
    if (result.has("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + result.get("exceptionDetails"));
    }
    JsonElement value = result.getAsJsonObject("result").get("value");
    return value == null ? JsonNull.INSTANCE : value;
  }

  /** How many elements a selector finds. */
  public int count(String selector) {
    return evaluate("document.querySelectorAll(" + quoted(selector) + ").length").getAsInt();
  }

  /** The text of the first element that a selector finds. */
  public String text(String selector) {
    return evaluate("document.querySelector(" + quoted(selector) + ").textContent").getAsString();
  }

  private static String quoted(String text) {
    return new JsonPrimitive(text).toString();
  }

  /** Clicks with the mouse into the middle of the first element that a selector finds. */
  public void click(String selector) {
    clickAt(
        evaluate(
                "(() => { const r = document.querySelector("
                    + quoted(selector)
                    + ").getBoundingClientRect(); return {x: r.left + r.width / 2, y: r.top + r.height"
                    + " / 2}; })()")
            .getAsJsonObject());
  }

  private void clickAt(JsonObject place) {
    for (String type : List.of("mousePressed", "mouseReleased")) {
      JsonObject event = place.deepCopy();
      event.addProperty("type", type);
      event.addProperty("button", "left");
      event.addProperty("clickCount", 1);
      send("Input.dispatchMouseEvent", event);
    }
  }

  /** Moves the mouse to a place. */
  public void hover(int x, int y) {
    JsonObject event = new JsonObject();
    event.addProperty("type", "mouseMoved");
    event.addProperty("x", x);
    event.addProperty("y", y);
    send("Input.dispatchMouseEvent", event);
  }

  /** Moves the pressed mouse from one place to another. */
  public void drag(int fromX, int fromY, int toX, int toY) {
    mouse("mousePressed", fromX, fromY);
    mouse("mouseMoved", (fromX + toX) / 2, (fromY + toY) / 2);
    mouse("mouseMoved", toX, toY);
    mouse("mouseReleased", toX, toY);
  }

  private void mouse(String type, int x, int y) {
    JsonObject event = new JsonObject();
    event.addProperty("type", type);
    event.addProperty("x", x);
    event.addProperty("y", y);
    event.addProperty("button", "left");
    event.addProperty("clickCount", 1);
    send("Input.dispatchMouseEvent", event);
  }

  /** Types text into what has the focus. */
  public void type(String text) {
    JsonObject event = new JsonObject();
    event.addProperty("text", text);
    send("Input.insertText", event);
  }

  /** Presses a key such as {@code ArrowDown}, {@code Enter} or {@code d}. */
  public void press(String key) {
    for (String type : List.of("keyDown", "keyUp")) {
      JsonObject event = new JsonObject();
      event.addProperty("type", type);
      event.addProperty("key", key);
      if (key.length() == 1 && type.equals("keyDown")) {
        event.addProperty("text", key);
      } else if (key.equals("Enter") && type.equals("keyDown")) {
        event.addProperty("text", "\r");
      }
      send("Input.dispatchKeyEvent", event);
    }
  }

  /** Writes what is to be seen as PNG. */
  public void screenshot(Path file) throws IOException {
    JsonObject shot = send("Page.captureScreenshot", new JsonObject());
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, Base64.getDecoder().decode(shot.get("data").getAsString()));
  }

  /** Prints the page as PDF, and gives the file's bytes. */
  public byte[] print() {
    JsonObject printed = send("Page.printToPDF", new JsonObject());
    return Base64.getDecoder().decode(printed.get("data").getAsString());
  }

  /** Errors on the page's console, and exceptions of its scripts, since it was opened. */
  public List<String> errors() {
    return List.copyOf(errors);
  }

  /** What the page has asked for since it was opened, itself included. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(SECONDS, TimeUnit.SECONDS);
      delete();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | UncheckedIOException e) {
      folder.toFile().deleteOnExit(); // a process of the browser's still writes
    }
  }

  private void delete() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    }
  }
}
