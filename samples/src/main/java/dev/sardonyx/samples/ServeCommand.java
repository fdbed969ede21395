package dev.sardonyx.samples;

import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.samples.serve.InferenceServer;
import dev.sardonyx.samples.serve.ModelSource;
import dev.sardonyx.samples.serve.ServerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx serve}: models behind HTTP. */
@Command(
    name = "serve",
    description = {
      "Runs ONNX models for clients over HTTP: the Open Inference Protocol (KServe v2) with JSON"
          + " and binary tensors, and metrics for Prometheus at /metrics.",
      "A model's name is that of its file without .onnx; that of standard input is model. Ctrl-C or"
          + " SIGTERM lets the requests under way finish.",
      "Exit status: 1 failed, 2 wrong usage; otherwise that of the signal."
    })
@SuppressWarnings("NullAway.Init")
final class ServeCommand implements Callable<Integer> {
  private static final int MOST_MEGABYTES = 2047;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "ONNX files; - is standard input.")
  private List<Path> files;

  @Option(
      names = "--host",
      paramLabel = "NAME",
      defaultValue = "localhost",
      description =
          "The name or address to listen on; 0.0.0.0 for all, to be reached from other machines"
              + " (default: ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "The port; 0 for any that is free (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--max-body",
      paramLabel = "MIB",
      defaultValue = "64",
      description = "The size of a request's body, in MiB (default: ${DEFAULT-VALUE}).")
  private int maxBody;

  @Option(
      names = "--max-concurrent",
      paramLabel = "N",
      defaultValue = "16",
      description =
          "Requests at the same time; more are told to try again (default: ${DEFAULT-VALUE}).")
  private int maxConcurrent;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "How long a request may take, and the last ones at the end (default: ${DEFAULT-VALUE}).")
  private int timeout;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description =
          "Compute up to N rows of requests at once, along the first dimension, which must be a"
              + " symbol.")
  private int batchSize;

  @Mixin private AcceleratorOption accelerator;

  @Override
  public Integer call() throws IOException {
    require("--port", port, 0, 65_535);
    require("--max-body", maxBody, 1, MOST_MEGABYTES);
    require("--max-concurrent", maxConcurrent, 1, 10_000);
    require("--timeout", timeout, 1, 86_400);
    require("--batch-size", batchSize, 0, 1 << 20);
    Map<String, ModelSource> models = models();
    ServerOptions options =
        ServerOptions.DEFAULT
            .withAddress(host, port)
            .withMaxBody(maxBody << 20)
            .withMaxConcurrent(maxConcurrent)
            .withTimeout(Duration.ofSeconds(timeout))
            .withGrace(Duration.ofSeconds(timeout))
            .withBatchSize(batchSize);
    SessionOptions session = SessionOptions.of(Accelerator.of(accelerator.name(spec)));
    try (InferenceServer server =
        InferenceServer.start(models, session, options, BuildVersions.sardonyx())) {
      Console.of(spec)
          .result("Serving %s at %s", String.join(", ", models.keySet()), server.address());
      server.awaitClose();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  private void require(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '%s': '%d' is not %d to %d"
              .formatted(option, value, least, most));
    }
  }

  /** The models by their names. */
  private Map<String, ModelSource> models() throws IOException {
    Map<String, Path> named = new LinkedHashMap<>();
    for (Path file : files) {
      String name =
          StandardStreams.isMeant(file)
              ? "model"
              : String.valueOf(file.getFileName()).replaceFirst("\\.onnx$", "");
      Path other = named.put(name, file);
      if (other != null) {
        throw new ParameterException(
            spec.commandLine(),
            "Invalid value for parameter 'FILE': '%s' and '%s' would both be model '%s'"
                .formatted(other, file, name));
      }
    }
    Map<String, ModelSource> models = new LinkedHashMap<>();
    for (Map.Entry<String, Path> each : named.entrySet()) {
      models.put(each.getKey(), source(each.getValue()));
    }
    return models;
  }

  private ModelSource source(Path file) throws IOException {
    return StandardStreams.isMeant(file)
        ? ModelSource.of(StandardStreams.input(file), ModelArgument.read(spec, file))
        : ModelSource.of(file);
  }
}
