package dev.sardonyx.samples.serve;

import com.sun.net.httpserver.HttpServer;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.session.OrderlyExit;
import dev.sardonyx.runtime.session.SessionOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Models behind HTTP: the Open Inference Protocol with JSON and binary tensors under {@code /v2},
 * Prometheus metrics at {@code /metrics}, and a page for people at {@code /}. It has neither
 * encryption nor a login; what listens on more than this machine belongs behind a proxy that has.
 *
 * <pre>{@code
 * try (InferenceServer server =
 *     InferenceServer.start(models, SessionOptions.DEFAULT, ServerOptions.DEFAULT, "1.0")) {
 *   server.awaitClose();
 * }
 * }</pre>
 */
public final class InferenceServer implements AutoCloseable {
  /** Threads for what no inference may hold: health, metrics, refusals. */
  private static final int MORE_THREADS = 8;

  private static final int WAITING_CONNECTIONS = 1024;

  private final HttpServer server;
  private final ServerRoutes routes;
  private final ServerOptions options;
  private final Map<String, HostedModel> models;
  private final ThreadPoolExecutor threads;
  private final Runnable atExit = this::close;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  private InferenceServer(
      HttpServer server,
      ServerRoutes routes,
      ServerOptions options,
      Map<String, HostedModel> models) {
    this.server = server;
    this.routes = routes;
    this.options = options;
    this.models = models;
    int size = ServerRoutes.mostUnsent(options) + MORE_THREADS;
    this.threads =
        new ThreadPoolExecutor(
            size,
            size,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(WAITING_CONNECTIONS),
            task -> {
              Thread thread = new Thread(task, "sardonyx-serve");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Loads models and listens. When the JVM exits, the server is closed as by {@link #close}.
   *
   * @param sources the models by name
   * @param version what clients are told as the server's version
   * @throws IOException if a file cannot be read or the port is taken
   * @throws UnsupportedModelException if a model cannot be served
   * @throws IllegalArgumentException if requests for a model cannot be put together in batches
   */
  public static InferenceServer start(
      Map<String, ModelSource> sources,
      SessionOptions session,
      ServerOptions options,
      String version)
      throws IOException {
    configure(options);
    HttpServer http = listening(options);
    Map<String, HostedModel> models = new LinkedHashMap<>();
    ServerMetrics metrics = new ServerMetrics();
    try {
      for (Map.Entry<String, ModelSource> source : sources.entrySet()) {
        String name = source.getKey();
        models.put(
            name, HostedModel.of(name, source.getValue(), session, options.batchSize(), metrics));
      }
    } catch (IOException | RuntimeException | Error e) {
      // One that has never run would keep its port.
      http.start();
      http.stop(0);
      models.values().forEach(HostedModel::close);
      throw e;
    }
    ServerRoutes routes = new ServerRoutes(models, options, metrics, version);
    InferenceServer server = new InferenceServer(http, routes, options, models);
    http.createContext("/", routes);
    http.setExecutor(server.threads);
    http.start();
    OrderlyExit.add(server.atExit);
    return server;
  }

  /** Properties of the JDK's server, which reads them once, when the first one is made. */
  private static void configure(ServerOptions options) {
    // Without it, each answer over a kept connection may wait for the network's delayed
    // acknowledgement.
    setIfAbsent("sun.net.httpserver.nodelay", "true");
    // Clients that send nothing more, or take no answer, lose their connection.
    long seconds = Math.max(1, options.timeout().toSeconds());
    setIfAbsent("sun.net.httpserver.maxReqTime", String.valueOf(seconds));
    setIfAbsent("sun.net.httpserver.maxRspTime", String.valueOf(2 * seconds));
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  private static HttpServer listening(ServerOptions options) throws IOException {
    InetAddress address;
    try {
      address = InetAddress.getByName(options.host());
    } catch (UnknownHostException e) {
      throw new IOException("there is no host '" + options.host() + "' to listen on", e);
    }
    try {
      return HttpServer.create(new InetSocketAddress(address, options.port()), 0);
    } catch (BindException e) {
      throw new IOException(
          "cannot listen on port %d of %s: %s; choose another by --port"
              .formatted(options.port(), options.host(), e.getMessage()),
          e);
    }
  }

  /** Where it listens. */
  public URI address() {
    InetSocketAddress address = server.getAddress();
    String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
    return URI.create("http://" + host + ":" + address.getPort());
  }

  /** Waits until it has been closed. */
  public void awaitClose() throws InterruptedException {
    closed.await();
  }

  /**
   * Is no longer ready, lets the requests under way finish, as long as {@link ServerOptions#grace}
   * says, and then ends them and closes the models.
   */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      waitUntilClosed();
      return;
    }
    try {
      routes.drain();
      boolean interrupted = finish();
      server.stop(0);
      models.values().forEach(HostedModel::close);
      threads.shutdown();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    } finally {
      OrderlyExit.remove(atExit);
      closed.countDown();
    }
  }

  /** Waits for the requests under way; true if it was interrupted. */
  private boolean finish() {
    try {
      // If it cannot, the time is over, and the rest is ended.
      boolean unused = routes.awaitSent(options.grace());
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  private void waitUntilClosed() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
