package dev.sardonyx.samples.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.samples.HeadlessBrowser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The server's page in a real browser. Skipped where there is none; screenshots are left in {@code
 * target/screenshots}.
 */
final class ServerPageInBrowserTest {
  private static final Path SHOTS = Path.of("target", "screenshots");

  private static HeadlessBrowser browser;
  private static InferenceServer server;

  @BeforeAll
  static void start() throws IOException {
    Map<String, ModelSource> files = new LinkedHashMap<>();
    // Which quarter is the brightest: 0 and 1 above, 2 and 3 below.
    Model quarters =
        model(
            """
            g (float[N,1,28,28] image) => (float[N,4] quarter) <float ten = {10}> {
              means = AveragePool <kernel_shape = [14, 14], strides = [14, 14]> (image)
              flat = Flatten (means)
              quarter = Mul (flat, ten)
            }
            """);
    Metadata named =
        quarters
            .metadata()
            .withProperty("classes", "[\"left\", \"right\", \"low <left>\", \"low right\"]");
    files.put("quarters", ModelSource.of("quarters", quarters));
    files.put("named", ModelSource.of("named", quarters.withMetadata(named)));
    files.put(
        "it's",
        ModelSource.of(
            "its", model("g (float[N,3] x, string s) => (float[N,3] y) { y = Neg (x) }")));
    files.put(
        "large",
        ModelSource.of("large", model("g (float[64] x) => (float[64] y) { y = Neg (x) }")));
    server =
        InferenceServer.start(
            files, SessionOptions.DEFAULT, ServerOptions.DEFAULT.withAddress("localhost", 0), "1");
    browser = HeadlessBrowser.start();
  }

  private static Model model(String text) {
    return ModelParser.parse("<ir_version: 10, opset_import: [\"\": 21]>\n" + text);
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void open() {
    browser.size(1100, 800, false);
    browser.open(server.address().resolve("/"));
    until("document.querySelectorAll('#tensors td').length > 0");
    browser.evaluate("document.getElementById('centre').click()");
  }

  /** Nothing may go wrong in the page, and it asks this server and nothing else. */
  @AfterEach
  void nothingWentWrong() {
    assertEquals(List.of(), browser.errors());
    for (String request : browser.requests()) {
      assertTrue(
          request.startsWith(server.address() + "/") || request.startsWith("data:"), request);
    }
  }

  private static void until(String condition) {
    browser.evaluate(
        "new Promise(done => { const timer = setInterval(() => { if ("
            + condition
            + ") { clearInterval(timer); done(); } }, 5); })");
  }

  private static String answer() {
    until("document.getElementById('answer').textContent.startsWith('Answer')");
    return browser.text("#answer");
  }

  @Test
  void aDrawingIsAnswered() throws IOException {
    JsonObject place =
        browser
            .evaluate(
                "(() => { const r = canvas.getBoundingClientRect(); return {x: r.x, y: r.y}; })()")
            .getAsJsonObject();
    int x = place.get("x").getAsInt();
    int y = place.get("y").getAsInt();
    browser.drag(x + 200, y + 40, x + 200, y + 100);
    assertTrue(answer().startsWith("Answer: 1 ("), answer());
    assertEquals(4, browser.count("#bars tbody tr"));
    assertEquals("Softmax", browser.text("#measure"));
    assertTrue(browser.text("#bars tbody tr").matches("1\\d+\\.\\d %"), browser.text("#bars"));
    String timing = browser.text("#timing");
    assertTrue(timing.matches("[\\d.]+ ms, [\\d.]+ ms of them in the model"), timing);
    browser.screenshot(SHOTS.resolve("serve.png"));
    browser.dark(true);
    browser.screenshot(SHOTS.resolve("serve-dark.png"));
    browser.dark(false);
    browser.size(390, 800, true);
    assertTrue(
        browser
            .evaluate(
                "[...document.querySelectorAll('section *')].every(e =>"
                    + " e.getBoundingClientRect().right < innerWidth - 16)")
            .getAsBoolean(),
        "fits a phone");
    browser.screenshot(SHOTS.resolve("serve-phone.png"));
    browser.click("#clear");
    assertEquals("Nothing is drawn yet.", browser.text("#answer"));
  }

  @Test
  void classesAreShownUnderTheirNames() throws IOException {
    choose("named");
    browser.evaluate("document.getElementById('canvas').focus()");
    for (String key : List.of("ArrowDown", "ArrowDown", "ArrowLeft", "ArrowLeft", " ", "Enter")) {
      browser.press(key);
    }
    assertTrue(answer().startsWith("Answer: low <left> ("), answer());
    assertTrue(browser.text("#bars tbody tr").startsWith("low <left>"), browser.text("#bars"));
    browser.screenshot(SHOTS.resolve("serve-names.png"));
  }

  @Test
  void theKeyboardDraws() {
    browser.evaluate("document.getElementById('canvas').focus()");
    for (int i = 0; i < 7; i++) {
      browser.press("ArrowLeft");
      browser.press("ArrowDown");
    }
    assertEquals("Pen up, column 7, row 21", browser.text("#answer"));
    browser.press(" ");
    browser.press("ArrowLeft");
    assertEquals("Pen down, column 6, row 21", browser.text("#answer"));
    browser.press("Enter");
    assertTrue(answer().startsWith("Answer: 2 ("), answer());
    browser.press("Delete");
    assertEquals("Nothing is drawn yet.", browser.text("#answer"));
  }

  @Test
  void aDroppedPictureIsAnswered() {
    browser.evaluate(
        """
        (async () => {
          const picture = new OffscreenCanvas(40, 40);
          const pen = picture.getContext('2d');
          pen.fillStyle = '#fff';
          pen.fillRect(20, 20, 20, 20);
          const data = new DataTransfer();
          data.items.add(new File([await picture.convertToBlob()], 'picture.png'));
          document.getElementById('image').dispatchEvent(
              new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
        })()
        """);
    assertTrue(answer().startsWith("Answer: 3 ("), answer());
  }

  @Test
  void otherModelsShowHowTheyAreCalled() throws Exception {
    choose("it's");
    assertEquals(
        "hidden",
        browser.evaluate("document.getElementById('image').hidden ? 'hidden' : ''").getAsString());
    assertTrue(browser.text("#tensors tbody").contains("InputsBYTES[]"));
    assertTrue(browser.text("#tensors tbody").contains("Outputy"));
    browser.screenshot(SHOTS.resolve("serve-curl.png"));
    Matcher call = Pattern.compile("curl (\\S+) -d '(.*)'").matcher(browser.text("#curl"));
    assertTrue(call.matches(), browser.text("#curl"));
    assertTrue(call.group(1).endsWith("/it%27s/infer"), call.group(1));
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(call.group(1)))
                    .POST(BodyPublishers.ofString(call.group(2).replace("'\\''", "'")))
                    .build(),
                BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
    choose("large");
    String binary = browser.text("#curl");
    assertTrue(binary.contains("head -c 256 /dev/zero") && binary.contains("-Length: "), binary);
  }

  private static void choose(String model) {
    browser.evaluate(
        "(() => { const s = document.getElementById('model'); s.value = \""
            + model
            + "\"; s.dispatchEvent(new Event('change')); })()");
  }
}
