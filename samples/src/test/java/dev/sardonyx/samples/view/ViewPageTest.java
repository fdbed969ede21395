package dev.sardonyx.samples.view;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.samples.page.PageTemplate;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** The files that are written: whole, self-contained, and safe whatever a model's names are. */
final class ViewPageTest {
  private static String html(Model model) {
    return ModelDrawing.of(DrawnModels.EVIL, model, Marks.NONE).html();
  }

  private static JsonObject data(String page) {
    Matcher data =
        Pattern.compile(
                "<script id=\"data\" type=\"application/json\">(.*?)</script>", Pattern.DOTALL)
            .matcher(page);
    assertTrue(data.find());
    return JsonParser.parseString(data.group(1)).getAsJsonObject();
  }

  @Test
  void namesAreTextAndNothingElse() {
    String page = html(DrawnModels.evil());
    assertFalse(page.contains("<img"), "no tag of a model's");
    assertFalse(page.contains("\u202e"), "nothing that reverses text");
    assertFalse(page.contains("<!--"), "no comment");
    assertEquals(2, page.split("</script>", -1).length - 1, "no end of a script but of the page's");
    assertEquals(2, page.split("<script", -1).length - 1);
    JsonObject graph =
        data(page)
            .getAsJsonArray("models")
            .get(0)
            .getAsJsonObject()
            .getAsJsonArray("graphs")
            .get(0)
            .getAsJsonObject();
    assertEquals("g" + DrawnModels.EVIL.replace("\u202e", "\\u202e"), graph.get("t").getAsString());
  }

  @Test
  void nothingRunsOrLoadsButThePagesOwnScriptAndStyle() throws NoSuchAlgorithmException {
    String page = ModelDrawing.of("plain", DrawnModels.residual(), Marks.NONE).html();
    assertTrue(page.contains("default-src 'none'"));
    assertTrue(page.contains("script-src 'sha256-" + hash(page, "<script>", "</script>") + "'"));
    assertTrue(page.contains("style-src 'sha256-" + hash(page, "<style>", "</style>") + "'"));
    assertFalse(Pattern.compile("<[^>]*(src|href)=").matcher(page).find(), "nothing is loaded");
    assertFalse(page.contains("{{"), "every place is filled in");
  }

  private static String hash(String page, String begin, String end)
      throws NoSuchAlgorithmException {
    int from = page.indexOf(begin) + begin.length();
    byte[] text = page.substring(from, page.indexOf(end, from)).getBytes(StandardCharsets.UTF_8);
    return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(text));
  }

  @Test
  void loneSurrogatesAndNumbersThatJsonLacksAreWritten() {
    assertDoesNotThrow(() -> data(html(DrawnModels.chain(3))));
    assertEquals("a\\ud800b", PageTemplate.escaped("a\ud800b"));
    assertEquals("&lt;a b=&quot;&amp;&#39;&quot;&gt;", PageTemplate.escaped("<a b=\"&'\">"));
  }

  @ParameterizedTest
  @MethodSource("dev.sardonyx.samples.view.PlannerTest#models")
  void svgIsWellFormed(Model model) throws ParserConfigurationException, IOException, SAXException {
    String svg = ModelDrawing.of(DrawnModels.EVIL, model, Marks.NONE).svg();
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    Document document = factory.newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    assertEquals("svg", document.getDocumentElement().getTagName());
    assertEquals(0, document.getElementsByTagName("script").getLength());
    assertEquals(0, document.getElementsByTagName("img").getLength());
    assertTrue(document.getElementsByTagName("g").getLength() > 0);
  }
}
