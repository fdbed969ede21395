package dev.sardonyx.export.trees;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read is what was asked for, and broken files are refused, naming tree and node. */
final class TreeReadersTest {
  private static final Path LATEST = Path.of("src/test/resources/trees/xgboost-3.4.0");
  private static final Path LIGHT = Path.of("src/test/resources/trees/lightgbm");

  @TempDir private Path folder;

  private static double[] predictions(Model model, Tensor rows) {
    try (var prepared = new ReferenceBackend().prepare(model)) {
      return prepared.run(Map.of("features", rows)).tensor("prediction").toDoubles();
    }
  }

  @Test
  void whatIsAskedForIsRead() throws IOException {
    Path logistic = LATEST.resolve("logistic.json");
    Tensor rows = Tensor.ofFloats(new float[] {1, 2, 3, 1, 4, 5}, 1, 6);
    double margin = predictions(XgboostReader.standard().withMargins().read(logistic), rows)[0];
    double probability = predictions(XgboostReader.standard().read(logistic), rows)[0];
    assertEquals(probability, 1 / (1 + Math.exp(-margin)), 1e-6);

    String json = Files.readString(logistic);
    Path best =
        write(
            "best.json",
            json.replace("\"attributes\":{}", "\"attributes\":{\"best_iteration\":\"1\"}"));
    double two = predictions(XgboostReader.standard().withRounds(2).read(logistic), rows)[0];
    assertEquals(
        two, predictions(XgboostReader.standard().withBestIteration().read(best), rows)[0]);
    assertEquals(probability, predictions(XgboostReader.standard().read(best), rows)[0]);
    assertTrue(two != probability, "two rounds of four differ");

    double raw =
        predictions(
            LightGbmReader.standard().withMargins().read(LIGHT.resolve("poisson.txt")), rows)[0];
    double mean =
        predictions(LightGbmReader.standard().read(LIGHT.resolve("poisson.txt")), rows)[0];
    assertEquals(mean, Math.exp(raw), 1e-5);

    Path forest = LIGHT.resolve("forest.txt"); // predict(raw_score=True) does not average
    double sum = predictions(LightGbmReader.standard().withMargins().read(forest), rows)[0];
    assertEquals(sum, 4 * predictions(LightGbmReader.standard().read(forest), rows)[0], 1e-5);
  }

  /** A double would put the margin of a base score near 1 off by hundredths. */
  @Test
  void baseScoresBecomeMarginsAsXgboostRoundsThem() throws IOException {
    assertArrayEquals(new float[] {15.942385f}, margins("binary:logistic", 1, 7, 0.9999999f));
    assertArrayEquals(new float[] {13.74516f}, margins("binary:logistic", 3, 4, 0.9999999f));
    assertArrayEquals(new float[] {-13.81551f, 13.74516f}, margins("reg:logistic", 3, 4, 0f, 1f));
    assertArrayEquals(
        new float[] {Float.NEGATIVE_INFINITY, -6.9077554f},
        margins("count:poisson", 3, 0, 0f, 0.001f));
    assertArrayEquals(
        new float[] {1, 0.5413233f, 38, -13.81551f},
        margins("reg:expectileerror", 3, 4, 1f, 2f, 40f, 0.5f),
        1e-6f);
    for (String[] wrong :
        new String[][] {{"reg:logistic", "1.5"}, {"reg:gamma", "-1"}, {"rank:map", "NaN"}}) {
      TreeFault fault =
          assertThrows(TreeFault.class, () -> margins(wrong[0], 3, 4, Float.parseFloat(wrong[1])));
      assertEquals(
          "learner.learner_model_param.base_score has " + Float.parseFloat(wrong[1]),
          fault.getMessage());
    }
  }

  private static float[] margins(String objective, int major, int minor, float... scores) {
    return XgboostObjective.of(objective, new XgboostVersion(major, minor), scores.length)
        .margins(scores);
  }

  /** A chain for a set of categories has a node for each run of neighbours and each gap. */
  @Test
  void setsOfCategoriesBecomeRangesThatShareTheirBranches() {
    Cuts cuts = Cuts.among(new long[] {0, 1, 2, 7, 8, 30}, 0f, false);
    assertEquals(
        "[0.0, 3.0, 7.0, 9.0, 30.0, 31.0] true",
        Arrays.toString(cuts.bounds()) + " " + cuts.lowestGoesLeft());
    assertEquals(1, Cuts.among(new long[0], 0f, true).comparisons());
    Cuts bounded = Cuts.among(new long[] {0, 5}, 0f, false, 32, false);
    assertEquals(
        "[1.0, 5.0, 6.0, 32.0] false",
        Arrays.toString(bounded.bounds()) + " " + bounded.lowestGoesLeft());
  }

