package dev.sardonyx.samples.page;

import dev.sardonyx.ir.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A page with places such as {@code {{title}}} for what is put in. Its content security policy
 * names the hashes of its style sheet and its script ({@code {{styleHash}}} and {@code
 * {{scriptHash}}}) and allows no connection at all: so that, even if a name out of a model came to
 * be read as HTML, nothing of it would run.
 */
public final class PageTemplate {
  private final String template;
  private final Map<String, String> parts;

  private PageTemplate(String template, Map<String, String> parts) {
    this.template = template;
    this.parts = parts;
  }

  /**
   * A template that is a resource.
   *
   * @param beside a class in whose package it is
   */
  public static PageTemplate of(Class<?> beside, String name) {
    return new PageTemplate(resource(beside, name), Map.of());
  }

  /** Puts markup, which is taken as it is, in a place. */
  public PageTemplate with(String place, String markup) {
    Map<String, String> more = new HashMap<>(parts);
    more.put(place, markup);
    return new PageTemplate(template, more);
  }

  /** Puts text of anyone in a place. */
  public PageTemplate withText(String place, String text) {
    return with(place, escaped(text));
  }

  /** Puts the style sheet in {@code {{style}}}, and its hash where it is allowed. */
  public PageTemplate withStyle(String style) {
    return with("style", style).with("styleHash", hash(style));
  }

  /** Puts the script in {@code {{script}}}, and its hash where it is allowed. */
  public PageTemplate withScript(String script) {
    return with("script", script).with("scriptHash", hash(script));
  }

  /**
   * The page. What was put in is never searched for places to put something in.
   *
   * @throws IllegalStateException if a place is left empty
   */
  public String html() {
    StringBuilder page = new StringBuilder();
    for (String part : template.split("(?=\\{\\{)|(?<=\\}\\})", -1)) {
      if (part.startsWith("{{")) {
        String put = parts.get(part.substring(2, part.length() - 2));
        if (put == null) {
          throw new IllegalStateException("nothing is put in " + part);
        }
        page.append(put);
      } else {
        page.append(part);
      }
    }
    return page.toString();
  }

  /** Text of anyone, as text of HTML and XML. */
  public static String escaped(String text) {
    return Printable.line(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** The colours of all pages, light and dark: the beginning of their style sheets. */
  public static String theme() {
    return resource(PageTemplate.class, "theme.css");
  }

  /** A text file beside a class, or at a path that begins with a slash. */
  public static String resource(Class<?> beside, String name) {
    try (InputStream in = Objects.requireNonNull(beside.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
}
