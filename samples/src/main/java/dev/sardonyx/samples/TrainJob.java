package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.Provenance;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.nn.ModelSummary;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.ValueComparison;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.runtime.session.AcceleratorSelection;
import dev.sardonyx.training.EpochResult;
import dev.sardonyx.training.Score;
import dev.sardonyx.training.Training;
import dev.sardonyx.training.TrainingResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** The main job in six steps: describe, train, test, export, run, verify. */
final class TrainJob {
  private static final int RUN_BATCH = 500;
  private static final int CURVE_POINTS = 100;

  /** Small, so that a batch's intermediate values are compared before they leave the caches. */
  private static final int VERIFICATION_BATCH = 20;

  private final TrainSetup setup;
  private final Console console;

  TrainJob(TrainSetup setup, Console console) {
    this.setup = setup;
    this.console = console;
  }

  /**
   * Runs all steps.
   *
   * @throws IOException if the data cannot be read or the model not be written
   */
  TrainReport run() throws IOException {
    // First, so that a missing GPU is reported at once.
    AcceleratorSelection accelerator = Accelerator.of(setup.accelerator());
    LearningData data = setup.data().read(console);
    Model described = describe(data);
    LossCurve curve =
        new LossCurve((double) data.train().size() * setup.learning().epochs(), CURVE_POINTS);
    TrainingResult trained = train(described, data, curve);
    TrainResult.Test tested = test(trained, data);
    Model exported = export(trained, data, tested);
    Confusion confusion = confusion(data);
    TrainResult.Run run = run(exported, accelerator, data, confusion);
    VerificationReport verification = verify(exported, trained, accelerator, data);
    // Written again, now with the result of the verification.
    write(trained, data, provenance(data, tested).withParity(parity(verification)));
    TrainResult result =
        new TrainResult(
            BuildVersions.sardonyx(),
            setup.settings(),
            data.facts(),
            network(described),
            training(trained),
            tested,
            exportFacts(exported),
            run,
            verification,
            verification.passed());
    return new TrainReport(result, setup, trained, curve.points(), confusion, data, exported);
  }

  private static Confusion confusion(LearningData data) {
    List<String> names = data.classNames();
    if (names.isEmpty() && data.targets().isEmpty()) {
      names = LongStream.range(0, data.task().outputs()).mapToObj(String::valueOf).toList();
    }
    return new Confusion(names, example -> data.label(data.test(), example));
  }

  /** Reads the data, builds the network and chooses how it learns, and stops there. */
  void rehearse() throws IOException {
    Accelerator.of(setup.accelerator());
    LearningData data = setup.data().read(console);
    setup.trainer().options(Training.of(describe(data)), data);
    console.detail("%nNothing was trained or written");
  }

  private void step(int number, String format, Object... arguments) {
    console.detail("%n[%d/6] " + format, prepend(number, arguments));
  }

  private static Object[] prepend(Object first, Object[] rest) {
    Object[] all = new Object[rest.length + 1];
    all[0] = first;
    System.arraycopy(rest, 0, all, 1, rest.length);
    return all;
  }

  private Model describe(LearningData data) throws IOException {
    console.detail(
        "Sardonyx %s: %s, %,d training and %,d test %s of %s",
        BuildVersions.sardonyx(),
        data.source(),
        data.train().size(),
        data.test().size(),
        data.unit(),
        data.description());
    data.notes().forEach(note -> console.detail("Note: %s", note));
    Model model = setup.builder().build(data);
    step(1, "The network");
    console.block(ModelSummary.of(model).toString());
    return model;
  }

  private TrainingResult train(Model model, LearningData data, LossCurve curve) throws IOException {
    TrainSetup.Learning learning = setup.learning();
    long heldOut = Math.round(data.train().size() * learning.validationShare());
    step(
        2,
        "Training with DL4J: %,d %s, %,d more for validation, %d epoch%s, batch %d, %s, seed %d",
        data.train().size() - heldOut,
        data.unit(),
        heldOut,
        learning.epochs(),
        learning.epochs() == 1 ? "" : "s",
        learning.batchSize(),
        learning.updater(),
        learning.seed());
    TrainingResult trained;
    try (TrainingDisplay display = new TrainingDisplay(console, data.unit())) {
      Training training =
          setup.trainer().options(Training.of(model), data).progress(display.andThen(curve));
      Path kept = setup.kept().folder();
      if (kept != null) {
        training = setup.kept().resume() ? training.resume(kept) : training.checkpoint(kept);
      }
      trained = training.run(data.train());
    }
    if (trained.stoppedEarly()) {
      console.detail("Stopped early; the weights are those of epoch %d", trained.epoch());
    }
    return trained;
  }

