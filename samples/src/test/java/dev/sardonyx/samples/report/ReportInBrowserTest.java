package dev.sardonyx.samples.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.sardonyx.samples.HeadlessBrowser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reports in a real browser. Skipped where there is none; screenshots are left in {@code
 * target/screenshots}.
 */
final class ReportInBrowserTest {
  private static final Path SHOTS = Path.of("target", "screenshots");

  private static HeadlessBrowser browser;

  @TempDir private static Path folder;
  private Path page;

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
  void size() {
    browser.size(1100, 900, false);
  }

  /** Nothing may go wrong in the page, and it asks for nothing but itself. */
  @AfterEach
  void nothingWentWrong() {
    assertEquals(List.of(), browser.errors());
    for (String request : browser.requests()) {
      assertTrue(request.equals(page.toUri().toString()) || request.startsWith("data:"), request);
    }
  }

  private void open(String name, ReportPage report) throws IOException {
    page = folder.resolve(name + ".html");
    Files.writeString(page, report.html());
    browser.open(page);
    // Charts appear in the frame after they are made.
    browser.evaluate(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
  }

  @Test
  void everyChartIsDrawn() throws IOException {
    open("report", SampleReports.everything());
    long charts = SampleReports.everything().charts().size();
    assertEquals(charts, browser.count(".plot svg"));
    for (int i = 0; i < charts; i++) {
      assertTrue(marks(i) > 12, i + ": " + marks(i));
    }
    for (int top : new int[] {0, 850, 1700, 2550, 3400}) {
      browser.evaluate("scrollTo(0, " + top + ")");
      browser.screenshot(SHOTS.resolve("report-" + top + ".png"));
    }
  }

  /** Of bars that are few, also where the numbers beside them are wide. */
  @Test
  void everyBarHasItsName() throws IOException {
    List<String> names =
        IntStream.range(0, 5)
            .mapToObj(i -> "model%d.onnx, CPU, N=%d, 1 thread".formatted(i, i))
            .toList();
    open(
        "named",
        SampleReports.of(
            Chart.byName(
                "Throughput",
                "The most is 91,710.",
                "row",
                names,
                ChartAxis.linear("examples a second"),
                List.of(
                    ChartSeries.bars("all", List.of(12150.0, 91710.0, 6312.0, 54320.0, 1.0))))));
    browser.screenshot(SHOTS.resolve("report-named.png"));
    String drawn =
        browser
            .evaluate(
                "[...document.querySelectorAll('.plot svg text')].map(t => t.textContent).join('|')")
            .getAsString();
    for (int i = 0; i < names.size(); i++) {
      assertTrue(drawn.contains("model" + i), drawn);
    }
  }

  /** Lines, bars, points and texts of a chart. */
  private static int marks(int chart) {
    return browser
        .evaluate(
            "document.querySelectorAll('.plot')[%d].querySelectorAll('svg path, svg text').length"
                .formatted(chart))
        .getAsInt();
  }

  @Test
  void theLegendHidesAndShows() throws IOException {
    open("legend", SampleReports.of(SampleReports.curves()));
    int before = marks(0);
    assertEquals(2, browser.count(".legend button"));
    browser.click(".legend button");
    assertTrue(marks(0) < before, "the line has gone");
    assertEquals("false", pressed());
    browser.press("Enter");
    assertEquals("true", pressed());
    assertEquals(before, marks(0));
  }

  private static String pressed() {
    return browser
        .evaluate("document.querySelector('.legend button').getAttribute('aria-pressed')")
        .getAsString();
  }

  @Test
  void pointerAndKeysTellTheNumbers() throws IOException {
    open("errors", SampleReports.of(SampleReports.errors()));
    JsonObject at =
        browser
            .evaluate(
                "(() => { const r = document.querySelector('.plot').getBoundingClientRect(); return"
                    + " {x: r.left + r.width - 60, y: r.top + 100}; })()")
            .getAsJsonObject();
    browser.hover(at.get("x").getAsInt(), at.get("y").getAsInt());
    assertEquals("probabilities (deployed): PASS", browser.text(".tip b"));
    assertTrue(browser.text(".tip").contains("largest: 9e-7"), browser.text(".tip"));
    browser.screenshot(SHOTS.resolve("report-tip.png"));
    browser.evaluate("document.querySelector('.plot').focus()");
    browser.press("End");
    browser.press("ArrowLeft");
    browser.press("ArrowLeft");
    assertEquals("dense1_out: FAIL", browser.text(".tip b"));
    assertEquals(
        "dense1_out: FAIL, largest: infinite, mean: 0.5, allowed: 0.001",
        browser.text("[role=status]"));
  }

  @Test
  void itIsDarkWhereTheSystemIsAndLightOnPaper() throws IOException {
    open("dark", SampleReports.everything());
    String light = colours();
    browser.dark(true);
    try {
      String dark = colours();
      assertNotEquals(light, dark);
      browser.screenshot(SHOTS.resolve("report-dark.png"));
      assertEquals("Light", browser.text("#theme"));
      browser.click("#theme");
      assertEquals(light, colours());
      String printed = new String(browser.print(), StandardCharsets.ISO_8859_1);
      assertTrue(printed.startsWith("%PDF-"));
      Files.write(SHOTS.resolve("report.pdf"), printed.getBytes(StandardCharsets.ISO_8859_1));
      assertEquals(light, colours(), "the screen is as before");
    } finally {
      browser.dark(false);
    }
  }

  @Test
  void onPaperTheChartsAreAsWideAsThePage() throws IOException {
    open("paper", SampleReports.everything());
    browser.size(700, 900, false);
    browser.paper(true);
    try {
      assertEquals(
          "",
          browser
              .evaluate(
                  "[...document.querySelectorAll('.plot')].map(p => { const s ="
                      + " p.querySelector('svg').getBoundingClientRect(), b ="
                      + " p.getBoundingClientRect(); return s.width > 600 && s.width <= b.width + 1 &&"
                      + " s.height > 150 && s.height <= b.height + 1 ? '' : [s.width, s.height, b.width,"
                      + " b.height].join(); }).join('')")
              .getAsString(),
          "each chart has its place");
      assertEquals(0, visible("button[id], nav, summary"));
    } finally {
      browser.paper(false);
    }
  }

  /** Of a table as wide as that of verify, whose other cells hold names and sentences. */
  @Test
  void onPaperNumbersStayWhole() throws IOException {
    List<DataTable.TableColumn> columns = new ArrayList<>();
    List<String> cells = new ArrayList<>();
    columns.add(DataTable.TableColumn.text("value"));
    cells.add("a/very/long/name/of/a/value_out");
    columns.add(DataTable.TableColumn.result("result"));
    cells.add("PASS");
    columns.add(DataTable.TableColumn.text("kind"));
    cells.add("intermediate");
    for (int i = 0; i < 10; i++) {
      columns.add(DataTable.TableColumn.number(i == 9 ? "of tolerance" : "max abs"));
      cells.add(i == 6 ? "1.0000000" : "9.537e-7");
    }
    columns.add(DataTable.TableColumn.text("worst element"));
    cells.add("[0, 4, 5, 19]: -1.7999887717887778E-4 for -1.79898203475951E-4");
    open(
        "wide",
        SampleReports.of(
            new DataTable(
                "All values", columns, List.of(new DataTable.TableRow(Tone.GOOD, cells)))));
    browser.size(688, 900, false); // A4 within its margins
    browser.paper(true);
    try {
      browser.screenshot(SHOTS.resolve("report-paper-table.png"));
      assertEquals(
          "",
          browser
              .evaluate(
                  "[...document.querySelectorAll('td')].filter(td => { const r ="
                      + " document.createRange(); r.selectNodeContents(td); return"
                      + " !/[ /]/.test(td.textContent) && r.getClientRects().length > 1; })"
                      + ".map(td => td.textContent).join()")
              .getAsString(),
          "cells of one word that are broken");
      assertTrue(browser.evaluate("document.documentElement.scrollWidth").getAsInt() <= 688);
    } finally {
      browser.paper(false);
    }
  }

  private static int visible(String selector) {
    return browser
        .evaluate(
            "[...document.querySelectorAll('%s')].filter(e => e.checkVisibility()).length"
                .formatted(selector))
        .getAsInt();
  }

  /** Of the page, of its texts, and of the axes in the charts. */
  private static String colours() {
    return browser
        .evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,"
                + " getComputedStyle(document.querySelector('.plot svg text')).fill].join()")
        .getAsString();
  }

