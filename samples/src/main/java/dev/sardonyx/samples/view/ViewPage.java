package dev.sardonyx.samples.view;

import dev.sardonyx.ir.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The page as one file: template, style sheet, script and data. Its content security policy allows
 * nothing but this very script and style sheet, and no connection at all: so that, even if a name
 * out of a model came to be read as HTML, nothing of it would run.
 */
final class ViewPage {
  /** The script by its subjects, each using those before it when it is loaded. */
  private static final List<String> SCRIPTS =
      List.of("base.js", "items.js", "view.js", "details.js", "search.js", "page.js");

  private ViewPage() {}

  static String of(String title, String data) {
    String style = resource("drawing.css") + resource("view.css");
    String script =
        SCRIPTS.stream()
            .map(ViewPage::resource)
            .collect(Collectors.joining("", "(() => {\n", "})();\n"));
    String template = resource("view.html");
    StringBuilder page = new StringBuilder(template.length() + script.length() + data.length());
    // What is put in is never searched again for places to put something in.
    for (String part : template.split("(?=\\{\\{)|(?<=\\}\\})", -1)) {
      page.append(
          switch (part) {
            case "{{title}}" -> escaped(title);
            case "{{styleHash}}" -> hash(style);
            case "{{scriptHash}}" -> hash(script);
            case "{{style}}" -> style;
            case "{{script}}" -> script;
            case "{{data}}" -> data;
            default -> part;
          });
    }
    return page.toString();
  }

  /** Text of anyone, as text of HTML and XML. */
  static String escaped(String text) {
    return Printable.line(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }

  static String resource(String name) {
    try (InputStream in = Objects.requireNonNull(ViewPage.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
