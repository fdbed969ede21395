package dev.sardonyx.samples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.batch.BatchOptions;
import dev.sardonyx.runtime.batch.BatchingPredictor;
import dev.sardonyx.runtime.image.ImageBytes;
import dev.sardonyx.runtime.image.Preprocessing;
import dev.sardonyx.runtime.image.Preprocessing.Channels;
import dev.sardonyx.runtime.image.Preprocessing.Resize;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.OrderlyExit;
import dev.sardonyx.runtime.session.TopK;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

// README: from here
/** A classifier inside a program: any number of threads may ask it. */
public final class EmbeddedClassifier implements AutoCloseable {
  /** As the network was trained: grey, 28 x 28, from 0 to 1. */
  private static final Preprocessing DIGIT =
      Preprocessing.plain(Channels.GRAY).withResize(new Resize.Exactly(28, 28));

  private final InferenceSession session;
  private final BatchingPredictor predictor;

  private EmbeddedClassifier(InferenceSession session, BatchingPredictor predictor) {
    this.session = session;
    this.predictor = predictor;
  }

  /** Loads a model that maps {@code image[N,1,28,28]} to {@code probabilities[N,classes]}. */
  public static EmbeddedClassifier of(Path model) throws IOException {
    InferenceSession session = InferenceSession.of(model);
    try {
      // What threads ask while a batch is computed is the next batch
      return new EmbeddedClassifier(
          session, BatchingPredictor.of(session, BatchOptions.of("N", 32)));
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** The two most probable classes of an image. */
  public List<TopK.Ranked> classify(BufferedImage image) throws InterruptedException {
    Tensor pixels = DIGIT.apply(image);
    return TopK.of(
        predictor.predict(Map.of("image", pixels)).tensor("probabilities"), 2, List.of());
  }

  /** Computes what was asked, then frees the session; in this order. */
  @Override
  public void close() {
    try (session) {
      predictor.close();
    }
  }

  // README: to here

  private static final int MOST_BYTES = 1 << 20;
  private static final int MOST_PIXELS = 1 << 22;

  /**
   * Classifies images over HTTP, until the process is ended: {@code curl --data-binary @digit.png
   * localhost:8080/}.
   *
   * @param args the model and the port
   */
  public static void main(String[] args) throws IOException {
    HttpServer server = serve(EmbeddedClassifier.of(Path.of(args[0])), Integer.parseInt(args[1]));
    System.out.println("Send images to http://localhost:" + server.getAddress().getPort() + "/");
  }

  static HttpServer serve(EmbeddedClassifier classifier, int port) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    ExecutorService threads = Executors.newFixedThreadPool(32);
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, classifier));
    server.start();
    // Not a shutdown hook of one's own: ONNX Runtime's would end the runs under way beside it
    OrderlyExit.add(
        () -> {
          server.stop(1);
          threads.shutdown();
          classifier.close();
        });
    return server;
  }

  private static void answer(HttpExchange exchange, EmbeddedClassifier classifier)
      throws IOException {
    int status = 200;
    String text;
    try {
      byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES);
      text = classifier.classify(ImageBytes.decode("the request", body, MOST_PIXELS)).toString();
    } catch (IOException e) {
      status = 400;
      text = String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      status = 503;
      text = "the server is shutting down";
    } catch (RuntimeException e) {
      status = 500;
      text = "the image could not be classified";
      System.getLogger(EmbeddedClassifier.class.getName())
          .log(System.Logger.Level.ERROR, "A request failed", e);
    }
    try (exchange) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
