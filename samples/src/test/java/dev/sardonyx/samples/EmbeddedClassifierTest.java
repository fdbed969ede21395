package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The classifier that other programs embed, asked by many clients at once. */
final class EmbeddedClassifierTest {
  /** The first class of a white image, the last of a black one. */
  private static final String MODEL =
      """
      <ir_version: 10, opset_import: ["": 21]>
      brightness (float[N,1,28,28] image) => (float[N,2] probabilities)
      <int64[2] axes = {2, 3}, int64[2] shape = {-1, 1}, float half = {0.5}> {
        mean = ReduceMean <keepdims = 0> (image, axes)
        white = Reshape (mean, shape)
        black = Sub (half, white)
        scores = Concat <axis = 1> (white, black)
        probabilities = Softmax <axis = 1> (scores)
      }
      """;

  @Test
  void clientsAreAnswered(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("model.onnx");
    OnnxWriter.write(ModelParser.parse(MODEL), file);
    try (EmbeddedClassifier classifier = EmbeddedClassifier.of(file)) {
      HttpServer server = EmbeddedClassifier.serve(classifier, 0);
      try {
        URI address = URI.create("http://localhost:" + server.getAddress().getPort() + "/");
        answers(address);
      } finally {
        server.stop(0);
      }
    }
  }

  private static void answers(URI address) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      answers.add(client.sendAsync(request(address, png(i % 2 == 0)), BodyHandlers.ofString()));
    }
    for (int i = 0; i < answers.size(); i++) {
      HttpResponse<String> answer = answers.get(i).get();
      assertEquals(200, answer.statusCode(), answer.body());
      assertTrue(answer.body().startsWith("[Ranked[index=" + i % 2 + ","), answer.body());
    }
    HttpResponse<String> refused =
        client.send(
            request(address, "no".getBytes(StandardCharsets.UTF_8)), BodyHandlers.ofString());
    assertEquals(400, refused.statusCode());
    assertEquals("the request: is no image", refused.body());
  }

  private static HttpRequest request(URI address, byte[] body) {
    return HttpRequest.newBuilder(address).POST(BodyPublishers.ofByteArray(body)).build();
  }

  private static byte[] png(boolean white) throws IOException {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_BYTE_GRAY);
    if (white) {
      image.createGraphics().fillRect(0, 0, 40, 30);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  @Test
  void aModelWithoutABatchIsRefusedAtOnce(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.onnx");
    OnnxWriter.write(ModelParser.parse(MODEL.replace("[N,", "[1,")), file);
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> EmbeddedClassifier.of(file));
    assertTrue(refused.getMessage().contains("'image'"), refused.getMessage());
  }
}