  @Test
  void everyFloatGoesTheWayOfTheDouble() {
    Random random = new Random(5);
    for (int i = 0; i < 2000; i++) {
      double bound = Float.intBitsToFloat(random.nextInt()) * (1 + random.nextGaussian() * 1e-8);
      if (Double.isNaN(bound)) {
        continue;
      }
      Cuts cuts = Cuts.upTo(bound, -1e-35f, 1e-35f, bound >= 0);
      float near = (float) bound;
      for (float x : new float[] {near, Math.nextUp(near), Math.nextDown(near), 0, -0f, 1, -1}) {
        double seen = Math.abs(x) <= 1e-35f ? 0 : x;
        assertEquals(seen <= bound, goesLeft(cuts, x), x + " <= " + bound);
      }
    }
  }

  private static boolean goesLeft(Cuts cuts, float x) {
    boolean left = cuts.lowestGoesLeft();
    for (int i = 0; i < cuts.bounds().length && !(x < cuts.bounds()[i]); i++) {
      left = cuts.goesLeftFrom(i);
    }
    return left;
  }

  // Hostile files

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static String refusal(Path file) {
    Exception e =
        assertThrows(
            Exception.class,
            () -> {
              if (file.toString().endsWith(".txt")) {
                LightGbmReader.standard().read(file);
              } else {
                XgboostReader.standard().read(file);
              }
            });
    assertTrue(
        e instanceof TreeFormatException || e instanceof UnsupportedModelException, e.toString());
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith(file + ": "), message);
    assertEquals(1, message.lines().count(), message);
    return message.substring((file + ": ").length());
  }

  private void assertRefused(String expected, String source, String before, String after)
      throws IOException {
    String suffix = source.substring(source.lastIndexOf('.'));
    Path base = source.endsWith(".txt") ? LIGHT : LATEST;
    String text = Files.readString(base.resolve(source), StandardCharsets.UTF_8);
    assertTrue(text.contains(before), source + " has " + before);
    int at = text.indexOf(before);
    String changed = text.substring(0, at) + after + text.substring(at + before.length());
    assertEquals(expected, refusal(write("changed" + suffix, changed)));
  }

  @Test
  void brokenTreesOfXgboostAreNamed() throws IOException {
    String children = "\"left_children\":[1,3,5,";
    String file = "squarederror.json";
    assertRefused(
        "tree 0, node 1: has the child 0, to which another branch leads, too",
        file,
        children,
        "\"left_children\":[1,0,5,");
    assertRefused(
        "tree 0, node 1: has the child 99, but there are 15 nodes",
        file,
        children,
        "\"left_children\":[1,99,5,");
    assertRefused(
        "tree 0, node 1: has the child -7, but there are 15 nodes",
        file,
        children,
        "\"left_children\":[1,-7,5,");
    assertRefused(
        "tree 0.left_children has 1.5, which is no whole number",
        file,
        children,
        "\"left_children\":[1.5,3,5,");
    assertRefused(
        "tree 0.right_children has 15 numbers instead of 16",
        file,
        children,
        "\"left_children\":[1,3,5,7,");
    assertRefused(
        "tree 0, node 0: splits on feature 77, but there are 6",
        file,
        "\"split_indices\":[0,3,3,",
        "\"split_indices\":[77,3,3,");
  }

  @Test
  void brokenFilesOfXgboostAreRefused() throws IOException {
    String file = "squarederror.json";
    assertRefused("lacks learner.objective", file, "\"objective\"", "\"objectives\"");
    assertRefused(
        "the objective 'reg:unheard-of' is not one that is known of XGBoost",
        file,
        "reg:squarederror",
        "reg:unheard-of");
    assertRefused(
        "the booster gbforest is not one of XGBoost's", file, "\"gbtree\"", "\"gbforest\"");
    assertRefused(
        "tree 0 is for target 5, but there are 1", file, "\"tree_info\":[0", "\"tree_info\":[5");
    assertRefused(
        "learner.learner_model_param.base_score is '[x]'",
        file,
        "\"base_score\":\"[4.676921E-1]\"",
        "\"base_score\":\"[x]\"");
    assertRefused(
        "tree 0, node 3: has categories from 90000 on, 16 of them, but there are 63",
        "categories.json",
        "\"categories_segments\":[0,5,",
        "\"categories_segments\":[0,90000,");
    assertRefused(
        "tree 0, node 99: has categories, but there are 15 nodes",
        "categories.json",
        "\"categories_nodes\":[0,",
        "\"categories_nodes\":[99,");
    assertEquals(
        "is no model of XGBoost: it lacks learner", refusal(write("other.json", "{\"a\":[1,2]}")));
    String deep = "{\"learner\":" + "[".repeat(100_000);
    assertTrue(refusal(write("deep.json", deep)).contains("esting"), "deep JSON");
    String trees = "\"trees\":[";
    assertRefused("trees[0] is null", file, trees, trees + "null,");
    String left = "\"default_left\":[";
    assertRefused("default_left[0] is null", file, left, left + "null,");
  }

  /** Which model files are not, though their owners think so. */
  @Test
  void whatIsNoModelFileIsNamedWithWhatToDo() throws IOException {
    byte[] old = new byte[200]; // XGBoost 1.0: numbers, the objective's length, its name
    old[136] = 10;
    System.arraycopy("reg:linear".getBytes(StandardCharsets.US_ASCII), 0, old, 144, 10);
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(latin1(old), "old binary format; load it with an XGBoost before 3.1");
    texts.put("binf" + latin1(old), "old binary format; load it with an XGBoost before 3.1");
    texts.put("\u0080\u0004\u0095\0\0", "is a pickle; load it in Python");
    texts.put("\u001f\u008b\b\0", "is compressed by gzip; unpack it first");
    texts.put("PK\u0003\u0004", "is a ZIP archive; unpack it first");
    texts.put("\u00ff\u00fe{\0", "is in UTF-16");
    texts.put("version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS");
    texts.put("[{\"nodeid\":0}]", "dump_model leaves out");
    texts.put("CBM1", "is a model of CatBoost");
    texts.put("", "is empty");
    texts.put("hello\n", "is neither JSON, UBJSON nor text of LightGBM");
    for (Map.Entry<String, String> each : texts.entrySet()) {
      for (String suffix : List.of(".json", ".txt")) {
        Path file = folder.resolve("other" + suffix);
        Files.write(file, each.getKey().getBytes(StandardCharsets.ISO_8859_1));
        String message = refusal(file);
        assertTrue(message.contains(each.getValue()), message);
      }
    }
    assertEquals("is a model of LightGBM, not of XGBoost", refusal(write("a.json", "tree\n")));
    assertEquals("is a model of XGBoost, not of LightGBM", refusal(write("a.txt", "{L")));
    assertTrue(refusal(write("b.txt", "{\"learner\":")).startsWith("is JSON; of LightGBM"));
    assertTrue(
        refusal(write("dump.json", "{\"tree_info\":[],\"feature_names\":[]}"))
            .startsWith("is what LightGBM's dump_model gives"));
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Test
  void modelsAreReadUnderAnyName() throws IOException {
    for (Path each :
        List.of(
            LATEST.resolve("squarederror.json"),
            LATEST.resolve("one-hot.ubj"),
            LIGHT.resolve("binary.txt"))) {
      Path file = Files.copy(each, folder.resolve(each.getFileName() + ".model"));
      assertTrue(TreeModels.recognizes(file));
      assertEquals(
          each.toString().endsWith(".txt")
              ? LightGbmReader.standard().read(each)
              : XgboostReader.standard().read(each),
          TreeModels.read(file));
    }
    assertFalse(TreeModels.recognizes(write("notes.model", "hello")));
    assertFalse(TreeModels.recognizes(folder));
    assertFalse(TreeModels.recognizes(folder.resolve("missing")));
    for (Path none : List.of(folder, folder.resolve("missing"))) {
      IOException refusal = assertThrows(IOException.class, () -> TreeModels.read(none));
      String what = none.equals(folder) ? "is a folder, not a model file" : "does not exist";
      assertEquals(none + ": " + what, refusal.getMessage());
    }
    String marked = "\ufeff" + Files.readString(LIGHT.resolve("binary.txt")); // as editors save it
    LightGbmReader.standard().read(write("marked.txt", marked));
  }

  /** Many nodes that share one large set would make a small file a model of any size. */
  @Test
  void setsOfCategoriesThatAreSharedCostNothing() throws IOException {
    String json = Files.readString(LATEST.resolve("categories.json"));
    int sets = json.indexOf("\"categories_sizes\":[");
    String shared = json.substring(0, sets) + json.substring(sets).replaceFirst("\\[\\d+", "[63");
    assertTrue(
        refusal(write("shared.json", shared)).startsWith("tree 0: its sets have "), "shared");
    String text = Files.readString(LIGHT.resolve("categories.txt"));
    assertTrue(
        refusal(
                write(
                    "back.txt", text.replaceFirst("cat_boundaries=0 \\d+", "cat_boundaries=0 99")))
            .matches("tree \\d+: set 1 of its categories starts at 99, which does not fit"));
  }

  @Test
  void whatIsCutOffIsRefused() throws IOException {
    for (String each : List.of("categories.json", "one-hot.ubj")) {
      byte[] all = Files.readAllBytes(LATEST.resolve(each));
      for (int length = 1; length < all.length; length += 97) {
        Path cut = folder.resolve("cut" + each.substring(each.indexOf('.')));
        Files.write(cut, Arrays.copyOf(all, length));
        refusal(cut);
      }
    }
    byte[] all = Files.readAllBytes(LIGHT.resolve("categories.txt"));
    int end = new String(all, StandardCharsets.UTF_8).indexOf("end of trees");
    for (int length = 1; length < end; length += 97) {
      Path cut = folder.resolve("cut.txt");
      Files.write(cut, Arrays.copyOf(all, length));
      refusal(cut);
    }
  }

  @Test
  void listsThatPromiseTooMuchCostNothing() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(32);
    bytes.put("{L".getBytes(StandardCharsets.US_ASCII)).putLong(1).put((byte) 'a');
    bytes.put("[$d#l".getBytes(StandardCharsets.US_ASCII)).putInt(Integer.MAX_VALUE);
    Path file = folder.resolve("promise.ubj");
    Files.write(file, Arrays.copyOf(bytes.array(), bytes.position()));
    assertEquals(
        "at byte 20: a list of 2147483647 values of type 'd' cannot be here", refusal(file));
    byte[] nested = new byte[100_000];
    Arrays.fill(nested, (byte) '[');
    System.arraycopy(bytes.array(), 0, nested, 0, 11);
    Files.write(file, nested);
    assertEquals("nests deeper than 32 levels", refusal(file));
  }

  /** Numbers of leaves, sets and targets are checked before there is memory for so many. */
  @Test
  void countsThatPromiseTooMuchCostNothing() throws IOException {
    String most = Integer.toString(Integer.MAX_VALUE);
    assertRefused(
        "tree 0: left_child has 7 numbers instead of 2147483646",
        "regression.txt",
        "num_leaves=8",
        "num_leaves=" + most);
    String sets = "tree 0: cat_boundaries has %d numbers instead of 2147483648";
    String text = Files.readString(LIGHT.resolve("categories.txt"));
    Section tree = new Section("tree 0", new LinkedHashMap<>());
    text.substring(text.indexOf("Tree=0"))
        .lines()
        .takeWhile(line -> !line.isBlank())
        .map(line -> line.split("=", 2))
        .forEach(line -> tree.lines().put(line[0], line[1]));
    int boundaries = tree.text("cat_boundaries").split(" ", -1).length;
    assertRefused(
        sets.formatted(boundaries),
        "categories.txt",
        "num_cat=" + tree.text("num_cat"),
        "num_cat=" + most);
    assertTrue(
        refusal(
                write(
                    "targets.txt",
                    "tree\nversion=v4\nnum_tree_per_iteration=%s\nmax_feature_idx=1\nend of trees\n"
                        .formatted(most)))
            .contains("num_tree_per_iteration"));
    String file = "logistic.json";
    String json = Files.readString(LATEST.resolve(file));
    String classes = "\"num_class\":\"0\"";
    assertTrue(
        refusal(write(file, json.replace(classes, classes.replace("0", most))))
            .contains("learner_model_param"));
    String wide =
        json.replace(classes, classes.replace("0", "1000000"))
            .replace("\"size_leaf_vector\":\"1\"", "\"size_leaf_vector\":\"1000000\"");
    assertEquals(
        "tree 0.base_weights has 15 numbers instead of 15000000",
        refusal(write(file, wide.replaceFirst("\"leaf_weights\":", "\"other\":"))));
  }

  /** No number of rounds, however large, becomes a negative one. */
  @Test
  void largeNumbersOfRoundsMeanAll() throws IOException {
    String most = Integer.toString(Integer.MAX_VALUE);
    Tensor rows = Tensor.ofFloats(new float[] {1, 2, 3, 1, 4, 5}, 1, 6);
    for (Path folderOf : List.of(LATEST, LATEST.resolveSibling("xgboost-1.7.6"))) {
      String json = Files.readString(folderOf.resolve("softprob.json"));
      String changed =
          json.replaceFirst(
                  "\"attributes\": ?\\{", "\"attributes\":{\"best_iteration\":\"" + most + "\"")
              .replaceFirst(
                  "\"num_parallel_tree\": ?\"1\"", "\"num_parallel_tree\":\"" + most + "\"");
      assertTrue(changed.contains("best_iteration") && changed.contains("tree\":\"" + most));
      assertArrayEquals(
          predictions(XgboostReader.standard().read(write("all.json", json)), rows),
          predictions(
              XgboostReader.standard().withBestIteration().read(write("most.json", changed)),
              rows));
    }
  }

  @Test
  void brokenTreesOfLightGbmAreNamed() throws IOException {
    String file = "regression.txt";
    String text = Files.readString(LIGHT.resolve(file));
    String left = text.lines().filter(l -> l.startsWith("left_child")).findFirst().orElseThrow();
    String features =
        text.lines().filter(l -> l.startsWith("split_feature")).findFirst().orElseThrow();
    assertRefused(
        "tree 0, node 0: has the child 0, to which another branch leads, too",
        file,
        left,
        left.replaceFirst("=\\d+", "=0"));
    assertRefused(
        "tree 0, node 0: has the child 15, but there are 15 nodes",
        file,
        left,
        left.replaceFirst("=\\d+", "=99"));
    assertRefused(
        "tree 0, node 0: splits on feature 6, but there are 6",
        file,
        features,
        features.replaceFirst("=\\d+", "=6"));
    assertRefused(
        "tree 0: left_child has 'x', which is no number",
        file,
        left,
        left.replaceFirst("=\\d+", "=x"));
    assertRefused(
        "tree 0: left_child has 7 numbers instead of 8", file, "num_leaves=8", "num_leaves=9");
    assertRefused("has 'Tree=7' where tree 1 is wanted", file, "Tree=1", "Tree=7");
    assertRefused(
        "the objective 'cosine' is not one that is known of LightGBM; withMargins() reads the sums alone",
        file,
        "objective=regression",
        "objective=cosine");
    assertEquals(
        "tree 0 has linear models in its leaves (linear_tree=true); ONNX's trees have numbers",
        refusal(LIGHT.resolve("linear.txt")));
    assertEquals(
        "is of version 'v9' of LightGBM's format; v2, v3, v4 are read",
        refusal(write("v9.txt", text.replaceFirst("version=v\\d", "version=v9"))));
  }

  /** Degenerate trees, each split below the other, are read without recursion or refused. */
  @Test
  void deepTreesAreBounded() throws IOException {
    Model model = XgboostReader.standard().read(chain(1000));
    long[] features = model.graph().nodes().get(0).intsAttribute("nodes_featureids").orElseThrow();
    assertEquals(2001, features.length);
    assertTrue(refusal(chain(100_000)).contains("depth"), "100,000 levels");
  }

  private Path chain(int depth) throws IOException {
    int size = 2 * depth + 1;
    StringBuilder left = new StringBuilder();
    StringBuilder right = new StringBuilder();
    StringBuilder zeros = new StringBuilder();
    for (int i = 0; i < size; i++) {
      boolean isSplit = i % 2 == 0 && i < size - 1;
      left.append(i == 0 ? "" : ",").append(isSplit ? i + 1 : -1);
      right.append(i == 0 ? "" : ",").append(isSplit ? i + 2 : -1);
      zeros.append(i == 0 ? "" : ",").append('0');
    }
    return write(
        "chain.json",
        """
        {"learner":{"learner_model_param":{"base_score":"0","num_class":"0","num_feature":"1"},
        "objective":{"name":"reg:squarederror"},"gradient_booster":{"name":"gbtree","model":{
        "gbtree_model_param":{"num_trees":"1"},"tree_info":[0],"trees":[{"tree_param":{},
        "left_children":[%s],"right_children":[%s],"split_indices":[%s],"split_conditions":[%s],
        "default_left":[%s]}]}}},"version":[2,0,0]}
        """
            .formatted(left, right, zeros, zeros, zeros));
  }
}
