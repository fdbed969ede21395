package dev.sardonyx.samples;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.samples.plan.DataPlan.Normalization;
import dev.sardonyx.samples.plan.PlannedNetwork;
import dev.sardonyx.training.data.Examples;
import dev.sardonyx.training.data.LabelledImages;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Images that belong to classes.
 *
 * @param given to test on, with pixels in 0..1
 * @param train as the network sees them
 * @param test likewise
 * @param normalization what is done to pixels before the network sees them
 */
record ImageData(
    String source,
    String name,
    LabelledImages given,
    LabelledImages train,
    LabelledImages test,
    int classes,
    List<String> classNames,
    Optional<Normalization> normalization)
    implements LearningData {

  /**
   * Images to learn from and to test on.
   *
   * @throws IOException if there are too few, or they differ in size
   */
  static ImageData of(
      String source,
      String name,
      LabelledImages train,
      LabelledImages test,
      int classes,
      List<String> classNames,
      Optional<Normalization> normalization)
      throws IOException {
    requireUsable(train, test);
    try {
      return new ImageData(
          source,
          name,
          test,
          seen(train, normalization),
          seen(test, normalization),
          classes,
          classNames,
          normalization);
    } catch (IllegalArgumentException e) {
      throw new IOException(source + ": " + e.getMessage(), e);
    }
  }

  private static LabelledImages seen(LabelledImages images, Optional<Normalization> by) {
    return by.map(n -> images.normalized(n.mean(), n.deviation())).orElse(images);
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

  @Override
  public String unit() {
    return "images";
  }

  @Override
  public String description() {
    return "%dx%dx%d, %d classes"
        .formatted(train.height(), train.width(), train.channels(), classes);
  }

  @Override
  public PlannedNetwork.Task task() {
    List<Long> image =
        List.of((long) train.channels(), (long) train.height(), (long) train.width());
    return new PlannedNetwork.Task("image", image, "probabilities", classes, true);
  }

  @Override
  public List<String> targets() {
    return List.of();
  }

  @Override
  public float target(int row, int column) {
    return test.label(row);
  }

  @Override
  public int label(Examples examples, int index) {
    return ((LabelledImages) examples).label(index);
  }

  @Override
  public Model deployed(Model trained) {
    if (normalization.isEmpty()) {
      return trained;
    }
    Tensor mean = perChannel(normalization.get().mean());
    Tensor deviation = perChannel(normalization.get().deviation());
    return ModelEditor.of(trained)
        .insertAfter(
            trained.graph().inputs().get(0).name(),
            (b, x) -> b.div(b.sub(x, b.constant(mean)), b.constant(deviation)))
        .model();
  }

  private static Tensor perChannel(List<Double> numbers) {
    float[] floats = new float[numbers.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = numbers.get(i).floatValue();
    }
    return Tensor.ofFloats(floats, 1, floats.length, 1, 1);
  }

  @Override
  public Map<String, Tensor> inputs(Model deployed, int first, int last) {
    return Map.of(deployed.graph().inputs().get(0).name(), given.tensor(first, last));
  }

  @Override
  public Tensor seen(Map<String, ? extends Datum> inputs) {
    Tensor pixels = (Tensor) Objects.requireNonNull(inputs.values().iterator().next());
    if (normalization.isEmpty()) {
      return pixels;
    }
    List<Double> mean = normalization.get().mean();
    List<Double> deviation = normalization.get().deviation();
    float[] values = pixels.toFloats();
    int area = train.height() * train.width();
    for (int i = 0; i < values.length; i++) {
      int channel = i / area % train.channels();
      float subtracted = mean.get(mean.size() == 1 ? 0 : channel).floatValue();
      values[i] =
          (values[i] - subtracted)
              / deviation.get(deviation.size() == 1 ? 0 : channel).floatValue();
    }
    return Tensor.ofFloats(values, pixels.dims());
  }

  @Override
  public Tensor restored(Tensor answers) {
    return answers;
  }

  @Override
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    if (!classNames.isEmpty()) {
      metadata.put(ClassNames.KEY, ClassNames.text(classNames));
    }
    metadata.put(
        "preprocessing",
        "%s, %d rows, %d columns, NCHW, pixels from 0 to 1 (byte / 255)%s"
            .formatted(
                train.channels() == 1 ? "gray" : train.channels() == 3 ? "RGB" : "planes",
                train.height(),
                train.width(),
                normalization.isEmpty() ? "" : "; mean and deviation are in the graph"));
    return metadata;
  }

  @Override
  public TrainResult.DataSet facts() {
    return new TrainResult.DataSet(
        source,
        train.size(),
        test.size(),
        train.channels(),
        train.height(),
        train.width(),
        null,
        classes,
        classNames.isEmpty() ? null : classNames,
        null);
  }
}
