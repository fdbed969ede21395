package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One name means one thing: who knows a class from one package is not misled in another. (ONNX's
 * names for the types of attributes are those of what they hold.)
 */
@AnalyzeClasses(packages = "dev.sardonyx", importOptions = DoNotIncludeTests.class)
final class NamesTest {
  @ArchTest
  static void noTwoPackagesHaveClassesOfOneName(JavaClasses all) {
    Map<String, List<String>> byName =
        ours(all)
            .filter(JavaClass::isTopLevelClass)
            .collect(
                Collectors.groupingBy(
                    JavaClass::getSimpleName,
                    TreeMap::new,
                    Collectors.mapping(JavaClass::getName, Collectors.toList())));
    byName.values().removeIf(names -> names.size() == 1);
    assertEquals(Map.of(), byName);
  }

  @ArchTest
  static void noNestedClassHasTheNameOfAPublicOneThatItsFileCouldMean(JavaClasses all) {
    Map<String, JavaClass> known =
        ours(all)
            .filter(c -> c.isTopLevelClass() && c.getModifiers().contains(JavaModifier.PUBLIC))
            .collect(Collectors.toMap(JavaClass::getSimpleName, c -> c));
    List<String> same =
        ours(all)
            .filter(c -> !c.isTopLevelClass() && known.containsKey(c.getSimpleName()))
            .filter(c -> sees(c, known.get(c.getSimpleName())))
            .map(JavaClass::getName)
            .filter(name -> !name.startsWith("dev.sardonyx.ir.AttributeValue$"))
            .sorted()
            .toList();
    assertEquals(List.of(), same);
  }

  private static Stream<JavaClass> ours(JavaClasses all) {
    assertTrue(all.size() > 500, "classes were found");
    return all.stream()
        .filter(c -> !c.getPackageName().endsWith(".proto"))
        .filter(c -> !Set.of("", "package-info").contains(c.getSimpleName()))
        .filter(c -> c.getSource().stream().noneMatch(s -> isOfTests(s.getUri().toString())));
  }

  private static boolean isOfTests(String place) {
    return place.contains("test-classes") || place.contains("-tests.jar");
  }

  /** Whether the module of one class may use the other's: its own, or one further down. */
  private static boolean sees(JavaClass from, JavaClass to) {
    String module = module(from);
    return switch (module(to)) {
      case "ir" -> true;
      case "export" -> List.of("export", "runtime", "samples").contains(module);
      default -> module(to).equals(module) || module.equals("samples");
    };
  }

  private static String module(JavaClass type) {
    String below = type.getPackageName().substring("dev.sardonyx.".length()) + ".";
    return below.substring(0, below.indexOf('.'));
  }
}
