package dev.sardonyx.samples;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.ModelInputs;
import dev.sardonyx.runtime.input.InputFile;
import dev.sardonyx.training.data.IdxFolder;
import dev.sardonyx.training.data.LabelledImages;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Inputs of a model from a folder: IDX files under MNIST's names, or one example a file, as .npy,
 * .npz (whose arrays have the inputs' names), .pb, .json or a picture.
 *
 * @param batches inputs by name
 * @param labels the classes of the examples of each batch, if they are known
 */
record CalibrationData(List<Map<String, Datum>> batches, List<int[]> labels) {
  private static final int BATCH = 50;

  private static final List<String> ENDINGS =
      List.of(".npy", ".npz", ".pb", ".json", ".png", ".jpg", ".jpeg", ".bmp", ".gif");

  /**
   * What ranges are found on: the training images of IDX files, or all examples.
   *
   * @throws IOException naming the folder or file that has no inputs for the model
   */
  static CalibrationData forRanges(Path folder, Model model, int limit) throws IOException {
    return isIdx(folder)
        ? of(IdxFolder.of(folder).train().limit(limit), model, folder)
        : ofFiles(folder, model, limit);
  }

  /**
   * What the result is judged on: the test images of IDX files, or the same examples.
   *
   * @param ranges what {@link #forRanges} gave
   */
  static CalibrationData forJudging(Path folder, Model model, int limit, CalibrationData ranges)
      throws IOException {
    return isIdx(folder) ? of(IdxFolder.of(folder).test().limit(limit), model, folder) : ranges;
  }

  /** The first batches that have so many examples, as far as there are so many; at least one. */
  List<Map<String, Datum>> first(int wanted) {
    List<Map<String, Datum>> some = new ArrayList<>();
    long count = 0;
    for (Map<String, Datum> batch : batches) {
      if (count >= wanted) {
        break;
      }
      some.add(batch);
      count +=
          batch.values().iterator().next() instanceof Tensor tensor && tensor.rank() > 0
              ? tensor.dim(0)
              : 1;
    }
    return some;
  }

  private static boolean isIdx(Path folder) throws IOException {
    requireFolder(folder);
    return names(folder).stream().anyMatch(name -> name.contains("-idx3-ubyte"));
  }

  /** The files that a folder has, some of which are examples. */
  static List<Path> files(Path folder) throws IOException {
    requireFolder(folder);
    return names(folder).stream().map(folder::resolve).toList();
  }

  private static void requireFolder(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      throw new NoSuchFileException(folder.toString());
    }
    if (!Files.isDirectory(folder)) {
      throw new FileSystemException(folder.toString(), null, "is a file, not a folder of examples");
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private static CalibrationData of(LabelledImages images, Model model, Path folder)
      throws IOException {
    List<Input> inputs = inputs(model);
    Shape wanted =
        inputs.size() == 1 && inputs.get(0).type() instanceof TensorType type
            ? type.shape()
            : Shape.UNKNOWN;
    if (!wanted.isRanked() || wanted.rank() != 4) {
      throw new IOException(
          "%s: holds images, but the model does not have one input [N,C,H,W]".formatted(folder));
    }
    Dim first = wanted.dim(0);
    int batch = first.isFixed() ? Math.toIntExact(first.value()) : Math.min(BATCH, images.size());
    if (batch < 1 || batch > images.size()) {
      throw new IOException(
          "%s: %d examples are no batch for the model, whose input is %s"
              .formatted(folder, images.size(), inputs.get(0).type()));
    }
    List<Map<String, Datum>> batches = new ArrayList<>();
    List<int[]> labels = new ArrayList<>();
    int end = first.isFixed() ? images.size() / batch * batch : images.size();
    for (int from = 0; from < end; from += batch) {
      int to = Math.min(end, from + batch);
      batches.add(fitting(folder, model, Map.of(inputs.get(0).name(), images.tensor(from, to))));
      int[] classes = new int[to - from];
      for (int i = 0; i < classes.length; i++) {
        classes[i] = images.label(from + i);
      }
      labels.add(classes);
    }
    return new CalibrationData(batches, labels);
  }

  private static CalibrationData ofFiles(Path folder, Model model, int limit) throws IOException {
    if (inputs(model).isEmpty()) {
      throw new IOException(folder + ": the model takes no inputs, so that no example fits it");
    }
    List<Map<String, Datum>> batches = new ArrayList<>();
    for (String name : names(folder)) {
      String ending = name.substring(Math.max(0, name.lastIndexOf('.'))).toLowerCase(Locale.ROOT);
      if (ENDINGS.contains(ending) && batches.size() < limit) {
        batches.add(example(folder.resolve(name), ending, model));
      }
    }
    if (batches.isEmpty()) {
      throw new IOException(
          "%s: holds no example: no IDX files under MNIST's names, and no %s"
              .formatted(folder, String.join(", ", ENDINGS)));
    }
    return new CalibrationData(batches, List.of());
  }

  /** What has to be given: initializers that may be replaced are not. */
  private static List<Input> inputs(Model model) {
    return List.copyOf(ModelInputs.withoutInitializers(model.graph()).byName().values());
  }

  private static Map<String, Datum> example(Path file, String ending, Model model)
      throws IOException {
    List<Input> inputs = inputs(model);
    if (inputs.size() > 1 && !ending.equals(".npz")) {
      throw new IOException(
          "%s: the model has %d inputs, so an example is an .npz with an array for each"
              .formatted(file, inputs.size()));
    }
    Map<String, Datum> example = new LinkedHashMap<>();
    for (Input input : inputs) {
      InputFile from = inputs.size() > 1 ? new InputFile(file, input.name()) : InputFile.of(file);
      example.put(input.name(), from.read(input));
    }
    return fitting(file, model, example);
  }

  /** An example of the types and shapes that the model takes. */
  private static Map<String, Datum> fitting(Path from, Model model, Map<String, Datum> example)
      throws IOException {
    try {
      ModelInputs.of(model.graph()).require(example);
    } catch (IllegalArgumentException e) {
      throw new IOException(from + ": " + e.getMessage(), e);
    }
    return example;
  }
}
