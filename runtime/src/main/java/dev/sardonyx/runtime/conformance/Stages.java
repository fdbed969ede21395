package dev.sardonyx.runtime.conformance;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.proto.GraphProto;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.runtime.ConvertingBackend;
import dev.sardonyx.runtime.OrtBackend;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The stages that Sardonyx itself is put through. */
public final class Stages {
  private Stages() {}

  /** All stages, each by itself. */
  public static List<Stage> all() {
    return List.of(
        read(),
        roundTrip(),
        check(),
        infer(),
        run("evaluate", new ReferenceBackend()),
        run(OrtBackend.cpu()));
  }

  /** The model can be read. */
  public static Stage read() {
    return new Stage(
        "read",
        suiteCase -> {
          suiteCase.model();
          return Outcome.passed();
        });
  }

  /** Written again, the model is the same protobuf message, unknown fields included. */
  public static Stage roundTrip() {
    return new Stage(
        "round trip",
        suiteCase -> {
          ModelProto original = ModelProto.parseFrom(suiteCase.modelBytes());
          byte[] bytes = OnnxWriter.toBytes(suiteCase.model());
          // External data goes into the bytes, which are then other ones.
          return ModelProto.parseFrom(bytes).equals(original)
                  || hasExternalData(original.getGraph())
                      && OnnxReader.read(bytes).graph().equals(suiteCase.model().graph())
              ? Outcome.passed()
              : Outcome.failed("the model written is not the model read");
        });
  }

  private static boolean hasExternalData(GraphProto graph) {
    return graph.getInitializerList().stream()
        .anyMatch(tensor -> tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL);
  }

  /** The checker finds no error in the model. */
  public static Stage check() {
    return new Stage(
        "check",
        suiteCase -> {
          List<Problem> errors = Checker.check(suiteCase.model()).errors();
          return errors.isEmpty()
              ? Outcome.passed()
              : Outcome.failed(String.valueOf(errors.get(0)));
        });
  }

  /**
   * With all declared types but the inputs' stripped, inference finds the outputs' declared element
   * types, and shapes that agree with those declared.
   */
  public static Stage infer() {
    return new Stage("infer", suiteCase -> inferOutputs(suiteCase.model()));
  }

  private static Outcome inferOutputs(Model model) {
    Graph inferred = ShapeInference.infer(StrippedTypes.of(model)).model().graph();
    String note = "";
    for (int i = 0; i < inferred.outputs().size(); i++) {
      Output declared = model.graph().outputs().get(i);
      ValueType found = inferred.outputs().get(i).type();
      if (!agree(declared.type(), found)) {
        return Outcome.failed(
            "output '"
                + declared.name()
                + "' is inferred as "
                + found
                + ", declared "
                + declared.type());
      }
      if (saysLess(found, declared.type())) {
        note = "some declared dimensions are not inferred";
      }
    }
    return Outcome.passed(note);
  }

  /** Whether the inferred shape leaves something open that the declared shape tells. */
  private static boolean saysLess(ValueType found, ValueType declared) {
    if (!(found instanceof TensorType f
        && declared instanceof TensorType d
        && d.shape().isRanked())) {
      return false;
    }
    return !f.shape().isRanked()
        || IntStream.range(0, d.shape().rank())
            .anyMatch(axis -> d.shape().dim(axis).isFixed() && !f.shape().dim(axis).isKnown());
  }

  private static boolean agree(ValueType declared, ValueType found) {
    if (!declared.isKnown()) {
      return true;
    }
    if (declared instanceof TensorType d && found instanceof TensorType f) {
      return d.elementType() == f.elementType() && d.shape().isCompatibleWith(f.shape());
    }
    if (declared instanceof SequenceType d && found instanceof SequenceType f) {
      return agree(d.element(), f.element());
    }
    if (declared instanceof OptionalType d && found instanceof OptionalType f) {
      return agree(d.element(), f.element());
    }
    if (declared instanceof MapType d && found instanceof MapType f) {
      return d.key() == f.key() && agree(d.value(), f.value());
    }
    return declared.equals(found);
  }

  /** ONNX Runtime gives the recorded outputs, if need be of the model in an older opset. */
  public static Stage run(OrtBackend backend) {
    return run("run", ConvertingBackend.of(backend));
  }

  /**
   * A backend gives the recorded outputs; of a converting one the outcome tells which opset the
   * model was converted to.
   */
  public static Stage run(String name, Backend backend) {
    return new Stage(
        name,
        suiteCase ->
            backend instanceof ConvertingBackend converting
                ? runConverted(converting, suiteCase)
                : runCase(backend, suiteCase));
  }

  private static Outcome runConverted(ConvertingBackend backend, SuiteCase suiteCase)
      throws Exception {
    Model model = suiteCase.model();
    ConvertingBackend.Fitted fitted;
    try {
      fitted = backend.fit(model, Options.DEFAULT);
    } catch (UnsupportedModelException e) {
      return Outcome.skipped(String.valueOf(e.getMessage()));
    }
    try (PreparedModel prepared = fitted.prepared()) {
      Outcome outcome = compared(prepared, suiteCase);
      return fitted.model().opsetImports().equals(model.opsetImports()) || !outcome.isPassed()
          ? outcome
          : Outcome.passed("converted to opset " + fitted.model().opset("").orElse(0));
    }
  }

  private static Outcome runCase(Backend backend, SuiteCase suiteCase) throws Exception {
    Model model = suiteCase.model();
    Optional<String> unsupported = backend.whyUnsupported(model);
    if (unsupported.isPresent()) {
      return Outcome.skipped(unsupported.get());
    }
    try (PreparedModel prepared = backend.prepare(model)) {
      return compared(prepared, suiteCase);
    } catch (UnsupportedModelException e) {
      return Outcome.skipped(String.valueOf(e.getMessage()));
    }
  }

  private static Outcome compared(PreparedModel prepared, SuiteCase suiteCase) throws Exception {
    Outcome outcome = Outcome.skipped("the case has no recorded outputs");
    for (SuiteCase.DataSet set : suiteCase.dataSets()) {
      Map<String, Datum> actual = prepared.run(set.inputs());
      if (!set.outputs().isEmpty()) {
        outcome = Outcome.of(suiteCase.model(), actual, set.outputs(), suiteCase.tolerance());
        if (!outcome.isPassed()) {
          return outcome;
        }
      }
    }
    return outcome;
  }
}
