package dev.sardonyx.samples.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.export.text.ModelPrinter;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.diff.Difference;
import dev.sardonyx.ir.diff.ModelDiff;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.samples.HeadlessBrowser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a real browser. Skipped where there is none; screenshots are left in {@code
 * target/screenshots}. {@code -Dsardonyx.browser.large=true} adds ResNet-50 and 50,000 nodes.
 */
final class ViewInBrowserTest {
  private static final Path SHOTS = Path.of("target", "screenshots");

  private static HeadlessBrowser browser;

  @TempDir private static Path folder;

  @BeforeAll
  static void start() throws IOException {
    browser = HeadlessBrowser.start();
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void desktop() {
    browser.size(1280, 800, false);
  }

  /** Nothing may go wrong in the page, and it loads itself and nothing else. */
  @AfterEach
  void nothingWentWrong() {
    assertEquals(List.of(), browser.errors());
    assertEquals(1, browser.requests().size(), browser.requests().toString());
  }

  private static void open(String name, Model model) throws IOException {
    open(name, ModelDrawing.of(name + ".onnx", model, Marks.NONE).html());
  }

  private static void open(String name, String html) throws IOException {
    Path page = folder.resolve(name + ".html");
    Files.writeString(page, html);
    browser.open(page);
  }

  private static void shot(String name) throws IOException {
    browser.screenshot(SHOTS.resolve("view-" + name + ".png"));
  }

  /** How many boxes lie, with their middle at least, within the window. */
  private static int visible() {
    return browser
        .evaluate(
            "[...document.querySelectorAll('.box')].filter(b => { const r ="
                + " b.getBoundingClientRect(); const x = r.left + r.width / 2; const y = r.top +"
                + " r.height / 2; return x > 0 && x < innerWidth && y > 0 && y < innerHeight;"
                + " }).length")
        .getAsInt();
  }

  @Test
  void aNetworkIsDrawnAndTellsOfItsNodes() throws IOException {
    open("seed", Networks.named("seed").build(1));
    shot("seed");
    assertEquals(17, browser.count(".box"));
    assertEquals(2, browser.count(".group.open"));
    assertTrue(visible() >= 5, "boxes in sight");
    assertTrue(browser.text("main").contains("N×32×28×28"), "types at edges");
    browser.click(".box.layer");
    assertEquals("Conv", browser.text("#details h2"));
    String details = browser.text("#details");
    assertTrue(details.contains("conv1") && details.contains("kernel_shape"), details);
    assertTrue(details.contains("[3, 3]"), details);
    assertTrue(browser.count("#details .histogram rect") >= 30, "a histogram of the weights");
    assertTrue(browser.count("path.near") >= 2, "its wires stand out");
    shot("seed-details");
    browser.press("Escape");
    assertFalse(isShown("#details"));
    browser.press("i");
    assertTrue(isShown("#details"));
  }

  private static boolean isShown(String selector) {
    return browser
        .evaluate("document.querySelector('" + selector + "').getClientRects().length > 0")
        .getAsBoolean();
  }

  @Test
  void groupsOpenAndClose() throws IOException {
    open("groups", Networks.named("seed").build(1));
    browser.click("#close");
    assertEquals(2, browser.count(".group.closed"));
    assertEquals(7, browser.count(".box"));
    shot("seed-closed");
    browser.click(".group.closed");
    assertEquals(1, browser.count(".group.closed"));
    assertEquals(12, browser.count(".box"));
    assertEquals(
        "true",
        browser.evaluate("document.activeElement.getAttribute('aria-expanded')").getAsString());
    browser.click("#open");
    assertEquals(17, browser.count(".box"));
    assertNoOverlap();
    browser.click(".group.open .bar");
    assertEquals(12, browser.count(".box"));
  }

  /** No box of the drawing lies over another that it is not in. */
  private static void assertNoOverlap() {
    assertEquals(
        0,
        browser
            .evaluate(
                "(() => { const all = [...document.querySelectorAll('.box:not(:has(.box))')].map(b =>"
                    + " b.getBoundingClientRect()); let over = 0; all.forEach((a, i) =>"
                    + " all.slice(0, i).forEach(b => { if (a.left < b.right - 1 && b.left < a.right"
                    + " - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) over++; })); return"
                    + " over; })()")
            .getAsInt());
  }

  @Test
  void subgraphsAndFunctionsOpenInsideTheirNodes() throws IOException {
    open("nested", DrawnModels.nested());
    shot("nested");
    assertEquals(3, browser.count(".body"), "both branches and the loop's body");
    int before = browser.count(".box");
    browser.click("#fit");
    browser.evaluate(
        "[...document.querySelectorAll('.box.function .toggle')].pop().setAttribute('id', 'last')");
    browser.click("#last");
    assertEquals(before + 4, browser.count(".box"), "what the function has inside");
    assertNoOverlap();
    shot("nested-function");
    browser.click("#close");
    assertEquals(6, browser.count(".box"));
  }

  @Test
  void whatIsSearchedIsFoundWhereverItIs() throws IOException {
    open("search", DrawnModels.nested());
    browser.click("#close");
    browser.press("/");
    browser.type("SIGMOID");
    assertEquals(2, browser.count("#found li"), "the node, and how many");
    browser.press("Enter");
    assertEquals("Sigmoid", browser.text("#details h2"));
    assertEquals("Sigmoid", browser.text(".chosen .t"));
    assertTrue(visible() >= 1);
    browser.click("#search");
    browser.evaluate("document.getElementById('search').value = ''");
    browser.type("no such thing");
    assertTrue(browser.text("#found").contains("Nothing found"));
  }

  @Test
  void allOfItWorksByTheKeyboard() throws IOException {
    open("keys", Networks.named("seed").build(1));
    browser.evaluate("document.querySelector('svg [tabindex=\"0\"]').focus()");
    browser.press("ArrowDown");
    browser.press("ArrowDown");
    assertEquals("Relu relu1, N×32×28×28", focused());
    browser.press("ArrowDown");
    assertTrue(focused().startsWith("Open group block1"), focused());
    browser.press("Enter");
    assertTrue(focused().startsWith("Closed group block1"), focused());
    browser.press("ArrowUp");
    browser.press("Enter");
    assertEquals("Relu", browser.text("#details h2"));
    String before = transform();
    browser.press("+");
    assertNotEquals(before, transform());
  }

  private static String focused() {
    return browser.evaluate("document.activeElement.getAttribute('aria-label')").getAsString();
  }

  private static String transform() {
    return browser
        .evaluate("document.querySelector('.view svg > g').getAttribute('transform')")
        .getAsString();
  }

  @Test
  void theGraphMovesAndIsLightOrDark() throws IOException {
    open("moves", Networks.transformerEncoder().build(1));
    shot("transformer");
    String before = transform();
    browser.drag(100, 400, 160, 300);
    assertNotEquals(before, transform());
    String light = background();
    browser.click("#theme");
    assertNotEquals(light, background());
    shot("transformer-dark");
    String moved = transform();
    String printed = new String(browser.print(), StandardCharsets.ISO_8859_1);
    assertTrue(printed.startsWith("%PDF-"));
    assertTrue(printed.split("/Type /Page\\b", -1).length > 3, "as large as it is, on some sheets");
    assertEquals(moved, transform(), "the screen is as before");
  }

  private static String background() {
    return browser.evaluate("getComputedStyle(document.body).backgroundColor").getAsString();
  }

  @Test
  void namesAreOnlyText() throws IOException {
    Model evil = DrawnModels.evil();
    List<Difference> differences = ModelDiff.between(evil, DrawnModels.residual());
    ModelDrawing drawing =
        ModelDrawing.of(DrawnModels.EVIL, evil, Marks.ofDifferences(differences, true));
    open("evil", drawing.html(drawing, differences));
    browser.click(".box.other");
    browser.press("/");
    browser.type("img");
    shot("evil");
    assertEquals(0, browser.count("img"));
    assertEquals(2, browser.count("script"));
    assertTrue(browser.text("h1").startsWith("\"'><img src=x"), browser.text("h1"));
    assertTrue(browser.text("#details").contains("</script><script>alert(2)"));
  }

  @Test
  void twoModelsStandSideBySide() throws IOException {
    Model before = DrawnModels.residual();
    Model after = ModelParser.parse(ModelPrinter.print(before).replace("Neg", "Abs"));
    List<Difference> differences = ModelDiff.between(before, after);
    String page =
        ModelDrawing.of("before.onnx", before, Marks.ofDifferences(differences, true))
            .html(
                ModelDrawing.of("after.onnx", after, Marks.ofDifferences(differences, false)),
                differences);
    open("two", page);
    assertEquals(2, browser.count(".view svg[role=tree]"));
    assertEquals(1, browser.count(".box.removed"));
    assertEquals(1, browser.count(".box.added"));
    assertTrue(browser.text("#details").contains(differences.size() + " differences"));
    browser.click("#details li button");
    assertEquals("Neg", browser.text(".chosen .t"));
    shot("two");
    browser.size(390, 844, true);
    browser.press("Escape");
    shot("two-phone");
  }

  @Test
  void itFitsAPhone() throws IOException {
    browser.size(390, 844, true);
    open("phone", Networks.named("seed").build(1));
    shot("seed-phone");
    assertTrue(visible() >= 3);
    assertEquals(
        390, browser.evaluate("document.documentElement.scrollWidth").getAsInt(), "no overflow");
    browser.click(".box.layer");
    assertTrue(isShown("#details"));
    shot("seed-phone-details");
  }

  @Test
  void twoThousandNodesAreGroupedAndCanAllBeShown() throws IOException {
    open("chain", DrawnModels.chain(2000));
    shot("2000");
    int groups = browser.count(".group.closed");
    assertTrue(groups > 5 && groups <= Clustering.MAX_PARTS, groups + " groups");
    browser.click("#open");
    assertTrue(browser.count(".box") >= 2000);
    shot("2000-open");
  }

  @Test
  void largeModels() throws IOException {
    assumeTrue(
        Boolean.getBoolean("sardonyx.browser.large"), "asked for by -Dsardonyx.browser.large=true");
    open("resnet50", Networks.named("resnet50").build(1));
    shot("resnet50");
    open("50000", DrawnModels.chain(50_000));
    shot("50000");
    assertTrue(browser.count(".group.closed") > 1);
    browser.click("#open");
    assertTrue(browser.count(".box, .group") < 8000, "no more than a browser can show");
    assertTrue(browser.text("#status").contains("stays closed"), browser.text("#status"));
  }
}
