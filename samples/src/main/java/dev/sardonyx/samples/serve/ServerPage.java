package dev.sardonyx.samples.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;

/** The page for people, which calls the server as any client does. */
final class ServerPage {
  /** By path: what the file is. */
  private static final Map<String, String> TYPES =
      Map.of("", "text/html", "page.css", "text/css", "page.js", "text/javascript");

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
    String name = path.isEmpty() ? "page.html" : path;
    try (InputStream in =
        Objects.requireNonNull(ServerPage.class.getResourceAsStream(name), name)) {
      return new ServerAnswer(200, TYPES.get(path) + "; charset=utf-8", in.readAllBytes(), Map.of())
          .with("Content-Security-Policy", POLICY)
          .with("Cache-Control", "no-cache");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
