package dev.sardonyx.samples.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.batch.BatchingPredictor;
import dev.sardonyx.runtime.session.InferenceSession;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The application as its clients see it, over HTTP. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = "classifier.max-body=20KB")
class ClassifierApplicationTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @LocalServerPort private int port;

  @DynamicPropertySource
  static void model(DynamicPropertyRegistry registry) {
    registry.add("classifier.model", BrightnessModel::write);
  }

  @Test
  void numbersAreClassified() throws Exception {
    HttpResponse<String> answer = json(pixels(784, "0.75"));
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals("{\"label\":\"0\",\"probability\":0.75}", answer.body());
  }

  @Test
  void imagesOfAnySizeAreClassified() throws Exception {
    HttpResponse<String> answer = image(BrightnessModel.png(51, 60, 35));
    assertEquals(200, answer.statusCode(), answer.body());
    assertTrue(answer.body().startsWith("{\"label\":\"1\",\"probability\":"), answer.body());
    String probability = answer.body().replaceAll(".*:|}", "");
    assertEquals(0.8, Double.parseDouble(probability), 1e-6);
  }

  @Test
  void whatIsWrongIsSaid() throws Exception {
    refused(
        json(pixels(3, "0")), "There are 3 numbers; input 'image', float[N,1,28,28], takes 784");
    refused(json(pixels(784, "1e99")), "Number 0 is Infinity");
    refused(json("{}"), "There is no 'pixels'");
    refused(json("{\"pixels\": [\"bright\"]}"), "");
    refused(json("{\"pixels\": ["), "");
    refused(image("no".getBytes(StandardCharsets.UTF_8)), "the body: is no image");
    refused(
        image(BrightnessModel.png(0, 2500, 1700)),
        "the body: is an image of 4,250,000 pixels, more than the 4,000,000 allowed");
  }

  private static void refused(HttpResponse<String> answer, String detail) {
    assertEquals(400, answer.statusCode(), answer.body());
    assertEquals(
        "application/problem+json", answer.headers().firstValue("Content-Type").orElse(""));
    assertTrue(answer.body().contains(detail), answer.body());
  }

  @Test
  void bodiesAreLimited() throws Exception {
    assertEquals(413, json(pixels(20_000, "0.5")).statusCode());
    byte[] png = BrightnessModel.png(51, 28, 28);
    BodyPublisher unknown = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(png));
    assertEquals(411, post("image/png", unknown).statusCode());
    assertEquals(415, post("text/plain", BodyPublishers.ofString("x")).statusCode());
  }

  @Test
  void manyClientsAreAnsweredAtOnceAndMeasured() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String body = pixels(784, i % 2 == 0 ? "1" : "0");
      answers.add(
          CLIENT.sendAsync(
              request("application/json", BodyPublishers.ofString(body)), BodyHandlers.ofString()));
    }
    for (int i = 0; i < answers.size(); i++) {
      assertEquals(
          "{\"label\":\"" + i % 2 + "\",\"probability\":1.0}", answers.get(i).get().body());
    }
    String metrics = get("/actuator/prometheus");
    for (String meter :
        List.of("sardonyx_batch_rows_sum", "sardonyx_batch_compute_seconds_count")) {
      assertTrue(metrics.contains(meter + "{model=\"brightness.onnx\"}"), metrics);
    }
  }

  @Test
  void itsHealthIsThatOfTheModel() throws Exception {
    String health = get("/actuator/health");
    assertTrue(health.contains("\"status\":\"UP\""), health);
    assertTrue(health.contains("\"model\":\"brightness\""), health);
  }

  @Test
  void theModelIsClosedWithTheContext(@Autowired InferenceSession stillOpen) throws Exception {
    ConfigurableApplicationContext context =
        SpringApplication.run(
            ClassifierApplication.class,
            "--server.port=0",
            "--classifier.model=" + BrightnessModel.write());
    InferenceSession session = context.getBean(InferenceSession.class);
    BatchingPredictor predictor = context.getBean(BatchingPredictor.class);
    context.close();
    assertThrows(IllegalStateException.class, () -> session.run(Map.of()));
    assertThrows(IllegalStateException.class, () -> predictor.submit(Map.of("image", blank())));
    assertEquals(1, stillOpen.inputs().size());
  }

  private static Tensor blank() {
    return Tensor.ofFloats(new float[784], 1, 1, 28, 28);
  }

  private static String pixels(int count, String each) {
    String[] all = new String[count];
    Arrays.fill(all, each);
    return "{\"pixels\": [" + String.join(",", all) + "]}";
  }

  private HttpResponse<String> json(String body) throws Exception {
    return post("application/json", BodyPublishers.ofString(body));
  }

  private HttpResponse<String> image(byte[] body) throws Exception {
    return post("image/png", BodyPublishers.ofByteArray(body));
  }

  private HttpResponse<String> post(String type, BodyPublisher body) throws Exception {
    return CLIENT.send(request(type, body), BodyHandlers.ofString());
  }

  private HttpRequest request(String type, BodyPublisher body) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/classify"))
        .header("Content-Type", type)
        .POST(body)
        .build();
  }

  private String get(String path) throws Exception {
    return CLIENT
        .send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build(),
            BodyHandlers.ofString())
        .body();
  }
}
