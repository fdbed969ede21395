package dev.sardonyx.export.trees;

import com.google.gson.Gson;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads LightGBM's text model files, of version 2 to 4.
 *
 * <pre>{@code
 * Model model = LightGbmReader.standard().read(Path.of("model.txt"));
 * }</pre>
 *
 * <p>The model has one input, {@code features} of type {@code float[N, F]}, in which a category is
 * its number, and one output, {@code prediction} of type {@code float[N, K]}: what {@code predict}
 * gives by all trees of the file. Thresholds, which are doubles, become the floats that send every
 * float the same way; sums are of floats.
 *
 * <p>The model's metadata has {@code feature_names} and, if it was trained on categories of pandas,
 * {@code pandas_categorical}: JSON with a list for each such column, in their order, in which a
 * category stands at the place of its number.
 */
public final class LightGbmReader {
  private static final String TREE = "Tree=";

  /** What only training and plots need. */
  private static final Set<String> UNWANTED =
      Set.of(
          "split_gain",
          "leaf_weight",
          "leaf_count",
          "internal_value",
          "internal_weight",
          "internal_count");

  private static final List<String> VERSIONS = List.of("v2", "v3", "v4");
  private static final String CATEGORIES = "\npandas_categorical:";

  private final Limits limits;
  private final boolean margins;

  private LightGbmReader(Limits limits, boolean margins) {
    this.limits = limits;
    this.margins = margins;
  }

  /** A reader of predictions, within {@link Limits#standard}. */
  public static LightGbmReader standard() {
    return new LightGbmReader(Limits.standard(), false);
  }

  /** The same reader with other limits, on the file's bytes, the nodes, and the depth of trees. */
  public LightGbmReader withLimits(Limits changed) {
    return new LightGbmReader(changed, margins);
  }

  /** The same reader, of the sums of the trees before the objective's transformation. */
  public LightGbmReader withMargins() {
    return new LightGbmReader(limits, true);
  }

  /**
   * Reads a model.
   *
   * @throws TreeFormatException if the file is not a model, or contradicts itself
   * @throws UnsupportedModelException if its objective is not known, or its leaves are linear
   *     models
   * @throws IOException if it cannot be read
   */
  public Model read(Path file) throws IOException {
    return TreeFile.read(file, limits, this::model);
  }

  private Model model(byte[] bytes) {
    TreeContent content = TreeContent.of(bytes);
    if (content != TreeContent.LIGHTGBM) {
      throw content.fault();
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    List<Section> sections = sections(text);
    Section header = sections.get(0);
    requireVersion(header.text("version"));
    List<Section> trees = sections.subList(1, sections.size());
    int targets = header.count("num_tree_per_iteration");
    if (targets < 1 || trees.size() % targets != 0) {
      throw new TreeFault("has %d trees, %d in each iteration".formatted(trees.size(), targets));
    }
    limits.requireObjects(targets, "num_tree_per_iteration");
    long features = header.count("max_feature_idx") + 1L;
    Link link =
        margins || !header.has("objective")
            ? Link.IDENTITY
            : LightGbmObjective.of(header.text("objective"));
    boolean averages = header.has("average_output") && !margins; // margins are sums there, too
    double scale = averages ? (double) targets / Math.max(1, trees.size()) : 1;
    Forest forest = new Forest(targets, (int) Math.min(features, Integer.MAX_VALUE), true, limits);
    for (int t = 0; t < trees.size(); t++) {
      forest.add(new LightGbmTree(trees.get(t), t % targets, scale));
    }
    GraphBuilder b = GraphBuilder.of("lightgbm");
    Value x = b.input("features", TensorType.of(ElementType.FLOAT, Shape.parse("N," + features)));
    b.output(link.apply(b, forest.sums(b, x, new float[targets])), "prediction");
    return b.buildModel().withMetadata(metadata(header, text));
  }

  private static Metadata metadata(Section header, String text) {
    Metadata metadata = Metadata.EMPTY;
    if (header.has("feature_names")) {
      metadata =
          metadata.withProperty(
              "feature_names",
              new Gson().toJson(header.text("feature_names").strip().split(" ", -1)));
    }
    int at = text.lastIndexOf(CATEGORIES);
    if (at < 0) {
      return metadata;
    }
    int end = text.indexOf('\n', at + 1);
    String lists = text.substring(at + CATEGORIES.length(), end < 0 ? text.length() : end).strip();
    return lists.isEmpty() || lists.equals("null") || lists.equals("[]")
        ? metadata
        : metadata.withProperty("pandas_categorical", lists);
  }

  /** The header and the trees. What follows them is about the training. */
  private static List<Section> sections(String text) {
    List<Section> sections = new ArrayList<>();
    Section section = new Section("the header", new LinkedHashMap<>());
    sections.add(section);
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf('\n', at);
      if (end < 0) { // every line of a whole file ends
        throw new TreeFault("ends in the midst of " + section.name() + "; it is truncated");
      }
      String line = text.substring(at, end).strip();
      at = end + 1;
      if (line.equals("end of trees") || line.startsWith("feature importances:")) {
        return sections; // the second before version 2.2
      }
      if (line.startsWith(TREE)) {
        requireNumber(line, sections.size() - 1);
        section = new Section("tree " + (sections.size() - 1), new LinkedHashMap<>());
        sections.add(section);
      } else if (!line.isEmpty()) {
        addLine(section.lines(), section.name(), line);
      }
    }
    throw new TreeFault(
        "lacks the line 'end of trees' after " + section.name() + "; it is truncated");
  }

  private static void requireVersion(String version) {
    if (!VERSIONS.contains(version)) {
      throw new TreeFault(
          "is of version '%s' of LightGBM's format; %s are read"
              .formatted(version, String.join(", ", VERSIONS)));
    }
  }

  private static void requireNumber(String line, int wanted) {
    if (!line.substring(TREE.length()).equals(Integer.toString(wanted))) {
      throw new TreeFault("has '" + line + "' where tree " + wanted + " is wanted");
    }
  }

  private static void addLine(Map<String, String> lines, String name, String line) {
    int equals = line.indexOf('=');
    String key = equals < 0 ? line : line.substring(0, equals);
    if (UNWANTED.contains(key)) {
      return;
    }
    if (lines.put(key, equals < 0 ? "" : line.substring(equals + 1)) != null) {
      throw new TreeFault(name + " has " + key + " twice");
    }
  }
}