  private TrainResult.Test test(TrainingResult trained, LearningData data) {
    step(3, "The trained network on %,d test %s", data.test().size(), data.unit());
    Score score = trained.evaluate(data.test());
    console.result("Test loss: %.4f", score.loss());
    if (data.targets().isEmpty()) {
      score.accuracy().ifPresent(accuracy -> console.result("Test accuracy: %.4f", accuracy));
      Double accuracy = score.accuracy().isPresent() ? score.accuracy().getAsDouble() : null;
      return new TrainResult.Test(score.examples(), score.loss(), accuracy, null);
    }
    TrainedNetwork network = new TrainedNetwork(trained, data);
    TargetError.Sums sums = new TargetError.Sums(data);
    int all = data.test().size();
    for (int from = 0; from < all; from += RUN_BATCH) {
      Tensor features = data.test().tensor(from, Math.min(from + RUN_BATCH, all));
      sums.add(data.restored(network.answers(features)));
    }
    List<TargetError> errors = sums.errors();
    errors.forEach(error -> show("Test", error));
    return new TrainResult.Test(score.examples(), score.loss(), null, errors);
  }

  private void show(String what, TargetError error) {
    console.result(
        "%s error of %s: RMSE %.4g, MAE %.4g, R2 %s",
        what, error.target(), error.rmse(), error.mae(), error.r2Text());
  }

  private Model export(TrainingResult trained, LearningData data, TrainResult.Test tested)
      throws IOException {
    step(4, "Export");
    write(trained, data, provenance(data, tested));
    writeOthers(trained);
    Model written = OnnxReader.read(setup.output().model());
    TrainResult.Export facts = exportFacts(written);
    console.result(
        "Exported %s: %s, opset %d, IR version %d, %s",
        facts.file(),
        Sizes.bytes(facts.bytes()),
        facts.opset(),
        facts.irVersion(),
        written.graph().inputs().stream()
            .map(input -> input.name() + " " + input.type())
            .collect(Collectors.joining(", ")));
    return written;
  }

  /** Writes the file; if that fails, the training is kept. */
  private void write(TrainingResult trained, LearningData data, Provenance provenance)
      throws IOException {
    Model deployed = data.deployed(trained.model());
    Map<String, String> properties = new LinkedHashMap<>(deployed.metadata().properties());
    properties.putAll(data.metadata());
    Metadata metadata = deployed.metadata();
    Model described =
        deployed.withMetadata(new Metadata(metadata.docString(), properties, metadata.residue()));
    try {
      OnnxExport.of(described).provenance(provenance).write(setup.output().model());
    } catch (IOException | UncheckedIOException e) {
      throw setup.kept().after(e, trained);
    }
  }

  private void writeOthers(TrainingResult trained) throws IOException {
    if (setup.output().dl4j().isPresent()) {
      trained.save(setup.output().dl4j().get());
      console.detail("Saved %s for DL4J", setup.output().dl4j().get());
    }
    if (setup.output().history().isPresent()) {
      trained.writeHistory(setup.output().history().get());
      console.detail("Wrote %s, a line an epoch", setup.output().history().get());
    }
  }

  /** The metadata about the model's origin. */
  private Provenance provenance(LearningData data, TrainResult.Test tested) {
    TrainSetup.Learning learning = setup.learning();
    Map<String, String> training = new LinkedHashMap<>();
    training.put("data", data.train().size() + " " + data.unit() + " of " + data.name());
    training.put("epochs", String.valueOf(learning.epochs()));
    training.put("batch_size", String.valueOf(learning.batchSize()));
    training.put("optimizer", learning.updater());
    training.put("seed", String.valueOf(learning.seed()));
    training.put("test_loss", String.valueOf(tested.loss()));
    if (tested.accuracy() != null) {
      training.put("test_accuracy", String.valueOf(tested.accuracy()));
    }
    if (tested.targets() != null) {
      tested
          .targets()
          .forEach(e -> training.put("test_rmse." + e.target(), String.valueOf(e.rmse())));
    }
    return Provenance.of(setup.network() + ", trained with DL4J " + BuildVersions.dl4j())
        .withTraining(training);
  }

  private static Map<String, String> parity(VerificationReport verification) {
    Map<String, String> parity = new LinkedHashMap<>();
    parity.put("backend", verification.candidate());
    parity.put("reference", verification.reference());
    parity.put("compared", verification.scope());
    parity.put("tolerance", verification.tolerance().toString());
    parity.put("max_absolute_error", String.valueOf(verification.maxAbsoluteError()));
    for (ValueComparison output : verification.outputs()) {
      if (output.top1() != null) {
        parity.put("top1_agreement", output.top1().toString());
      }
    }
    parity.put("result", verification.passed() ? "PASS" : "FAIL");
    return parity;
  }

