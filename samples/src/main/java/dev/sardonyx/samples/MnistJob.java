package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.Provenance;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.nn.ModelSummary;
import dev.sardonyx.ir.nn.Networks;
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
import dev.sardonyx.training.data.IdxFolder;
import dev.sardonyx.training.data.LabelledImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The main job in six steps: describe, train, test, export, run, verify. */
final class MnistJob {
  private static final double VALIDATION_SHARE = 0.1;
  private static final int RUN_BATCH = 500;

  /** Small, so that a batch's intermediate values are compared before they leave the caches. */
  private static final int VERIFICATION_BATCH = 20;

  private final MnistSettings settings;
  private final Console console;

  MnistJob(MnistSettings settings, Console console) {
    this.settings = settings;
    this.console = console;
  }

  /**
   * Runs all steps.
   *
   * @throws IOException if the data cannot be read or the model not be written
   */
  MnistResult run() throws IOException {
    // First, so that a missing GPU is reported at once.
    AcceleratorSelection accelerator = Accelerator.of(settings.accelerator());
    Path folder = settings.data();
    IdxFolder data =
        folder == null ? IdxFolder.ofResources(Sardonyx.class, "mnist") : IdxFolder.of(folder);
    LabelledImages allTrain = data.train();
    LabelledImages allTest = data.test();
    requireUsable(allTrain, allTest);
    int classes = Images.classes(allTrain, allTest, settings.classes());
    LabelledImages train = limited(allTrain);
    LabelledImages test = limited(allTest);
    MnistResult.DataSet images =
        new MnistResult.DataSet(
            folder == null ? "MNIST" : folder.toString(),
            train.size(),
            test.size(),
            train.channels(),
            train.height(),
            train.width(),
            classes);

    Model described = describe(images);
    TrainingResult trained = train(described, train);
    MnistResult.Test tested = test(trained, test);
    Model exported = export(trained, images, tested);
    MnistResult.Run run = run(exported, accelerator, test);
    VerificationReport verification = verify(exported, trained, accelerator, test);
    // Written again, now with the result of the verification.
    write(trained, provenance(images, tested).withParity(parity(verification)));
    return new MnistResult(
        BuildVersions.sardonyx(),
        settings,
        images,
        network(described),
        training(trained),
        tested,
        exportFacts(exported),
        run,
        verification,
        verification.passed());
  }

  private LabelledImages limited(LabelledImages images) {
    Integer limit = settings.limit();
    return limit == null ? images : images.limit(limit);
  }

