package dev.sardonyx.samples.plan;

import dev.sardonyx.training.data.TableFormat;
import dev.sardonyx.training.data.TableFormat.Missing;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which data are learnt from and tested on. */
public sealed interface DataPlan {
  /** At most so many examples to learn from, and so many to test on. */
  Optional<Integer> limit();

  /**
   * What is tested on.
   *
   * @param path a file or folder, empty to take a share of the data
   * @param share of the data, 0..1
   */
  record TestData(Optional<Path> path, double share) {}

  /** What is subtracted from the pixels of each channel, and what the rest is divided by. */
  record Normalization(List<Double> mean, List<Double> deviation) {}

  /**
   * Images in IDX files.
   *
   * @param folder empty for the MNIST inside
   * @param classes their names; none if not given
   * @param count how many classes there are, where the labels do not tell
   */
  record Idx(
      Optional<Path> folder,
      Optional<Integer> limit,
      List<String> classes,
      Optional<Integer> count,
      Optional<Normalization> normalization)
      implements DataPlan {}

  /**
   * Images in folders, one a class.
   *
   * @param size to make them; empty if all are alike
   * @param gray whether they are seen without colours
   */
  record ImageFolders(
      Path folder,
      TestData test,
      Optional<Integer> limit,
      Optional<ImageSize> size,
      boolean gray,
      Optional<Normalization> normalization)
      implements DataPlan {}

  /** In pixels. */
  record ImageSize(int height, int width) {}

  /** Rows of a CSV file. */
  record Table(
      Path file, TestData test, Optional<Integer> limit, char separator, TableFormat format)
      implements DataPlan {}

  /** What a plan says under {@code data}. */
  static DataPlan of(PlanNode node) throws PlanException {
    if (node.isText()) {
      node.word(List.of("mnist"));
      return new Idx(
          Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Optional.empty());
    }
    return switch (node.map().oneOf("mnist", "idx", "images", "csv")) {
      case "images" -> images(node);
      case "csv" -> table(node);
      default -> idx(node);
    };
  }

  private static DataPlan idx(PlanNode node) throws PlanException {
    PlanMap map = node.map("mnist", "idx", "limit", "classes", "mean", "deviation");
    if (map.has("mnist") && !map.need("mnist").flag()) {
      throw map.need("mnist").wrong("is false; leave the key out and name other data");
    }
    Optional<PlanNode> classes = map.get("classes");
    boolean named = classes.isPresent() && classes.get().isList();
    return new Idx(
        map.has("idx") ? Optional.of(map.need("idx").path()) : Optional.empty(),
        limit(map),
        named ? distinct(classes.get()) : List.of(),
        classes.isPresent() && !named ? Optional.of(classes.get().count(2)) : Optional.empty(),
        normalization(map));
  }

  private static List<String> distinct(PlanNode node) throws PlanException {
    List<String> names = node.texts();
    if (names.size() < 2 || names.stream().distinct().count() < names.size()) {
      throw node.wrong("is not a list of two or more different names");
    }
    return names;
  }

  private static Optional<Integer> limit(PlanMap map) throws PlanException {
    return map.has("limit") ? Optional.of(map.need("limit").count(2)) : Optional.empty();
  }

  private static DataPlan images(PlanNode node) throws PlanException {
    PlanMap map = node.map("images", "test", "limit", "size", "color", "mean", "deviation");
    boolean gray =
        map.has("color") && map.need("color").word(List.of("rgb", "gray")).equals("gray");
    return new ImageFolders(
        map.need("images").path(),
        test(map),
        limit(map),
        map.has("size") ? Optional.of(size(map.need("size"))) : Optional.empty(),
        gray,
        normalization(map));
  }

  private static ImageSize size(PlanNode node) throws PlanException {
    String text = node.text();
    if (!text.matches("[1-9]\\d{0,4}(x[1-9]\\d{0,4})?")) {
      throw node.wrong("is '" + text + "', not a height and a width such as 32x48, or one number");
    }
    String[] sides = text.split("x", -1);
    return new ImageSize(Integer.parseInt(sides[0]), Integer.parseInt(sides[sides.length - 1]));
  }

  private static Optional<Normalization> normalization(PlanMap map) throws PlanException {
    if (!map.has("mean") && !map.has("deviation")) {
      return Optional.empty();
    }
    return Optional.of(
        new Normalization(
            map.need("mean").numbers(PlanNode.Bounds.ANY),
            map.need("deviation").numbers(PlanNode.Bounds.POSITIVE)));
  }

  private static TestData test(PlanMap map) throws PlanException {
    if (!map.has("test")) {
      return new TestData(Optional.empty(), 0.2);
    }
    PlanNode test = map.need("test");
    if (!test.isNumber()) {
      return new TestData(Optional.of(test.path()), 0);
    }
    double share = test.number(PlanNode.Bounds.SHARE);
    if (share == 0) {
      throw test.wrong("is 0; name a share of the data, such as 0.2, or other data to test on");
    }
    return new TestData(Optional.empty(), share);
  }

  private static DataPlan table(PlanNode node) throws PlanException {
    PlanMap map =
        node.map(
            "csv",
            "test",
            "limit",
            "separator",
            "label",
            "targets",
            "numeric",
            "categorical",
            "ignore",
            "missing",
            "missing-values",
            "standardize");
    boolean label = map.oneOf("label", "targets").equals("label");
    List<String> goals = label ? List.of(map.need("label").text()) : map.texts("targets");
    Missing missing =
        map.has("missing")
            ? Missing.valueOf(
                map.need("missing")
                    .word(List.of("refuse", "mean", "drop"))
                    .toUpperCase(Locale.ROOT))
            : Missing.REFUSE;
    try {
      TableFormat format =
          new TableFormat(
              label,
              goals,
              map.texts("numeric"),
              map.texts("categorical"),
              map.texts("ignore"),
              missing,
              map.texts("missing-values"),
              map.flag("standardize", true));
      return new Table(map.need("csv").path(), test(map), limit(map), separator(map), format);
    } catch (IllegalArgumentException e) {
      throw node.wrong("is wrong: " + e.getMessage(), e);
    }
  }

  private static char separator(PlanMap map) throws PlanException {
    if (!map.has("separator")) {
      return ',';
    }
    String text = map.need("separator").text();
    if (text.equals("tab")) {
      return '\t';
    }
    if (text.length() != 1 || "\"\r\n".contains(text) || text.matches("[\\w.+-]")) {
      throw map.need("separator").wrong("is '" + text + "', not a character such as ';', or tab");
    }
    return text.charAt(0);
  }
}
