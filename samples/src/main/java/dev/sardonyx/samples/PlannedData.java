package dev.sardonyx.samples;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.image.Preprocessing;
import dev.sardonyx.runtime.image.Preprocessing.Channels;
import dev.sardonyx.runtime.image.Preprocessing.Resize;
import dev.sardonyx.samples.plan.DataPlan;
import dev.sardonyx.samples.plan.DataPlan.ImageFolders;
import dev.sardonyx.samples.plan.DataPlan.Table;
import dev.sardonyx.training.data.CsvTable;
import dev.sardonyx.training.data.ImageFolder;
import dev.sardonyx.training.data.LabelledImages;
import dev.sardonyx.training.data.TableEncoding;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;

/** Reads the data that a plan names, and splits off what is tested on where it names no other. */
final class PlannedData {
  private PlannedData() {}

  /**
   * Reads the data.
   *
   * @param seed decides about the order, and so about what is tested on
   */
  static LearningData read(DataPlan plan, long seed, Console console) throws IOException {
    if (plan instanceof ImageFolders folders) {
      return images(folders, seed, console);
    }
    if (plan instanceof Table table) {
      return table(table, seed);
    }
    DataPlan.Idx idx = (DataPlan.Idx) plan;
    return IdxData.read(idx.folder(), idx.limit(), idx.count(), idx.classes(), idx.normalization());
  }

  private static LearningData images(ImageFolders plan, long seed, Console console)
      throws IOException {
    ImageFolder folder = ImageFolder.of(plan.folder());
    LabelledImages all = images(folder, plan, seed, console);
    int most = plan.limit().orElse(Integer.MAX_VALUE);
    LabelledImages train = all;
    LabelledImages test;
    if (plan.test().path().isPresent()) {
      Path other = plan.test().path().get();
      test = images(ImageFolder.of(other, folder.classes()), plan, seed, console);
    } else {
      int split = split(plan.folder(), all.size(), plan.test().share());
      train = all.range(0, split);
      test = all.range(split, all.size());
    }
    return ImageData.of(
        plan.folder().toString(),
        name(plan.folder()),
        train.limit(most),
        test.limit(most),
        folder.classes().size(),
        folder.classes(),
        plan.normalization());
  }

  private static LabelledImages images(
      ImageFolder folder, ImageFolders plan, long seed, Console console) throws IOException {
    if (!folder.leftOut().isEmpty()) {
      console.detail(
          "Left out, for they are no images: %s%s",
          folder.leftOut().get(0),
          folder.leftOut().size() == 1 ? "" : " and " + (folder.leftOut().size() - 1) + " more");
    }
    Preprocessing plain = Preprocessing.plain(plan.gray() ? Channels.GRAY : Channels.RGB);
    Preprocessing sized =
        plan.size()
            .map(size -> plain.withResize(new Resize.Exactly(size.height(), size.width())))
            .orElse(plain);
    Function<BufferedImage, Tensor> preprocessing = sized::apply;
    try (Progress progress = new Progress(console, "Reading", folder.size(), "images")) {
      return folder.read(preprocessing, seed, progress::to);
    }
  }

  /** How many of the first are learnt from. */
  private static int split(Path source, int size, double share) throws IOException {
    int test = (int) Math.max(1, Math.round(size * share));
    if (size - test < 2) {
      throw new IOException(
          "%s: of %d examples, %d are to be tested on, and there is nothing left to learn from"
              .formatted(source, size, test));
    }
    return size - test;
  }

  private static String name(Path file) {
    return String.valueOf(file.toAbsolutePath().getFileName());
  }

  private static LearningData table(Table plan, long seed) throws IOException {
    CsvTable read = CsvTable.read(plan.file(), plan.separator());
    CsvTable all = plan.format().complete(read).shuffled(seed);
    CsvTable train = all;
    CsvTable test;
    if (plan.test().path().isPresent()) {
      Path other = plan.test().path().get();
      test = plan.format().complete(CsvTable.read(other, plan.separator()), read.columns());
      if (test.size() == 0) {
        throw new IOException(other + ": has no rows to test on");
      }
    } else {
      int split = split(plan.file(), all.size(), plan.test().share());
      train = all.range(0, split);
      test = all.range(split, all.size());
    }
    int most = plan.limit().orElse(Integer.MAX_VALUE);
    CsvTable learnt = train.range(0, Math.min(most, train.size()));
    TableEncoding encoding = plan.format().fit(learnt, all);
    return TableData.of(
        plan.file().toString(),
        name(plan.file()),
        encoding,
        learnt,
        test.range(0, Math.min(most, test.size())));
  }
}
