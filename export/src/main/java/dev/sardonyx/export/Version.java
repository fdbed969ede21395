package dev.sardonyx.export;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** Sardonyx's own version, from the properties that Maven writes into the jar. */
final class Version {
  private static final String FILE = "/META-INF/maven/dev.sardonyx/sardonyx-export/pom.properties";

  private Version() {}

  /** The version; empty outside a jar, where it is not known. */
  static String current() {
    try (InputStream in = Version.class.getResourceAsStream(FILE)) {
      if (in == null) {
        return "";
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", "");
    } catch (IOException e) {
      return "";
    }
  }
}