  @Test
  void itFitsAPhone() throws IOException {
    browser.size(390, 844, true);
    open("phone", SampleReports.everything());
    assertEquals(390, browser.evaluate("document.documentElement.scrollWidth").getAsInt());
    assertTrue(
        browser
            .evaluate(
                "[...document.querySelectorAll('.plot svg')].every(s =>"
                    + " s.getBoundingClientRect().width < 380)")
            .getAsBoolean());
    browser.screenshot(SHOTS.resolve("report-phone.png"));
    browser.evaluate("document.querySelectorAll('section')[1].scrollIntoView()");
    browser.screenshot(SHOTS.resolve("report-phone-errors.png"));
    browser.evaluate("document.querySelectorAll('section')[3].scrollIntoView()");
    browser.screenshot(SHOTS.resolve("report-phone-matrix.png"));
  }

  @Test
  void namesAreOnlyText() throws IOException {
    open("evil", SampleReports.evil());
    assertEquals(1, browser.count("img"));
    assertEquals(2, browser.count("script"));
    assertEquals(SampleReports.EVIL, browser.text("h1"));
    assertEquals(SampleReports.EVIL, browser.text(".legend span"));
    browser.evaluate("document.querySelector('.plot').focus()");
    browser.press("ArrowRight");
    assertEquals(SampleReports.EVIL, browser.text(".tip b"));
    browser.screenshot(SHOTS.resolve("report-evil.png"));
  }

  @Test
  void longGraphsCanBeMovedAlong() throws IOException {
    open("long", SampleReports.of(SampleReports.longChart(3000)));
    browser.screenshot(SHOTS.resolve("report-long.png"));
    assertTrue(marks(0) < 200, "no more than can be seen: " + marks(0));
    assertEquals(2000, browser.count("tbody tr"));
    assertTrue(browser.text("details .dim").contains("3000"));
  }
}
