package dev.sardonyx.samples;

import dev.sardonyx.samples.plan.DataPlan.Normalization;
import dev.sardonyx.training.data.IdxFolder;
import dev.sardonyx.training.data.LabelledImages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Images from IDX files, or the MNIST inside. */
final class IdxData {
  private IdxData() {}

  /**
   * Reads them.
   *
   * @param folder empty for the MNIST inside
   * @param limit at most so many to learn from, and so many to test on
   * @param count how many classes there are; empty to take as many as have names, or one more than
   *     the largest label
   * @param names of the classes; none if they have none
   */
  static LearningData read(
      Optional<Path> folder,
      Optional<Integer> limit,
      Optional<Integer> count,
      List<String> names,
      Optional<Normalization> normalization)
      throws IOException {
    IdxFolder data =
        folder.isEmpty()
            ? IdxFolder.ofResources(Sardonyx.class, "mnist")
            : IdxFolder.of(folder.get());
    LabelledImages train = data.train();
    LabelledImages test = data.test();
    Integer given = names.isEmpty() ? count.orElse(null) : Integer.valueOf(names.size());
    if (train.size() < 2 || test.size() < 1) {
      throw new IOException("There is nothing to learn from or to test on: " + train + ", " + test);
    }
    int classes = Images.classes(train, test, given);
    int most = limit.orElse(Integer.MAX_VALUE);
    return ImageData.of(
        folder.map(Path::toString).orElse("MNIST"),
        folder.map(path -> String.valueOf(path.toAbsolutePath().getFileName())).orElse("MNIST"),
        train.limit(most),
        test.limit(most),
        classes,
        names,
        normalization);
  }
}
