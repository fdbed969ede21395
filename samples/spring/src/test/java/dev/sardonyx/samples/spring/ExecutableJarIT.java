package dev.sardonyx.samples.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The one jar, whose native libraries are in jars within it. */
class ExecutableJarIT {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String LONG_WORK = "1500000";

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "processes get no signals there")
  void itAnswersAndASignalLetsTheLastRequestFinish() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                System.getProperty("jar"),
                "--server.port=0",
                "--classifier.model=" + BrightnessModel.write())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      URI address = URI.create("http://localhost:" + port(lines) + "/classify");
      HttpResponse<String> answer =
          CLIENT.send(
              request(address, "image/png", BrightnessModel.png(255, 28, 28)),
              BodyHandlers.ofString());
      assertEquals("{\"label\":\"0\",\"probability\":1.0}", answer.body());

      String[] pixels = new String[784];
      Arrays.fill(pixels, LONG_WORK);
      byte[] json =
          ("{\"pixels\": [" + String.join(",", pixels) + "]}").getBytes(StandardCharsets.UTF_8);
      CompletableFuture<HttpResponse<String>> last =
          CLIENT.sendAsync(request(address, "application/json", json), BodyHandlers.ofString());
      Thread.sleep(500); // it is being computed now
      process.toHandle().destroy(); // which, other than process.destroy(), leaves the streams open
      String rest = lines.lines().reduce("", (before, line) -> before + line + "\n");
      assertEquals(200, last.get().statusCode(), () -> last.join().body() + "\n" + rest);
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), rest);
      assertTrue(rest.contains("Graceful shutdown complete"), rest);
    } finally {
      process.destroyForcibly();
    }
  }

  private static HttpRequest request(URI address, String type, byte[] body) {
    return HttpRequest.newBuilder(address)
        .header("Content-Type", type)
        .POST(BodyPublishers.ofByteArray(body))
        .build();
  }

  /** The port that Tomcat says it listens on. */
  private static String port(BufferedReader lines) throws Exception {
    Pattern started = Pattern.compile("Tomcat started on port (\\d+)");
    StringBuilder printed = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      printed.append(line).append('\n');
      Matcher found = started.matcher(line);
      if (found.find()) {
        return found.group(1);
      }
    }
    throw new AssertionError("It did not start:\n" + printed);
  }
}
