package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.keras.KerasReader;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings by plans: those of README, and one that is {@code mnist}. */
final class TrainCommandTest {
  @TempDir private static Path folder;

  @BeforeAll
  static void writeDataAndPlans() throws IOException {
    IdxFiles.write(folder.resolve("fashion-mnist"), 96, 32, true);
    writeAnimals();
    writeHouses();
    GraphBuilder b = GraphBuilder.of("given");
    Layers nn = Layers.of(b, 3);
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,28,28")));
    x = b.flatten(b.maxPool(b.relu(nn.batchNorm(nn.conv(x, 2, 3))), 4));
    b.output(b.softmax(nn.dense(x, 10), 1), "digit");
    OnnxWriter.write(b.buildModel(), folder.resolve("model.onnx"));
    Matcher shown =
        Pattern.compile("```yaml\n(# (\\w+\\.yaml).*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")));
    while (shown.find()) {
      Files.writeString(folder.resolve(shown.group(2)), shown.group(1));
    }
  }

  private static void writeAnimals() throws IOException {
    Random random = new Random(5);
    for (String kind : List.of("cat", "dog", "emu")) {
      Path one = Files.createDirectories(folder.resolve("animals").resolve(kind));
      for (int i = 0; i < 20; i++) {
        BufferedImage image = new BufferedImage(30 + i % 5, 40, BufferedImage.TYPE_INT_RGB);
        int colour = kind.equals("cat") ? 0xa02010 : kind.equals("dog") ? 0x20a010 : 0x1020a0;
        for (int p = 0; p < image.getWidth() * image.getHeight(); p++) {
          image.setRGB(
              p % image.getWidth(), p / image.getWidth(), colour + random.nextInt(16) * 0x010101);
        }
        boolean jpeg = i % 2 == 0;
        ImageIO.write(
            image, jpeg ? "jpg" : "png", one.resolve(i + (jpeg ? ".jpg" : ".png")).toFile());
      }
    }
  }

  private static void writeHouses() throws IOException {
    StringBuilder text = new StringBuilder("id,rooms,size,town,price\n");
    Random random = new Random(6);
    for (int i = 0; i < 120; i++) {
      int rooms = 1 + random.nextInt(6);
      double size = 20 * rooms + 30 * random.nextDouble();
      String town = List.of("Ulm", "Bonn", "Köln").get(random.nextInt(3));
      double price = 2000 * size + 10_000 * rooms + (town.equals("Ulm") ? 60_000 : 0);
      text.append("h%d,%s,".formatted(i, i % 10 == 3 ? "" : rooms));
      text.append(String.format(Locale.ROOT, "%.2f,%s,%.0f%n", size, town, price));
    }
    Files.writeString(folder.resolve("houses.csv"), text);
  }

  private static CommandRun train(String plan, Object... more) {
    Object[] all =
        Stream.concat(
                Stream.of("train", "--accelerator", "cpu", folder.resolve(plan)), Stream.of(more))
            .toArray();
    return CommandRun.of(all);
  }

  private static Model written(String name) throws IOException {
    return OnnxReader.read(folder.resolve(name));
  }

  private static double number(String pattern, CommandRun run) {
    Matcher matcher = Pattern.compile(pattern).matcher(run.out());
    assertTrue(matcher.find(), () -> pattern + " in " + run);
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  void theExampleOfIdxFilesRunsAndIsResumed() throws IOException {
    CommandRun dry = train("fashion.yaml", "--dry-run").expect(0);
    assertTrue(
        dry.out().contains("96 training and 32 test images of 12x12x1, 4 classes"), dry.out());
    assertTrue(dry.out().contains("[1/6] The network") && !dry.out().contains("[2/6]"), dry.out());
    assertFalse(Files.exists(folder.resolve("fashion-run")));
    assertFalse(Files.exists(folder.resolve("fashion.onnx")));
    Path results = folder.resolve("results.json");
    CommandRun run = train("fashion.yaml", "--json", results).expect(0);
    assertEquals("", run.err());
    for (int step = 1; step <= 6; step++) {
      assertTrue(run.out().contains("[" + step + "/6] "), run.out());
    }
    assertTrue(run.out().contains("Adam from 0.002, times 0.9 an epoch"), run.out());
    JsonObject json = JsonParser.parseString(Files.readString(results)).getAsJsonObject();
    assertEquals(4, json.getAsJsonObject("data").getAsJsonArray("classNames").size());
    assertTrue(json.get("passed").getAsBoolean());
    assertTrue(Files.readString(folder.resolve("fashion.csv")).startsWith("epoch,"));
    CommandRun.of("check", folder.resolve("fashion.onnx")).expect(0);
    Map<String, String> metadata = written("fashion.onnx").metadata().properties();
    assertEquals("[\"t-shirt\",\"trouser\",\"pullover\",\"dress\"]", metadata.get("classes"));
    // Again would overwrite the training; to go on learns nothing more and gives the same file.
    CommandRun again = train("fashion.yaml").expect(1);
    assertTrue(again.err().contains("keeps a training already"), again.err());
    Model first = written("fashion.onnx");
    train("fashion.yaml", "--resume", "--quiet").expect(0);
    assertEquals(first.graph(), written("fashion.onnx").graph());
    // And what DL4J is given can go on.
    Files.writeString(
        folder.resolve("zip.yaml"),
        """
        data: {idx: fashion-mnist, limit: 32}
        network: {file: fashion.zip}
        output: {model: zip.onnx}
        """);
    train("zip.yaml", "-q").expect(0);
  }

  @Test
  void aDenseLayerTakesImages() throws IOException {
    Files.writeString(
        folder.resolve("perceptron.yaml"),
        """
        data: {idx: fashion-mnist, limit: 32}
        network: [dense: 8, relu]
        output: {model: perceptron.onnx}
        """);
    CommandRun run = train("perceptron.yaml").expect(0);
    assertTrue(run.out().contains("flatten1"), run.out());
  }

  @Test
  void theExampleOfImageFoldersRuns() throws IOException {
    Path page = folder.resolve("animals.html");
    CommandRun run = train("animals.yaml", "--report", page).expect(0);
    String report = WrittenReport.of(page).text();
    assertTrue(report.contains("<th scope=\"row\">emu</th>"), report);
    assertTrue(report.contains(" of 12 test images"), report);
    assertTrue(
        run.out().contains("48 training and 12 test images of 32x32x3, 3 classes"), run.out());
    assertTrue(number("Test accuracy: (\\S+)", run) > 0.8, run.out());
    assertEquals(
        number("Test accuracy: (\\S+)", run), number("CPU: accuracy (\\S+),", run), run.out());
    // The file takes an image as it is, and tells what it is trained to.
    CommandRun one =
        CommandRun.of(
                "run",
                "--top",
                1,
                "--input",
                "image=" + folder.resolve("animals/emu/3.png"),
                folder.resolve("animals.onnx"))
            .expect(0);
    assertTrue(one.out().matches("(?s).*\\s2 emu\\s+[01]\\.\\d+\\s*"), one.out());
    assertTrue(
        written("animals.onnx").metadata().properties().get("preprocessing").startsWith("RGB, 32"));
  }

  @Test
  void theExampleOfATableRuns() throws IOException {
    Path page = folder.resolve("houses.html");
    CommandRun run = train("houses.yaml", "--report", page).expect(0);
    assertTrue(WrittenReport.of(page).text().contains("<th scope=\"row\">price</th>"));
    assertTrue(run.out().contains("96 training and 24 test rows"), run.out());
    assertTrue(number("Test error of price: RMSE \\S+, MAE \\S+, R2 (\\S+)", run) > 0.9, run.out());
    assertEquals(
        number("Test error of price: RMSE (\\S+),", run),
        number("CPU error of price: RMSE (\\S+),", run),
        run.out());
    assertTrue(run.out().contains("prediction"), run.out());
    Model model = written("houses.onnx");
    assertEquals(
        "[rooms float[N,1], size float[N,1], town string[N,1]]",
        model.graph().inputs().stream().map(i -> i.name() + " " + i.type()).toList().toString());
    CommandRun.of("check", folder.resolve("houses.onnx")).expect(0);
  }

  @Test
  void classesInATableAreToldByName() throws IOException {
    Files.writeString(
        folder.resolve("towns.yaml"),
        """
        data: {csv: houses.csv, label: town, ignore: [id], missing: drop, test: 0.3}
        network: [dense: 8, relu]
        training: {epochs: 2, class-weights: {Ulm: 2}, early-stopping: 1}
        output: {model: towns.onnx}
        """);
    Path page = folder.resolve("towns.html");
    CommandRun run = train("towns.yaml", "--report", page).expect(0);
    String report = WrittenReport.of(page).text();
    assertTrue(report.contains("<caption>The most frequent mistakes</caption>"), report);
    assertTrue(
        run.out().contains("76 training and 32 test rows of 3 columns of numbers"), run.out());
    assertTrue(run.out().matches("(?s).*\nfeatures +intermediate.*"), run.out());
    Path row = folder.resolve("row.json");
    Files.writeString(row, "[[3]]");
    CommandRun told =
        CommandRun.of(
                "run",
                "--top",
                3,
                "--input",
                "rooms=" + row,
                "--input",
                "size=" + row,
                "--input",
                "price=" + row,
                folder.resolve("towns.onnx"))
            .expect(0);
    assertTrue(told.out().contains("2 Ulm") && told.out().contains("1 Köln"), told.out());
  }

  @Test
  void theExampleOfANewHeadRunsAndLeavesTheRestAsItIs() throws IOException {
    train("tuned.yaml", "--quiet").expect(0);
    Model before = written("model.onnx");
    Model after = written("tuned.onnx");
    for (String name : List.of("conv1.weight", "bn1.mean")) {
      assertEquals(
          before.graph().constants().stream().filter(c -> c.name().equals(name)).toList(),
          after.graph().constants().stream().filter(c -> c.name().equals(name)).toList());
    }
    assertEquals("float[N,3]", after.graph().outputs().get(0).type().toString());
  }

  /** Keras has the channels of images last. */
  @Test
  void anImageNetworkOfKerasGoesOnLearning() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("training/keras_image.h5"))) {
      Files.copy(in, folder.resolve("keras.h5"));
    }
    String plan =
        """
        data: {images: animals, size: 8x8}
        network: {file: keras.h5%s}
        training: {epochs: 1}
        output: {model: keras.onnx}
        """;
    Files.writeString(folder.resolve("keras.yaml"), plan.formatted(""));
    CommandRun run = train("keras.yaml", "-q").expect(0);
    assertTrue(run.out().contains("float[N,3,8,8]") && run.out().contains("PASS: "), run.out());
    CommandRun.of("check", folder.resolve("keras.onnx")).expect(0);
    String features = "global_average_pooling2d.reduceMean1_out";
    Files.writeString(
        folder.resolve("keras.yaml"),
        plan.formatted(
            ", features: %s, freeze-until: %s, head: [dense: 4, relu]"
                .formatted(features, features)));
    train("keras.yaml", "-q").expect(0);
    Tensor kept = weight(KerasReader.standard().read(folder.resolve("keras.h5")));
    assertEquals(kept, weight(written("keras.onnx")));
    Files.writeString(
        folder.resolve("keras.yaml"), plan.formatted("").replace("8x8", "8x8, color: gray"));
    String err = train("keras.yaml", "-q").expect(1).err();
    assertTrue(err.contains("takes 'input_layer' [N,8,8,3], but the data are [N,1,8,8]"), err);
  }

  private static Tensor weight(Model model) {
    return model.graph().constants().stream()
        .filter(c -> c.data() instanceof Tensor t && t.rank() == 4)
        .map(c -> (Tensor) c.data())
        .findFirst()
        .orElseThrow();
  }

  /** A target that does not change leaves nothing to explain; and rows are no images. */
  @Test
  void whatIsUndefinedIsNotInfinite() throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("houses.csv"));
    List<String> equal = new ArrayList<>(lines.subList(0, 3));
    equal.replaceAll(line -> line.startsWith("id") ? line : line.replaceFirst("[^,]*$", "100000"));
    Files.write(folder.resolve("equal.csv"), equal);
    String plan =
        """
        data: {csv: houses.csv, targets: [price], ignore: [id], missing: mean, test: equal.csv}
        network: [dense: 4, relu]
        training: {epochs: 1%s}
        output: {model: equal.onnx}
        """;
    Files.writeString(folder.resolve("equal.yaml"), plan.formatted(""));
    Path json = folder.resolve("equal.json");
    Path page = folder.resolve("equal.html");
    CommandRun run = train("equal.yaml", "--json", json, "--report", page).expect(0);
    assertTrue(
        run.out().matches("(?s).*Test error of price: RMSE \\S+, MAE \\S+, R2 undefined\n.*"),
        run.out());
    assertTrue(Files.readString(json).contains("\"r2\": null"), Files.readString(json));
    assertTrue(WrittenReport.of(page).text().contains("undefined"));
    Files.writeString(
        folder.resolve("equal.yaml"),
        plan.formatted(", updater: sgd, learning-rate: 1e30, batch-size: 16"));
    String err = train("equal.yaml", "-q").expect(1).err();
    assertTrue(
        err.matches("(?s).*in epoch 1 after \\d+ examples; try a lower learning rate\n"), err);
  }

  @Test
  void aPlanOfMnistGivesTheNetworkOfMnist() throws IOException {
    Files.writeString(
        folder.resolve("mnist.yaml"),
        """
        data: {mnist: true, limit: 100}
        network: seed
        training: {batch-size: 32, seed: 7}
        output: {model: planned.onnx}
        """);
    Path commanded = folder.resolve("commanded.onnx");
    CommandRun.of(
            "mnist", "-q", "--limit", 100, "--batch-size", 32, "--seed", 7, "--output", commanded)
        .expect(0);
    train("mnist.yaml", "-q").expect(0);
    assertEquals(OnnxReader.read(commanded).graph(), written("planned.onnx").graph());
    assertEquals(
        OnnxReader.read(commanded).metadata().properties(),
        written("planned.onnx").metadata().properties());
  }

  /** Each plan, and the end of the one line that says what is wrong with it. */
  @Test
  void whatIsWrongIsSaidBeforeAnythingIsLearntOrWritten() throws IOException {
    String animals = "data: {images: animals, size: 28x28, color: gray}\n";
    String houses = "data: {csv: houses.csv, targets: [price], ignore: [id], missing: mean}\n";
    String layers = "network: [dense: 4, relu]\n";
    Map<String, String> wrong = new LinkedHashMap<>();
    wrong.put(
        houses + "network: seed",
        "line 2, column 10: network is 'seed', which tells classes of images; write layers for"
            + " other data");
    wrong.put(
        houses.replace("price]", "prize]") + layers,
        "houses.csv: has no column 'prize', only id, rooms, size, town, price");
    wrong.put(
        houses.replace(", missing: mean", "") + layers,
        "column 'rooms': the value is missing; 'missing: mean' replaces such values, 'missing: drop'"
            + " leaves their rows out");
    wrong.put(
        houses.replace(", ignore: [id]", "") + layers,
        "too many for categories; ignore the column, or correct its numbers");
    wrong.put(
        houses + layers + "training: {augmentation: {flip: true}}",
        "line 3, column 12: training has the key 'augmentation', which is for images");
    wrong.put(
        houses + layers + "output: {model: houses.csv}",
        "houses.csv' would overwrite '"
            + folder.resolve("houses.csv")
            + "', which this command needs");
    wrong.put(
        houses + "network: [dense: 2147483647]",
        "line 2, column 11: network[1] is too large: more numbers than an array holds");
    wrong.put(animals + "network: [conv: 4, identity-block: 5]", "choose");
    wrong.put(
        animals + "network: {file: model.onnx}",
        "line 2, column 17: network.file answers 'digit' [N,10], but there are 3 classes; give it a"
            + " new head: features, and layers under head");
    wrong.put(
        animals.replace("28x28", "12x12") + "network: {file: model.onnx}",
        "network.file takes 'image' [N,1,28,28], but the data are [N,1,12,12]");
    wrong.put(
        animals + "network: {file: model.onnx, features: flaten1_out}",
        "network.features is 'flaten1_out', which the network does not compute; did you mean"
            + " flatten1_out?");
    wrong.put(animals + "network: {file: none.onnx}", "none.onnx: does not exist");
    wrong.put(animals.replace(", size: 28x28", "") + layers, "have them resized to one size");
    wrong.put(
        animals.replace("animals", "beasts") + layers,
        "The folder " + folder.resolve("beasts") + " does not exist");
    wrong.put(
        animals + layers + "training: {class-weights: {kat: 2}}",
        "training.class-weights has no key 'kat'; did you mean cat?");
    wrong.put(
        animals + layers + "training: {class-weights: [1, 2]}",
        "training.class-weights has 2 numbers, but there are 3 classes");
    wrong.put(
        animals.replace("gray", "gray, mean: [1, 2], deviation: 1") + layers,
        "Images of 1 channels need 1 mean or 1, not 2");
    for (Map.Entry<String, String> each : wrong.entrySet()) {
      String output = each.getKey().contains("output:") ? "" : "\noutput: {model: new.onnx}\n";
      Files.writeString(folder.resolve("wrong.yaml"), each.getKey() + output);
      CommandRun run = train("wrong.yaml", "--dry-run");
      assertTrue(run.status() != 0, each::getKey);
      String line = run.err().lines().findFirst().orElse("");
      assertTrue(line.startsWith("sardonyx: ") && line.contains(each.getValue()), run::toString);
      assertFalse(run.err().contains("\tat "), run::toString);
    }
    CommandRun resumed = train("animals.yaml", "--resume").expect(2);
    assertTrue(resumed.err().contains("has no 'checkpoint' under 'training'"), resumed.err());
  }
}
