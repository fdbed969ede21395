package dev.sardonyx.export.hostile;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxFormatException;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.Target;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.export.text.ModelPrinter;
import dev.sardonyx.export.text.ModelSyntaxException;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.check.InvalidModelException;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.nn.ModelSummary;
import dev.sardonyx.ir.pass.Passes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What the public can do with a model it did not make, and how that may end. */
final class Entries {
  private Entries() {}

  /** Small ones, so that what runs into them does so soon. */
  static final Limits LIMITS = Limits.standard().withBytes(1 << 24).withExpansions(100_000);

  /** Exceptions that are said of these entries; any other is a defect. */
  private static final List<Class<? extends Exception>> DOCUMENTED =
      List.of(
          OnnxFormatException.class,
          ModelSyntaxException.class,
          LimitExceededException.class,
          UnsupportedModelException.class,
          InvalidModelException.class,
          EvaluationException.class);

  static boolean isDocumented(Exception e) {
    return DOCUMENTED.contains(e.getClass())
        || e.getClass() == IllegalArgumentException.class && e.getMessage() != null;
  }

  private static void requireText(Object shown) {
    if (shown.toString() == null) {
      throw new AssertionError("No text for " + shown.getClass());
    }
  }

  /** Everything but running, which may take as long as the model says. */
  static Map<String, Consumer<Model>> all() {
    Map<String, Consumer<Model>> entries = new LinkedHashMap<>();
    entries.put("nesting", model -> never(() -> Nesting.of(model)));
    entries.put("check", model -> never(() -> requireText(Checker.check(model))));
    entries.put("infer", model -> never(() -> ShapeInference.infer(model)));
    entries.put("summary", model -> requireText(ModelSummary.of(model)));
    entries.put("print", Entries::printAndParse);
    entries.put("abbreviate", model -> ModelPrinter.printAbbreviated(model, 10));
    entries.put("write", Entries::writeAndRead);
    entries.put("export", model -> OnnxExport.of(model).toBytes());
    entries.put("target", model -> OnnxExport.of(model).target(Target.openCv()).toBytes());
    entries.put("support", model -> new ReferenceBackend().whyUnsupported(model));
    for (String pass : Passes.names()) {
      entries.put(
          pass, model -> rewrite(model, m -> Nesting.follow(m, () -> Passes.named(pass).apply(m))));
    }
    entries.put("simplify", model -> rewrite(model, m -> Passes.simplify().apply(m)));
    return entries;
  }

  /** Only a model that is not valid may be refused for what a pass would make of it. */
  private static void rewrite(Model model, Consumer<Model> pass) {
    try {
      pass.accept(model);
    } catch (GraphBuildException e) {
      if (Checker.check(model).isValid()) {
        throw new IllegalStateException("a valid model is refused", e);
      }
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Of some entries nothing may come out but a result. */
  private static void never(Runnable entry) {
    try {
      entry.run();
    } catch (RuntimeException e) {
      throw new IllegalStateException("no exception is documented here", e);
    }
  }

  private static void printAndParse(Model model) {
    ModelParser.parse(ModelPrinter.print(model));
  }

  private static void writeAndRead(Model model) {
    try {
      OnnxReader.read(OnnxWriter.toBytes(model));
    } catch (OnnxFormatException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Runs a model on zeros, until its thread is interrupted. */
  static void run(Model model) {
    Options options = Options.DEFAULT.withThreads(1).withLimits(LIMITS);
    try (PreparedModel prepared = new ReferenceBackend().prepare(model, options)) {
      Map<String, Datum> inputs = new LinkedHashMap<>();
      for (Input input : model.graph().inputs()) {
        if (input.type() instanceof TensorType type && isSmall(type)) {
          inputs.put(input.name(), zeros(type));
        }
      }
      prepared.run(inputs);
    }
  }

  private static boolean isSmall(TensorType type) {
    return type.elementType() != ElementType.UNDEFINED
        && type.elementType() != ElementType.STRING
        && type.shape().isStatic()
        && type.shape().toLongs().length < 10
        && elements(type) <= 100_000;
  }

  private static double elements(TensorType type) {
    double elements = 1;
    for (long dim : type.shape().toLongs()) {
      elements *= dim < 0 ? Double.POSITIVE_INFINITY : dim;
    }
    return elements;
  }

  private static Tensor zeros(TensorType type) {
    return Tensor.ofNumbers(
        type.elementType(), new double[(int) elements(type)], type.shape().toLongs());
  }
}
