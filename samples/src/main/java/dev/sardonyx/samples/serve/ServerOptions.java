package dev.sardonyx.samples.serve;

import java.time.Duration;

/**
 * Where a server listens and what it lets clients do.
 *
 * @param host the name or address it listens on
 * @param port the port; 0 for any that is free
 * @param maxBody how many bytes the body of a request may have
 * @param maxConcurrent how many requests may be read and computed at once; more are told to try
 *     again
 * @param timeout how long one request may be computed
 * @param grace how long closing the server waits for the requests under way
 * @param batchSize how many rows of several requests are computed at once; 0 to compute each alone
 */
public record ServerOptions(
    String host,
    int port,
    int maxBody,
    int maxConcurrent,
    Duration timeout,
    Duration grace,
    int batchSize) {
  /** Port 8080 of this machine alone, 64 MiB, 16 requests, half a minute each, no batches. */
  public static final ServerOptions DEFAULT =
      new ServerOptions(
          "localhost", 8080, 64 << 20, 16, Duration.ofSeconds(30), Duration.ofSeconds(30), 0);

  /**
   * @throws IllegalArgumentException if a number is out of its range
   */
  public ServerOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("Ports are 0 to 65535, not " + port);
    }
    if (maxBody < 1 || maxBody == Integer.MAX_VALUE || maxConcurrent < 1 || batchSize < 0) {
      throw new IllegalArgumentException(
          "Bodies of %d bytes, %d requests at once and batches of %d are not possible"
              .formatted(maxBody, maxConcurrent, batchSize));
    }
    if (timeout.isNegative() || timeout.isZero() || grace.isNegative()) {
      throw new IllegalArgumentException(
          "A timeout of %s and a grace of %s are not possible".formatted(timeout, grace));
    }
  }

  public ServerOptions withAddress(String changedHost, int changedPort) {
    return new ServerOptions(
        changedHost, changedPort, maxBody, maxConcurrent, timeout, grace, batchSize);
  }

  public ServerOptions withMaxBody(int changed) {
    return new ServerOptions(host, port, changed, maxConcurrent, timeout, grace, batchSize);
  }

  public ServerOptions withMaxConcurrent(int changed) {
    return new ServerOptions(host, port, maxBody, changed, timeout, grace, batchSize);
  }

  public ServerOptions withTimeout(Duration changed) {
    return new ServerOptions(host, port, maxBody, maxConcurrent, changed, grace, batchSize);
  }

  public ServerOptions withGrace(Duration changed) {
    return new ServerOptions(host, port, maxBody, maxConcurrent, timeout, changed, batchSize);
  }

  public ServerOptions withBatchSize(int changed) {
    return new ServerOptions(host, port, maxBody, maxConcurrent, timeout, grace, changed);
  }
}
