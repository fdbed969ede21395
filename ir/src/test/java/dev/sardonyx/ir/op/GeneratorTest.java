package dev.sardonyx.ir.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.ir.OnnxRelease;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What is checked in of ONNX's schemas and releases is what ONNX itself says. Skipped where there
 * is no Python with that version of onnx; {@code -Dsardonyx.python} names one.
 */
class GeneratorTest {
  private static final String PYTHON = System.getProperty("sardonyx.python", "python3");
  private static final String SCRIPT = "src/main/python/onnx_operators.py";
  private static final String ONNX = "1.23.1";
  private static final String ONNX_RUNTIME = "1.30.0";

  private static String run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(PYTHON));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(1, TimeUnit.MINUTES), () -> command + " does not end");
    return process.exitValue() == 0 ? output : "";
  }

  private static void assumeOnnx() throws InterruptedException {
    String version;
    try {
      version = run("-c", "import onnx; print(onnx.__version__)").strip();
    } catch (IOException e) {
      version = "";
    }
    assumeTrue(ONNX.equals(version), PYTHON + " has no onnx " + ONNX);
  }

  @Test
  void theCatalogueIsOnnxsOwn() throws Exception {
    assumeOnnx();
    try (InputStream in =
        Objects.requireNonNull(OperatorCatalogue.class.getResourceAsStream("onnx-operators.txt"))) {
      List<String> checkedIn =
          new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      assertEquals(run(SCRIPT).lines().toList(), checkedIn, "Run " + SCRIPT + " again");
    }
  }

  @Test
  void theContribOperatorsAreOnnxRuntimesOwn() throws Exception {
    assumeOnnx();
    String version = run("-c", "import onnxruntime; print(onnxruntime.__version__)").strip();
    assumeTrue(ONNX_RUNTIME.equals(version), PYTHON + " has no onnxruntime " + ONNX_RUNTIME);
    try (InputStream in =
        Objects.requireNonNull(
            OperatorCatalogue.class.getResourceAsStream("../contrib/contrib-operators.txt"))) {
      List<String> checkedIn =
          new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      assertEquals(run(SCRIPT, "--contrib").lines().toList(), checkedIn, "Run " + SCRIPT);
    }
  }

  @Test
  void theTableOfReleasesIsOnnxsOwn() throws Exception {
    assumeOnnx();
    List<String> table =
        OnnxRelease.all().stream()
            .map(r -> r.name() + " " + r.irVersion() + " " + r.opset() + " " + r.mlOpset())
            .toList();
    assertEquals(run(SCRIPT, "--releases").lines().toList(), table);
  }
}
