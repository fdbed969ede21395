package dev.sardonyx.training.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.IActivation;

/** Every class that a DL4J network can be made of is read, or refused with a reason. */
class InventoryTest {
  private static final Path README = Path.of("README.md");

  /** A row of README's table of classes; it has other tables. */
  private static final Pattern KINDS =
      Pattern.compile("^\\| `\\w+` \\| (layer|vertex|preprocessor|activation) \\|");

  /** All classes of DL4J below a package that are of a kind and can be made. */
  private static List<Class<?>> all(Class<?> kind, String folder)
      throws IOException, URISyntaxException {
    List<Class<?>> found = new ArrayList<>();
    Path jar = Path.of(kind.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (JarFile file = new JarFile(jar.toFile())) {
      for (String entry : file.stream().map(e -> e.getName()).sorted().toList()) {
        if (entry.startsWith(folder) && entry.endsWith(".class") && !entry.contains("$")) {
          Class<?> type = type(entry);
          if (kind.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers())) {
            found.add(type);
          }
        }
      }
    }
    assertTrue(found.size() > 5, () -> "too few in " + jar);
    return found;
  }

  private static Class<?> type(String entry) {
    String name = entry.substring(0, entry.length() - ".class".length()).replace('/', '.');
    try {
      return Class.forName(name, false, InventoryTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  /** What becomes of a class; LayerVertex is the layer that it holds. */
  private static String fate(Class<?> type) {
    if (Readings.read().contains(type)
        || ActivationReadings.read().contains(type)
        || type == LayerVertex.class) {
      return "exported";
    }
    String reason = Readings.refused().get(type);
    return reason == null ? "forgotten" : "refused: " + reason;
  }

  private static List<String> table() throws IOException, URISyntaxException {
    List<String> lines = new ArrayList<>();
    String conf = "org/deeplearning4j/nn/conf/";
    add(lines, "layer", all(Layer.class, conf));
    add(lines, "vertex", all(GraphVertex.class, conf));
    add(lines, "preprocessor", all(InputPreProcessor.class, conf));
    add(lines, "activation", all(IActivation.class, "org/nd4j/linalg/activations/impl/"));
    return lines;
  }

  private static void add(List<String> lines, String kind, List<Class<?>> types) {
    TreeMap<String, String> byName = new TreeMap<>();
    types.forEach(type -> byName.put(type.getSimpleName(), fate(type)));
    byName.forEach((name, fate) -> lines.add("| `%s` | %s | %s |".formatted(name, kind, fate)));
  }

  @Test
  void noClassIsForgotten() throws IOException, URISyntaxException {
    assertEquals(
        List.of(), table().stream().filter(line -> line.endsWith("| forgotten |")).toList());
  }

  @Test
  void theTableOfReadmeIsThatOfTheReadings() throws IOException, URISyntaxException {
    List<String> shown =
        Files.readAllLines(README).stream().filter(line -> KINDS.matcher(line).find()).toList();
    assertEquals(String.join("\n", table()), String.join("\n", shown));
  }
}