  private TrainResult.Run run(
      Model model, AcceleratorSelection accelerator, LearningData data, Confusion confusion) {
    OrtBackend backend = OrtBackend.of(accelerator);
    int all = data.test().size();
    step(5, "%s on %,d test %s", backend.name(), all, data.unit());
    accelerator.refused().forEach(refusal -> console.detail("not %s", refusal));
    String output = model.graph().outputs().get(0).name();
    TargetError.Sums sums = new TargetError.Sums(data);
    long nanos = 0;
    try (PreparedModel session = backend.prepare(model)) {
      for (Map<String, Tensor> batch : data.batches(model, RUN_BATCH)) {
        long start = System.nanoTime();
        Tensor answers = (Tensor) Objects.requireNonNull(session.run(batch).get(output));
        nanos += System.nanoTime() - start;
        if (data.targets().isEmpty()) {
          confusion.add(answers);
        } else {
          sums.add(answers);
        }
      }
    }
    double seconds = nanos / 1e9;
    double rate = all / Math.max(seconds, 1e-9);
    boolean classes = data.targets().isEmpty();
    Double accuracy = classes ? (double) confusion.right() / all : null;
    console.result(
        "%s: %s%,d %s in %.1f s, %s %s/s",
        backend.name(),
        accuracy == null ? "" : String.format(Locale.ROOT, "accuracy %.4f, ", accuracy),
        all,
        data.unit(),
        seconds,
        Progress.number(rate),
        data.unit());
    List<TargetError> errors = classes ? null : sums.errors();
    if (errors != null) {
      errors.forEach(error -> show(backend.name(), error));
    }
    return new TrainResult.Run(
        backend.name(),
        accelerator.label(),
        accelerator.refused().stream()
            .map(r -> new TrainResult.RefusedAccelerator(r.accelerator().toString(), r.reason()))
            .toList(),
        all,
        accuracy,
        errors,
        seconds,
        rate);
  }

  private VerificationReport verify(
      Model model, TrainingResult trained, AcceleratorSelection accelerator, LearningData data) {
    TrainedNetwork reference = new TrainedNetwork(trained, data);
    int all = data.test().size();
    step(
        6,
        "Verification of every value on %,d test %s against %s",
        all,
        data.unit(),
        reference.name());
    VerificationReport report;
    long start = System.nanoTime();
    try (Progress progress = new Progress(console, "Verifying", all, data.unit())) {
      report =
          Verifier.of(OrtBackend.of(accelerator))
              .withTolerance(setup.tolerance())
              .against(
                  reference,
                  model,
                  data.deployed(trained.model()),
                  Counted.of(
                      data.batches(model, VERIFICATION_BATCH),
                      batches -> progress.to(Math.min(all, batches * VERIFICATION_BATCH))));
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    if (console.quiet()) {
      console.result("%s", report.verdict());
    } else {
      console.block(report.table());
      console.result(
          "%,d %s verified in %.1f s, %s %s/s",
          all, data.unit(), seconds, Progress.number(all / Math.max(seconds, 1e-9)), data.unit());
    }
    return report;
  }

  private static TrainResult.NetworkSummary network(Model model) {
    ModelSummary summary = ModelSummary.of(model);
    return new TrainResult.NetworkSummary(
        summary.name(),
        summary.parameters(),
        summary.rows().stream()
            .map(r -> new TrainResult.Layer(r.layer(), r.operator(), r.output(), r.parameters()))
            .toList());
  }

  private static TrainResult.TrainingSummary training(TrainingResult trained) {
    List<EpochResult> history = trained.history();
    double seconds = history.stream().mapToDouble(e -> e.duration().toNanos() / 1e9).sum();
    long images = history.stream().mapToLong(EpochResult::images).sum();
    return new TrainResult.TrainingSummary(
        history.stream().map(TrainJob::epoch).toList(), seconds, images / Math.max(seconds, 1e-9));
  }

  private static TrainResult.Epoch epoch(EpochResult e) {
    Double loss = e.validationLoss().isPresent() ? e.validationLoss().getAsDouble() : null;
    Double accuracy =
        e.validationAccuracy().isPresent() ? e.validationAccuracy().getAsDouble() : null;
    return new TrainResult.Epoch(
        e.epoch(), e.images(), e.loss(), loss, accuracy, e.duration().toNanos() / 1e9);
  }

  private TrainResult.Export exportFacts(Model model) throws IOException {
    return new TrainResult.Export(
        setup.output().model().toString(),
        Files.size(setup.output().model()),
        model.irVersion(),
        model.opset("").orElse(0));
  }
}
