package dev.sardonyx.runtime.session;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;
import dev.sardonyx.ir.file.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/** Gives ONNX Runtime the options of a session. */
final class SessionSetup {
  private static final String DISABLED = "optimization.disable_specified_optimizers";

  private SessionSetup() {}

  static void apply(SessionOptions options, OrtSession.SessionOptions to) throws OrtException {
    addProviders(options, to);
    to.setOptimizationLevel(options.optimization().level());
    Path optimized = options.optimizedModel();
    if (optimized != null) {
      requireWritable(optimized);
      to.setOptimizedModelFilePath(optimized.toString());
    }
    apply(options.threads(), to);
    to.setCPUArenaAllocator(options.memory().arena());
    to.setMemoryPatternOptimization(options.memory().patterns());
    if (options.deterministic()) {
      to.setDeterministicCompute(true);
    }
    for (Map.Entry<String, Long> dimension : options.freeDimensions().entrySet()) {
      to.setSymbolicDimensionValue(dimension.getKey(), dimension.getValue());
    }
    for (Path library : options.customOperators()) {
      to.registerCustomOpLibrary(library.toAbsolutePath().toString());
    }
    Path profile = options.profile();
    if (profile != null) {
      // Else ONNX Runtime writes none without a word.
      requireWritable(profile.resolveSibling(profile.getFileName() + ".json"));
      to.enableProfiling(profile.toString());
    }
    for (Map.Entry<String, String> entry : options.configuration().entrySet()) {
      to.addConfigEntry(entry.getKey(), entry.getValue());
    }
    // It moves a Pad into the pool after it, whatever it fills with: a maximum misses the zeros.
    disableOptimizer("Pad_Fusion", to);
  }

  private static void requireWritable(Path file) {
    try {
      AtomicFile.requireWritable(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Switches off one more of ONNX Runtime's optimisers. */
  static void disableOptimizer(String name, OrtSession.SessionOptions to) throws OrtException {
    String others = to.getConfigEntries().get(DISABLED);
    to.addConfigEntry(DISABLED, others == null ? name : others + ";" + name);
  }

  /** Adds the providers; if one cannot be used, no session is made. */
  private static void addProviders(SessionOptions options, OrtSession.SessionOptions to)
      throws OrtException {
    boolean onlyCpu = true;
    for (Provider provider : options.providers()) {
      try {
        ProviderSetup.add(provider, to);
      } catch (OrtException e) {
        throw AcceleratorProbe.unavailable(provider.accelerator(), e);
      }
      onlyCpu &= provider instanceof Provider.Cpu;
    }
    if (!onlyCpu && !options.cpuFallback()) {
      to.addConfigEntry("session.disable_cpu_ep_fallback", "1");
    }
  }

  private static void apply(Threads threads, OrtSession.SessionOptions to) throws OrtException {
    if (threads.intraOp() > 0) {
      to.setIntraOpNumThreads(
          Math.min(threads.intraOp(), Runtime.getRuntime().availableProcessors()));
    }
    if (threads.interOp() > 1) {
      to.setExecutionMode(ExecutionMode.PARALLEL);
      to.setInterOpNumThreads(
          Math.min(threads.interOp(), Runtime.getRuntime().availableProcessors()));
    }
    if (!threads.spinning()) {
      to.addConfigEntry("session.intra_op.allow_spinning", "0");
      to.addConfigEntry("session.inter_op.allow_spinning", "0");
    }
  }
}
