package dev.sardonyx.samples;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The versions the build wrote into {@code build.properties}. */
final class BuildVersions implements IVersionProvider {
  /** Sardonyx's own. */
  static String sardonyx() {
    return build().getProperty("version");
  }

  /** DL4J's. */
  static String dl4j() {
    return build().getProperty("dl4j");
  }

  @Override
  public String[] getVersion() {
    Properties build = build();
    return new String[] {
      "sardonyx " + build.getProperty("version"),
      "DL4J " + build.getProperty("dl4j"),
      "ONNX Runtime " + build.getProperty("onnxruntime"),
      "Java ${java.version} (${java.vm.name}), ${os.name} ${os.arch}"
    };
  }

  private static Properties build() {
    Properties build = new Properties();
    try (InputStream in = BuildVersions.class.getResourceAsStream("build.properties")) {
      if (in == null) {
        throw new IllegalStateException("build.properties is missing from the sardonyx jar");
      }
      build.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return build;
  }
}
