package dev.sardonyx.export.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxFormatException;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.StringStringEntryProto;
import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random sequences of what one does with two models in a folder, against a simple account of which
 * model must have which weights afterwards. Whoever deletes a data file by hand breaks the models
 * that need it, and nothing else ever does; nothing is left that no model needs but what was
 * orphaned by hand.
 */
final class ModelFilesTest {
  private static final List<String> NAMES = List.of("a.onnx", "b.onnx");
  private static final int STEPS = 120;

  /** Weights that are gone. */
  private static final int BROKEN = -1;

  @TempDir private Path folder;

  private final TreeMap<String, Integer> expected = new TreeMap<>();
  private final List<Model> inMemory = new ArrayList<>();
  private final Set<String> orphanedByHand = new HashSet<>();
  private final List<String> done = new ArrayList<>();
  private int marks;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyModelKeepsItsWeights(long seed) throws IOException {
    Random random = new Random(seed);
    Files.createSymbolicLink(folder.resolve("link.onnx"), Path.of("a.onnx"));
    for (int i = 0; i < STEPS; i++) {
      step(random);
      check(random);
    }
  }

  private void step(Random random) throws IOException {
    String name = NAMES.get(random.nextInt(2));
    String other = NAMES.get(1 - NAMES.indexOf(name));
    Path file = folder.resolve(name);
    int kind = random.nextInt(10);
    done.add(kind + " " + name);
    switch (kind) {
      case 0 -> write(Marked.model(++marks), name, ExternalData.beside());
      case 1 -> write(Marked.model(++marks), name, ExternalData.beside().withFilePerTensor());
      case 2 -> write(Marked.model(++marks), name, ExternalData.embedded());
      case 3 -> {
        if (expected.getOrDefault(name, BROKEN) != BROKEN) {
          inMemory.add(OnnxReader.read(file));
        }
      }
      case 4, 5 -> {
        if (!inMemory.isEmpty()) {
          Model model = inMemory.get(random.nextInt(inMemory.size()));
          ExternalData data =
              List.of(ExternalData.asRead(), ExternalData.beside(), ExternalData.embedded())
                  .get(random.nextInt(3));
          write(model, random.nextBoolean() ? name : "link.onnx", data);
        }
      }
      case 6 -> byHand(() -> copy(name, other));
      case 7 ->
          byHand(
              () -> {
                Files.deleteIfExists(file);
                expected.remove(name);
              });
      case 8 -> byHand(() -> move(name, other));
      default -> byHand(() -> deleteDataOf(name));
    }
  }

  private void write(Model model, String name, ExternalData data) throws IOException {
    OnnxWriter.write(model, folder.resolve(name), data);
    expected.put(name.equals("link.onnx") ? "a.onnx" : name, Marked.mark(model));
  }

  private interface Act {
    void run() throws IOException;
  }

  private void byHand(Act act) throws IOException {
    Set<String> before = referred();
    act.run();
    before.removeAll(referred());
    orphanedByHand.addAll(before);
  }

  private void copy(String from, String to) throws IOException {
    if (expected.containsKey(from)) {
      Files.copy(folder.resolve(from), folder.resolve(to), StandardCopyOption.REPLACE_EXISTING);
      expected.put(to, expected.get(from));
    }
  }

  private void move(String from, String to) throws IOException {
    if (expected.containsKey(from)) {
      Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.REPLACE_EXISTING);
      expected.put(to, expected.remove(from));
    }
  }

  private void deleteDataOf(String name) throws IOException {
    for (String data : referred(name)) {
      for (String model : List.copyOf(expected.keySet())) {
        if (referred(model).contains(data)) {
          expected.put(model, BROKEN);
        }
      }
      Files.deleteIfExists(folder.resolve(data));
    }
  }

  private Set<String> referred() throws IOException {
    Set<String> data = new HashSet<>();
    for (String name : expected.keySet()) {
      data.addAll(referred(name));
    }
    return data;
  }

  private Set<String> referred(String name) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      return Set.of();
    }
    return ModelProto.parseFrom(Files.readAllBytes(file)).getGraph().getInitializerList().stream()
        .flatMap(tensor -> tensor.getExternalDataList().stream())
        .filter(entry -> entry.getKey().equals("location"))
        .map(StringStringEntryProto::getValue)
        .collect(Collectors.toSet());
  }

  private void check(Random random) throws IOException {
    Set<String> names = new HashSet<>(Marked.names(folder));
    for (String name : NAMES) {
      Path file = folder.resolve(name);
      Integer mark = expected.get(name);
      assertEquals(mark != null, names.remove(name), done::toString);
      if (mark != null && mark == BROKEN) {
        String message =
            assertThrows(OnnxFormatException.class, () -> OnnxReader.read(file)).getMessage();
        assertTrue(message.contains("does not exist"), message);
      } else if (mark != null) {
        assertEquals(mark, Marked.mark(file), done::toString);
      }
    }
    if (!inMemory.isEmpty()) {
      assertTrue(Marked.mark(inMemory.get(random.nextInt(inMemory.size()))) > 0);
    }
    names.remove("link.onnx");
    names.removeAll(referred());
    names.removeAll(orphanedByHand);
    assertEquals(Set.of(), names, done::toString);
  }
}
