package dev.sardonyx.samples.serve;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** What a server has done, in Prometheus's text format. */
final class ServerMetrics {
  private static final double[] SECONDS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };
  private static final double[] SIZES = {1, 2, 4, 8, 16, 32, 64, 128, 256};

  /** By labels. */
  private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();

  private final Map<String, Buckets> latency = new ConcurrentSkipListMap<>();
  private final Map<String, Buckets> batchRequests = new ConcurrentSkipListMap<>();
  private final Map<String, Buckets> batchRows = new ConcurrentSkipListMap<>();

  /** How many observations are up to each bound. */
  private static final class Buckets {
    private final double[] bounds;
    private final LongAdder[] counts;
    private final DoubleAdder sum = new DoubleAdder();

    Buckets(double[] bounds) {
      this.bounds = bounds;
      this.counts = new LongAdder[bounds.length + 1];
      for (int i = 0; i < counts.length; i++) {
        counts[i] = new LongAdder();
      }
    }

    void observe(double value) {
      int i = 0;
      while (i < bounds.length && value > bounds[i]) {
        i++;
      }
      counts[i].increment();
      sum.add(value);
    }

    void write(StringBuilder to, String name, String labels) {
      long count = 0;
      for (int i = 0; i < counts.length; i++) {
        count += counts[i].sum();
        String bound = i < bounds.length ? String.valueOf(bounds[i]) : "+Inf";
        line(to, name + "_bucket", labels + ",le=\"" + bound + "\"", String.valueOf(count));
      }
      line(to, name + "_sum", labels, String.valueOf(sum.sum()));
      line(to, name + "_count", labels, String.valueOf(count));
    }
  }

  /** A request for a model has been answered. */
  void request(String model, int status, Duration took) {
    String labels = label("model", model);
    requests
        .computeIfAbsent(labels + ",code=\"" + status + "\"", key -> new LongAdder())
        .increment();
    latency.computeIfAbsent(labels, key -> new Buckets(SECONDS)).observe(took.toNanos() / 1e9);
  }

  /** A batch has been computed. */
  void batch(String model, int requestCount, long rows) {
    String labels = label("model", model);
    batchRequests.computeIfAbsent(labels, key -> new Buckets(SIZES)).observe(requestCount);
    batchRows.computeIfAbsent(labels, key -> new Buckets(SIZES)).observe((double) rows);
  }

  /**
   * All of it.
   *
   * @param running how many requests are being computed or transferred
   * @param isReady whether more are taken
   */
  String text(int running, boolean isReady) {
    StringBuilder to = new StringBuilder();
    head(to, "sardonyx_ready", "gauge", "Whether requests are taken.");
    line(to, "sardonyx_ready", "", isReady ? "1" : "0");
    head(to, "sardonyx_requests_running", "gauge", "Requests being computed or transferred.");
    line(to, "sardonyx_requests_running", "", String.valueOf(running));
    head(to, "sardonyx_requests_total", "counter", "Inference requests by status code.");
    requests.forEach(
        (labels, count) ->
            line(to, "sardonyx_requests_total", labels, String.valueOf(count.sum())));
    head(to, "sardonyx_failures_total", "counter", "Inference requests that failed.");
    requests.forEach(
        (labels, count) -> {
          if (!labels.endsWith(",code=\"200\"")) {
            line(to, "sardonyx_failures_total", labels, String.valueOf(count.sum()));
          }
        });
    histogram(to, "sardonyx_request_seconds", "How long inference requests took.", latency);
    histogram(to, "sardonyx_batch_requests", "Requests of a batch.", batchRequests);
    histogram(to, "sardonyx_batch_rows", "Rows of a batch.", batchRows);
    return to.toString();
  }

  private static void histogram(
      StringBuilder to, String name, String help, Map<String, Buckets> byLabels) {
    head(to, name, "histogram", help);
    byLabels.forEach((labels, buckets) -> buckets.write(to, name, labels));
  }

  private static void head(StringBuilder to, String name, String type, String help) {
    to.append(String.format(Locale.ROOT, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type));
  }

  private static void line(StringBuilder to, String name, String labels, String value) {
    to.append(name);
    if (!labels.isEmpty()) {
      to.append('{').append(labels).append('}');
    }
    to.append(' ').append(value).append('\n');
  }

  private static String label(String name, String value) {
    return name
        + "=\""
        + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")
        + "\"";
  }
}
