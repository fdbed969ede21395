package dev.sardonyx.samples.read.samediff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.samples.read.samediff.OperatorCase.Fate;
import dev.sardonyx.training.read.samediff.OperatorTable;
import dev.sardonyx.training.read.samediff.SameDiffImporter;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.ops.SDBaseOps;
import org.nd4j.autodiff.samediff.ops.SDBitwise;
import org.nd4j.autodiff.samediff.ops.SDCNN;
import org.nd4j.autodiff.samediff.ops.SDImage;
import org.nd4j.autodiff.samediff.ops.SDLinalg;
import org.nd4j.autodiff.samediff.ops.SDLoss;
import org.nd4j.autodiff.samediff.ops.SDMath;
import org.nd4j.autodiff.samediff.ops.SDNN;
import org.nd4j.autodiff.samediff.ops.SDRNN;
import org.nd4j.autodiff.samediff.ops.SDRandom;

/** Every method of SameDiff's namespaces is exported, or refused with a reason. */
class NamespacesTest {
  private static final Path README = Path.of("../training/README.md");

  private static final List<Class<?>> NAMESPACES =
      List.of(
          SDBaseOps.class,
          SDMath.class,
          SDNN.class,
          SDCNN.class,
          SDRNN.class,
          SDImage.class,
          SDLinalg.class,
          SDBitwise.class,
          SDRandom.class,
          SDLoss.class);

  private static Set<String> methods(Class<?> namespace) {
    return Arrays.stream(namespace.getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
        .map(Method::getName)
        .map(name -> namespace.getSimpleName() + "." + name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyMethodHasACase() {
    Set<String> all = new TreeSet<>();
    NAMESPACES.forEach(namespace -> all.addAll(methods(namespace)));
    Set<String> tried = new TreeSet<>();
    AllOperators.CASES.forEach(of -> tried.add(of.method()));
    assertEquals(String.join("\n", all), String.join("\n", tried));
  }

  /** Nothing is called exported that was not run. */
  @Test
  void everyOperatorHasACase() {
    Set<String> tried = new TreeSet<>();
    for (OperatorCase of : AllOperators.CASES) {
      if (of.fate() == Fate.EXPORTED) {
        of.bench().sd().getOps().values().forEach(op -> tried.add(op.getOp().opName()));
      }
    }
    assertEquals(String.join("\n", OperatorTable.read()), String.join("\n", tried));
  }

  private static List<String> table() {
    List<String> lines = new ArrayList<>();
    for (Class<?> namespace : NAMESPACES) {
      String methods =
          methods(namespace).stream()
              .filter(method -> isExported(method))
              .map(method -> "`" + method.substring(method.indexOf('.') + 1) + "`")
              .collect(Collectors.joining(", "));
      if (!methods.isEmpty()) {
        lines.add("| `%s` | %s |".formatted(namespace.getSimpleName(), methods));
      }
    }
    for (OperatorCase of : AllOperators.CASES) {
      if (of.fate() != Fate.EXPORTED) {
        lines.add("| `%s`%s | %s |".formatted(of.method(), what(of), reason(of)));
      }
    }
    return lines;
  }

  private static boolean isExported(String method) {
    return AllOperators.CASES.stream()
        .anyMatch(of -> of.method().equals(method) && of.fate() == Fate.EXPORTED);
  }

  private static String what(OperatorCase of) {
    return of.what().isEmpty() ? "" : ", " + of.what();
  }

  private static String reason(OperatorCase of) {
    if (of.fate() == Fate.BROKEN) {
      return "DL4J itself makes no graph of it";
    }
    Bench bench = of.bench();
    String[] outputs = bench.outputs().toArray(String[]::new);
    String message =
        assertThrows(
                UnsupportedModelException.class, () -> SameDiffImporter.read(bench.sd(), outputs))
            .getMessage();
    return message.substring(message.indexOf("): ") + 3);
  }

  @Test
  void theTablesOfReadmeAreThoseOfTheCases() throws IOException {
    List<String> shown =
        Files.readAllLines(README).stream().filter(line -> line.startsWith("| `SD")).toList();
    assertEquals(String.join("\n", table()), String.join("\n", shown));
  }
}
