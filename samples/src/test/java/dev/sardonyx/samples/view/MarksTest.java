package dev.sardonyx.samples.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.diff.Difference;
import dev.sardonyx.ir.diff.ModelDiff;
import dev.sardonyx.runtime.Distances;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.runtime.ValueComparison;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.session.Profile;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What nodes are coloured by. */
final class MarksTest {
  private static final Model MODEL = model("Relu");

  private static Model model(String operator) {
    return ModelParser.parse(
        """
        <ir_version: 10, opset_import: ["": 21]>
        g (float[4] x) => (float[4] y)
        {
          ["first"] a = %s (x)
          ["second"] b = Neg (a)
          y = Abs (b)
        }
        """
            .formatted(operator));
  }

  private static ValueComparison value(String name, double error, long failed) {
    return new ValueComparison(
        name,
        ValueComparison.Kind.INTERMEDIATE,
        4,
        failed,
        error,
        error,
        error,
        1,
        100,
        failed,
        false,
        new Distances(List.of(4L, 0L, 0L, 0L, 0L, 0L, 0L)),
        0,
        0,
        null,
        null,
        null,
        null);
  }

  @Test
  void errorsOnALogarithmicScale() {
    VerificationReport report =
        new VerificationReport(
            "a",
            "b",
            Tolerance.DEFAULT,
            1,
            List.of(value("a", 0, 0), value("b", 1e-6, 0), value("y", 1e-3, 2)),
            List.of());
    Marks marks = Marks.ofErrors(report, MODEL.graph().nodes());
    assertEquals(new Marks.Mark("heat0", "error 0"), marks.byNode().get("main: Relu first"));
    assertEquals(new Marks.Mark("heat4", "error 1.0e-06"), marks.byNode().get("main: Neg second"));
    assertEquals(
        new Marks.Mark("failed", "FAIL, error 1.0e-03"), marks.byNode().get("main: Abs -> y"));
    assertEquals("1.0e-03", marks.highest());
  }

  @Test
  void timesOfNodesByTheirNamesOrByWhatTheyGive() {
    Profile profile =
        new Profile(
            List.of(
                new Profile.NodeTime("first", "Relu", "CPUExecutionProvider", 1, 60),
                new Profile.NodeTime("y_nchwc", "Abs", "CPUExecutionProvider", 1, 30),
                new Profile.NodeTime("fused", "Other", "CPUExecutionProvider", 1, 10)));
    Marks marks = Marks.ofTimes(profile, MODEL.graph().nodes());
    assertEquals(new Marks.Mark("heat9", "60.0 %, 60 µs"), marks.byNode().get("main: Relu first"));
    assertEquals(new Marks.Mark("heat4", "30.0 %, 30 µs"), marks.byNode().get("main: Abs -> y"));
    assertEquals(2, marks.byNode().size());
    assertTrue(marks.legend().contains("90.0 %"), marks.legend());
  }

  @Test
  void differencesOnEitherSide() {
    Model other = model("Tanh");
    List<Difference> differences = ModelDiff.between(MODEL, other);
    assertEquals(
        new Marks.Mark("removed", "removed"),
        Marks.ofDifferences(differences, true).byNode().get("main: Relu first"));
    assertEquals(
        new Marks.Mark("added", "added"),
        Marks.ofDifferences(differences, false).byNode().get("main: Tanh first"));
    ModelDrawing drawing = ModelDrawing.of("m", MODEL, Marks.ofDifferences(differences, true));
    assertEquals("removed", drawing.mark(main(drawing), main(drawing).root()).style());
    assertTrue(main(drawing).outline().contains("Relu | removed\n"), main(drawing).outline());
  }

  private static DisplayGraph main(ModelDrawing drawing) {
    return drawing.graphs().graphs().get(0);
  }
}