  private static void requireUsable(LabelledImages train, LabelledImages test) throws IOException {
    if (train.size() < 2 || test.size() < 1) {
      throw new IOException("There is nothing to learn from or to test on: " + train + ", " + test);
    }
    if (train.channels() != test.channels()
        || train.height() != test.height()
        || train.width() != test.width()) {
      throw new IOException("Training and test images differ in size: " + train + ", but " + test);
    }
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

  private Model describe(MnistResult.DataSet images) {
    console.detail(
        "Sardonyx %s: %s, %,d training and %,d test images of %dx%dx%d, %d classes",
        BuildVersions.sardonyx(),
        images.source(),
        images.training(),
        images.test(),
        images.height(),
        images.width(),
        images.channels(),
        images.classes());
    Model model =
        Networks.named(settings.network())
            .withImage(images.channels(), images.height(), images.width())
            .withClasses(images.classes())
            .build(settings.seed());
    step(1, "The network");
    console.block(ModelSummary.of(model).toString());
    return model;
  }

  private TrainingResult train(Model model, LabelledImages images) throws IOException {
    long heldOut = Math.round(images.size() * VALIDATION_SHARE);
    step(
        2,
        "Training with DL4J: %,d images, %,d more for validation, %d epoch%s, batch %d, Adam %s,"
            + " seed %d",
        images.size() - heldOut,
        heldOut,
        settings.epochs(),
        settings.epochs() == 1 ? "" : "s",
        settings.batchSize(),
        settings.learningRate(),
        settings.seed());
    try (TrainingDisplay display = new TrainingDisplay(console)) {
      Training training =
          Training.of(model)
              .epochs(settings.epochs())
              .batchSize(settings.batchSize())
              .learningRate(settings.learningRate())
              .seed(settings.seed())
              .validationShare(VALIDATION_SHARE)
              .progress(display);
      Path kept = settings.checkpoint();
      if (kept != null) {
        training = settings.resume() ? training.resume(kept) : training.checkpoint(kept);
      }
      return training.run(images);
    }
  }

  private MnistResult.Test test(TrainingResult trained, LabelledImages images) {
    step(3, "The trained network on %,d test images", images.size());
    Score score = trained.evaluate(images);
    console.result("Test loss: %.4f", score.loss());
    console.result("Test accuracy: %.4f", score.accuracy().orElseThrow());
    return new MnistResult.Test(score.examples(), score.loss(), score.accuracy().orElseThrow());
  }

  private Model export(TrainingResult trained, MnistResult.DataSet images, MnistResult.Test tested)
      throws IOException {
    step(4, "Export");
    write(trained, provenance(images, tested));
    Model written = OnnxReader.read(settings.output());
    MnistResult.Export facts = exportFacts(written);
    console.result(
        "Exported %s: %s, opset %d, IR version %d, %s %s",
        facts.file(),
        Sizes.bytes(facts.bytes()),
        facts.opset(),
        facts.irVersion(),
        written.graph().inputs().get(0).name(),
        written.graph().inputs().get(0).type());
    return written;
  }

  /** Writes the file; if that fails, the training is kept. */
  private void write(TrainingResult trained, Provenance provenance) throws IOException {
    try {
      OnnxExport.of(trained.model()).provenance(provenance).write(settings.output());
    } catch (IOException | UncheckedIOException e) {
      throw KeptTraining.after(e, trained, settings);
    }
  }

  /** The metadata about the model's origin. */
  private Provenance provenance(MnistResult.DataSet images, MnistResult.Test tested) {
    Map<String, String> training = new LinkedHashMap<>();
    training.put("data", images.training() + " images of " + dataName());
    training.put("epochs", String.valueOf(settings.epochs()));
    training.put("batch_size", String.valueOf(settings.batchSize()));
    training.put("optimizer", "Adam " + settings.learningRate());
    training.put("seed", String.valueOf(settings.seed()));
    training.put("test_loss", String.valueOf(tested.loss()));
    training.put("test_accuracy", String.valueOf(tested.accuracy()));
    return Provenance.of(settings.network() + ", trained with DL4J " + BuildVersions.dl4j())
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

  /** The data set's name without its parent folders, which may be private. */
  private String dataName() {
    Path folder = settings.data();
    return folder == null ? "MNIST" : String.valueOf(folder.toAbsolutePath().getFileName());
  }

  private MnistResult.Run run(
      Model model, AcceleratorSelection accelerator, LabelledImages images) {
    OrtBackend backend = OrtBackend.of(accelerator);
    step(5, "%s on %,d test images", backend.name(), images.size());
    accelerator.refused().forEach(refusal -> console.detail("not %s", refusal));
    String input = model.graph().inputs().get(0).name();
    String output = model.graph().outputs().get(0).name();
    int right = 0;
    int done = 0;
    long nanos = 0;
    try (PreparedModel session = backend.prepare(model)) {
      for (Map<String, Tensor> batch : Images.batches(images, input, RUN_BATCH)) {
        long start = System.nanoTime();
        Datum probabilities = Objects.requireNonNull(session.run(batch).get(output));
        nanos += System.nanoTime() - start;
        right += Images.right((Tensor) probabilities, images, done);
        done += Math.min(RUN_BATCH, images.size() - done);
      }
    }
    double accuracy = (double) right / images.size();
    double seconds = nanos / 1e9;
    double rate = images.size() / Math.max(seconds, 1e-9);
    console.result(
        "%s: accuracy %.4f, %,d images in %.1f s, %s images/s",
        backend.name(), accuracy, images.size(), seconds, Progress.number(rate));
    return new MnistResult.Run(
        backend.name(),
        accelerator.label(),
        accelerator.refused().stream()
            .map(r -> new MnistResult.RefusedAccelerator(r.accelerator().toString(), r.reason()))
            .toList(),
        images.size(),
        accuracy,
        seconds,
        rate);
  }

  private VerificationReport verify(
      Model model,
      TrainingResult trained,
      AcceleratorSelection accelerator,
      LabelledImages images) {
    TrainedNetwork reference = new TrainedNetwork(trained);
    step(
        6,
        "Verification of every value on %,d test images against %s",
        images.size(),
        reference.name());
    String input = model.graph().inputs().get(0).name();
    VerificationReport report;
    long start = System.nanoTime();
    try (Progress progress = new Progress(console, "Verifying", images.size(), "images")) {
      report =
          Verifier.of(OrtBackend.of(accelerator))
              .withTolerance(settings.tolerance())
              .against(
                  reference,
                  model,
                  trained.model(),
                  Counted.of(
                      Images.batches(images, input, VERIFICATION_BATCH),
                      batches ->
                          progress.to(Math.min(images.size(), batches * VERIFICATION_BATCH))));
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    if (console.quiet()) {
      console.result("%s", report.verdict());
    } else {
      console.block(report.table());
      console.result(
          "%,d images verified in %.1f s, %s images/s",
          images.size(), seconds, Progress.number(images.size() / Math.max(seconds, 1e-9)));
    }
    return report;
  }

  private static MnistResult.NetworkSummary network(Model model) {
    ModelSummary summary = ModelSummary.of(model);
    return new MnistResult.NetworkSummary(
        summary.name(),
        summary.parameters(),
        summary.rows().stream()
            .map(r -> new MnistResult.Layer(r.layer(), r.operator(), r.output(), r.parameters()))
            .toList());
  }

  private static MnistResult.TrainingSummary training(TrainingResult trained) {
    List<EpochResult> history = trained.history();
    double seconds = history.stream().mapToDouble(e -> e.duration().toNanos() / 1e9).sum();
    long images = history.stream().mapToLong(EpochResult::images).sum();
    return new MnistResult.TrainingSummary(
        history.stream().map(MnistJob::epoch).toList(), seconds, images / Math.max(seconds, 1e-9));
  }

  private static MnistResult.Epoch epoch(EpochResult e) {
    Double loss = e.validationLoss().isPresent() ? e.validationLoss().getAsDouble() : null;
    Double accuracy =
        e.validationAccuracy().isPresent() ? e.validationAccuracy().getAsDouble() : null;
    return new MnistResult.Epoch(
        e.epoch(), e.images(), e.loss(), loss, accuracy, e.duration().toNanos() / 1e9);
  }

  private MnistResult.Export exportFacts(Model model) throws IOException {
    return new MnistResult.Export(
        settings.output().toString(),
        Files.size(settings.output()),
        model.irVersion(),
        model.opset("").orElse(0));
  }
}
