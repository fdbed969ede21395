package dev.sardonyx.samples.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.check.Checker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a plan is named with its line, column, key and value. */
final class TrainPlanTest {
  private static final String GOOD =
      """
      data: {csv: a.csv, label: kind, test: 0.5}
      network:
        - dense: 8
        - relu
      training:
        epochs: 2
        learning-rate: {start: 0.1, step: {every: 2, factor: 0.5}}
      """;

  @TempDir private Path folder;

  private TrainPlan read(String text) throws IOException {
    return TrainPlan.read(Files.writeString(folder.resolve("p.yaml"), text));
  }

  private String message(String text) {
    String message = String.valueOf(assertThrows(IOException.class, () -> read(text)).getMessage());
    return message.replace(folder + "/", "");
  }

  @Test
  void filesAreInThePlansFolder() throws IOException {
    TrainPlan plan = read(GOOD);
    assertEquals(folder.resolve("a.csv"), ((DataPlan.Table) plan.data()).file());
    assertEquals(folder.resolve("model.onnx"), plan.output().model());
    assertEquals(42, plan.training().seed());
    assertEquals("Adam from 0.1, times 0.5 every 2 epochs", plan.training().title());
  }

  /** Under a name that a plan has for its features is what it was, not the image. */
  @Test
  void anImageTurnedForANetworkTakesNoNameOfItsValues() {
    String text =
        """
        <ir_version: 3, opset_import: ["": %d]>
        g (float[N,8,6,3] image) => (float[N,3,8,6] y) {
          transpose1_out = Transpose <perm = [0, 3, 1, 2]> (image)
          y = Relu (transpose1_out)
        }
        """;
    Model turned = ChannelsFirst.of(ModelParser.parse(text.formatted(7)), List.of(3L, 8L, 6L));
    Checker.require(turned);
    assertEquals("float[N,3,8,6]", turned.graph().inputs().get(0).type().toString());
    assertEquals(3, turned.graph().nodes().size());
    assertEquals("transpose1_out", turned.graph().nodes().get(1).outputs().get(0).name());
    Model old = ModelParser.parse(text.formatted(6));
    assertEquals(old, ChannelsFirst.of(old, List.of(3L, 8L, 6L)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "epochs: 2|epoch: 2|line 6, column 3: training has no key 'epoch'; did you mean epochs?",
        "epochs: 2|epochs: many|line 6, column 11: training.epochs is 'many', not a whole number, 1"
            + " or more",
        "epochs: 2|epochs: 0|line 6, column 11: training.epochs is '0', not a whole number, 1 or"
            + " more",
        "epochs: 2|epochs: 99999999999|line 6, column 11: training.epochs is '99999999999', not at"
            + " most 2147483647",
        "epochs: 2|epochs: [2]|line 6, column 11: training.epochs is a list, not a whole number, 1"
            + " or more",
        "epochs: 2|epochs:|line 6, column 10: training.epochs is empty, not a whole number, 1 or"
            + " more",
        "epochs: 2|updater: adan|line 6, column 12: training.updater is 'adan', which it cannot be;"
            + " did you mean adam?",
        "epochs: 2|l2: nan|line 6, column 7: training.l2 is 'nan', not a number, 0 or more",
        "epochs: 2|l2: .inf|line 6, column 7: training.l2 is '.inf', not a number, 0 or more",
        "epochs: 2|l2: 1e39|line 6, column 7: training.l2 is '1e39', not a number, 0 or more",
        "epochs: 2|validation: 1|line 6, column 15: training.validation is '1', not a number from 0"
            + " to below 1",
        "epochs: 2|checkpoint-every: 5|line 6, column 3: training has the key 'checkpoint-every',"
            + " which is for trainings with a 'checkpoint'",
        "epochs: 2|loss: cubic|line 6, column 9: training.loss is 'cubic', which it cannot be; there are"
            + " cross-entropy, cross-entropy-from-logits, mean-squared-error, mean-absolute-error,"
            + " huber",
        "epochs: 2|learning-rate: 0.1|line 7, column 3: training has the key 'learning-rate' twice",
        "{every: 2|{each: 2|line 7, column 38: training.learning-rate.step has no key 'each'; there are every,"
            + " factor",
        "- relu|- rellu|line 4, column 5: network[2] is 'rellu', which it cannot be; did you mean"
            + " relu?",
        "- relu|- relu: 2|line 4, column 5: network[2] is 'relu', which has no options; write it"
            + " without a colon",
        "- relu|- dense|line 4, column 5: network[2] is 'dense', which needs a number or options,"
            + " such as 'dense: 2'",
        "- relu|- dropout: 1.5|line 4, column 14: network[2].dropout is '1.5', not a number from 0"
            + " to below 1",
        "- relu|- conv: {kernel: 3}|line 4, column 11: network[2].conv has no 'filters', which it"
            + " needs",
        "label: kind|lable: kind|line 1, column 20: data has no key 'lable'; did you mean label?",
        "label: kind|ignore: kind|line 1, column 7: data has none of label, targets; it takes one of"
            + " them",
        "label: kind|label: kind, ignore: [kind]|line 1, column 7: data is wrong: Column 'kind' is"
            + " named twice",
        "csv: a.csv|csv: a.csv, idx: b|line 1, column 7: data has idx and csv of mnist, idx, images,"
            + " csv; it takes one of them",
        "test: 0.5|test: 1.5|line 1, column 39: data.test is '1.5', not a number from 0 to below 1",
        "network:|net:|line 2, column 1: the plan has no key 'net'; did you mean network?",
        "training:|!!java.io.File training:|line 5: has the tag tag:yaml.org,2002:java.io.File; a"
            + " plan has none",
        "epochs: 2|epochs: !my 2|line 6: has the tag !my; a plan has none",
      })
  void whatIsWrongIsNamed(String right, String wrong, String expected) {
    assertEquals("p.yaml: " + expected, message(GOOD.replace(right, wrong)));
  }

  @Test
  void whatIsNoPlanIsRefused() throws IOException {
    assertEquals("p.yaml: is empty; a plan has data and a network", message("# nothing\n"));
    String broken = message("data: [1, 2\nnetwork: }");
    assertTrue(broken.matches("p.yaml: line 2, column \\d+: .*"), broken);
    assertTrue(message("- a\n- b\n").contains("the plan is a list, not a list of keys"));
    assertEquals(
        "p.yaml: line 1, column 1: the plan has no 'data', which it needs",
        message("network: seed\n"));
    String two = message("data: mnist\n---\nnetwork: seed\n");
    assertTrue(two.startsWith("p.yaml: "), two);
    Path bytes = Files.write(folder.resolve("b.yaml"), new byte[] {'a', ':', (byte) 0xff});
    assertTrue(
        String.valueOf(assertThrows(IOException.class, () -> TrainPlan.read(bytes)).getMessage())
            .endsWith("b.yaml: is not UTF-8"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data: mnist\\nnetwork: a\\0b|line 2, column 11: has the character U+0000, which YAML has not",
        "\\uFEFFdata: mnist\\n\\u0007|line 2, column 1: has the character U+0007, which YAML has not",
        "data: mnist\\n[x]: 3|line 2, column 1: the plan has a key that is no word",
        "data: {{a: b}: 3}|line 1, column 8: data has a key that is no word",
        "? [a, b]\\n: c|line 1, column 3: the plan has a key that is no word",
      })
  void errorsHaveAPlace(String text, String expected) {
    String plan =
        text.replace("\\n", "\n")
            .replace("\\0", "\0")
            .replace("\\u0007", "\u0007")
            .replace("\\uFEFF", "\uFEFF");
    assertEquals("p.yaml: " + expected, message(plan));
  }

  @Test
  void hostileFilesAreRefusedBeforeTheyCost() {
    StringBuilder laughs = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 60; i++) {
      String before = "*a" + (i - 1);
      laughs.append("a%d: &a%d [%s, %s, %s]%n".formatted(i, i, before, before, before));
    }
    assertTrue(
        message(laughs.toString()).contains("has more than 50 aliases"),
        message(laughs.toString()));
    String deep = message("data: " + "[".repeat(100_000));
    assertTrue(deep.contains("is nested more than 32 levels deep"), deep);
    assertTrue(message("data: " + "x".repeat(300_000)).contains("too many for a plan"));
    String folded =
        String.valueOf(assertThrows(IOException.class, () -> TrainPlan.read(folder)).getMessage());
    assertTrue(folded.endsWith(": is a folder, not a plan"), folded);
    // One that contains itself ends where a text is wanted.
    String itself = message("data: &d {csv: *d, label: x}\nnetwork: [relu]\n");
    assertTrue(itself.contains("data.csv is a list of keys and values, not a text"), itself);
  }

  @Test
  void noMutantOfAPlanFailsOtherwiseThanByAMessage() {
    Random random = new Random(Long.getLong("sardonyx.seed", 1));
    String letters = "{}[]:,-#&*!|>'\"%@`? \n\t\0\u0085ax0.";
    for (int i = 0; i < Integer.getInteger("sardonyx.plans", 3000); i++) {
      StringBuilder mutant = new StringBuilder(GOOD);
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        int place = random.nextInt(mutant.length());
        char letter = letters.charAt(random.nextInt(letters.length()));
        switch (random.nextInt(3)) {
          case 0 -> mutant.setCharAt(place, letter);
          case 1 -> mutant.insert(place, letter);
          default -> mutant.deleteCharAt(place);
        }
      }
      try {
        read(mutant.toString());
      } catch (IOException e) {
        String message = String.valueOf(e.getMessage());
        assertTrue(
            message.startsWith(folder + "/p.yaml: line ") || message.contains(": is empty"),
            () -> message + "\n" + mutant);
      }
    }
  }

  /** What a plan takes, as the error of a wrong key lists it, stands in the module's document. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data: {csv: a.csv, label: kind, zzzzzz: 1}|data",
        "data: {idx: a, zzzzzz: 1}|data",
        "data: {images: a, zzzzzz: 1}|data",
        "training: {zzzzzz: 1}|training",
        "output: {zzzzzz: 1}|output",
        "network: [zzzzzz]|network",
        "training: {updater: zzzzzz}|training",
        "training: {loss: zzzzzz}|training",
        "network: {zzzzzz: 1, file: x}|network",
      })
  void everyKeyIsDocumented(String line, String part) throws IOException {
    String plan = part.equals("data") ? line : "data: mnist\n" + line;
    String whole = part.equals("network") ? plan : plan + "\nnetwork: seed\n";
    String message = message(whole);
    int list = message.indexOf("; there are ");
    assertTrue(list > 0, message);
    String document = Files.readString(Path.of("README.md"));
    for (String key : message.substring(list + "; there are ".length()).split(", ", -1)) {
      assertTrue(
          document.matches("(?s).*[`.{]" + key + "[`:].*"), key + " is not in samples/README.md");
    }
  }
}
