package dev.sardonyx.samples;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import dev.sardonyx.runtime.input.InputFile;
import dev.sardonyx.runtime.input.MadeUpInputs;
import dev.sardonyx.runtime.reduce.ModelReducer;
import dev.sardonyx.runtime.reduce.Reduction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The README's search for the operator that two backends disagree about: Pad around the corner,
 * which ONNX Runtime crops first.
 */
public final class FindingTheFault {
  private FindingTheFault() {}

  /**
   * @param args a file with a value for x, and a new folder to write the smallest failing model
   *     into
   */
  public static void main(String[] args) throws IOException {
    GraphBuilder b = GraphBuilder.of("wrapped");
    b.output(
        b.sqrt(
            b.pad(
                b.abs(b.input("x", TensorType.of(ElementType.FLOAT, 2, 6))),
                "wrap",
                0,
                new long[] {0, -2, 0, 3})),
        "y");
    Model model = b.buildModel();
    // README: from here
    // From .npy, .npz, .pb, .json, .txt or a picture; or made up, within what the model can use
    Datum x = InputFile.of(Path.of(args[0])).read(model.graph().inputs().get(0));
    List<Map<String, Datum>> batches =
        List.of(Map.of("x", x), MadeUpInputs.of(model, Map.of(), 42));

    VerificationReport report =
        Verifier.of(OrtBackend.cpu()).against(new ReferenceBackend(), model, batches);
    report
        .firstDiverging()
        .ifPresent(
            value ->
                System.out.println(
                    "%s: %s, %s; %.1f times what is allowed; in ULP %s"
                        .formatted(
                            value.name(),
                            value.verdict(),
                            value.worst(),
                            value.toleranceUsed(),
                            value.distances())));

    // The smallest model that fails alike, with its data, as a case of the ONNX backend suite
    ModelReducer reducer =
        ModelReducer.of(OrtBackend.cpu()); // or an IsolatedBackend, if it crashes
    Reduction reduction = reducer.reduce(model, batches.get(0)).orElseThrow();
    reduction.write(Path.of(args[1]));
    System.out.println(reduction + ": " + reduction.command());
    // README: to here
  }
}
