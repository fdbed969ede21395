package dev.sardonyx.samples.serve;

import dev.sardonyx.samples.page.PageTemplate;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The page for people, which calls the server as any client does. */
final class ServerPage {
  /** By path: what the file is. */
  private static final Map<String, String> TYPES =
      Map.of(
          "", "text/html",
          "theme.css", "text/css",
          "page.css", "text/css",
          "page.js", "text/javascript");

  /** Nothing from elsewhere, and nothing that is not in the page's own files, may run. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private ServerPage() {}

  /** Whether a file of the page is at a path. */
  static boolean has(String path) {
    return TYPES.containsKey(path);
  }

  /** The file at a path where there is one. */
  static ServerAnswer file(String path) {
    String text =
        path.equals("theme.css")
            ? PageTemplate.theme()
            : PageTemplate.resource(ServerPage.class, path.isEmpty() ? "page.html" : path);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new ServerAnswer(200, TYPES.get(path) + "; charset=utf-8", bytes, Map.of())
        .with("Content-Security-Policy", POLICY)
        .with("Cache-Control", "no-cache");
  }
}
