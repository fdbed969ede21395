package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.nn.LstmClassifier;
import dev.sardonyx.ir.nn.MobileNetV2;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.ir.nn.UNet;
import dev.sardonyx.runtime.DatumComparison;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.runtime.conformance.Conformance;
import dev.sardonyx.runtime.conformance.ConformanceReport;
import dev.sardonyx.runtime.conformance.Outcome;
import dev.sardonyx.runtime.conformance.Stages;
import dev.sardonyx.runtime.input.MadeUpInputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the target ONNX Runtime Web takes, the npm package computes as it should. Where Node and the
 * package are: {@code npm install onnxruntime-web}, and {@code
 * -Dsardonyx.node.modules=FOLDER/node_modules}.
 */
final class WebSuiteTest {
  private static final Path LIST =
      Path.of("src/test/resources/dev/sardonyx/samples/onnxruntime-web-differences.txt");

  private static WebBackend web;

  @BeforeAll
  static void findThePackage() {
    Optional<Path> modules = WebBackend.modules();
    assumeTrue(
        modules.isPresent(),
        "no Node, or no package onnxruntime-web in -Dsardonyx.node.modules, NODE_PATH or here");
    web = new WebBackend(modules.get());
  }

  @AfterAll
  static void endNode() {
    if (web != null) {
      web.close();
    }
  }

  /** What it gets wrong; {@code -Dsardonyx.web=accept} writes it down anew. */
  @Test
  void theSuiteIsComputedAsItSays() throws IOException {
    ConformanceReport report = Conformance.of(List.of(Stages.run("web", web))).run();
    Map<String, String> wrong = new TreeMap<>();
    for (ConformanceReport.Finding finding : report.findings()) {
      if (finding.status() == Outcome.Status.FAILED) {
        wrong.put(finding.caseName(), finding.reason());
      }
    }
    if (System.getProperty("sardonyx.web", "").equals("accept")) {
      Files.write(LIST, wrong.keySet());
    }
    Set<String> known = new TreeSet<>(Files.readAllLines(LIST));
    wrong.forEach(
        (name, reason) -> {
          if (!known.contains(name)) {
            System.err.println(name + ": " + reason);
          }
        });
    assertTrue(report.stage("web").orElseThrow().passed() > 1000, report.table());
    assertEquals(String.join("\n", known), String.join("\n", wrong.keySet()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"seed", "cifar20", "mobilenet", "unet", "transformer", "lstm"})
  void networksComputeTheSame(String name) {
    Model model =
        switch (name) {
          case "mobilenet" -> MobileNetV2.of(0.35).withImage(3, 32, 32).build(1);
          case "unet" -> UNet.of(2, 4).withImage(1, 16, 24).withClasses(3).build(1);
          case "transformer" -> Networks.transformerEncoder().withVocabulary(50).build(1);
          case "lstm" -> LstmClassifier.of(2, 8, 16).withVocabulary(50).build(1);
          default -> Networks.named(name).build(1);
        };
    Map<String, Long> sizes = new HashMap<>();
    MadeUpInputs.symbols(model).forEach(symbol -> sizes.put(symbol, 2L));
    Map<String, Datum> inputs = MadeUpInputs.of(model, sizes, 7);
    try (PreparedModel expected = new ReferenceBackend().prepare(model);
        PreparedModel actual = web.prepare(model)) {
      Outputs wanted = expected.run(inputs);
      Outputs given = actual.run(inputs);
      wanted.forEach(
          (output, value) ->
              assertEquals(
                  Optional.empty(),
                  DatumComparison.difference(given.get(output), value, new Tolerance(1e-3, 1e-5)),
                  output));
    }
  }
}
