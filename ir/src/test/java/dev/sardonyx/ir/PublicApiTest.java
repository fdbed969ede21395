package dev.sardonyx.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The public API of this module, as {@code src/test/resources/public-api.txt} lists it: the public
 * types of the exported packages, and their public and protected members. A change of the API is
 * accepted by a run with {@code -Dsardonyx.acceptApi}, which writes the file again.
 */
class PublicApiTest {
  private static final Path LISTED = Path.of("src/test/resources/public-api.txt");

  @Test
  void theApiIsAsListed() throws Exception {
    List<String> api = api();
    if (System.getProperty("sardonyx.acceptApi") != null) {
      Files.write(LISTED, api);
    }
    assertEquals(
        String.join("\n", Files.readAllLines(LISTED)),
        String.join("\n", api),
        "The public API has changed. If that is meant, run this test with -Dsardonyx.acceptApi"
            + " and commit "
            + LISTED);
  }

  private static List<String> api() throws IOException, URISyntaxException {
    Path classes = Path.of(Model.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ModuleDescriptor module;
    try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
      module = ModuleDescriptor.read(in);
    }
    List<String> lines = new ArrayList<>();
    for (String name :
        module.exports().stream().map(ModuleDescriptor.Exports::source).sorted().toList()) {
      for (Class<?> type : types(classes, name)) {
        lines.addAll(members(type));
      }
    }
    return lines;
  }

  private static List<Class<?>> types(Path classes, String packageName) {
    try (Stream<Path> files = Files.list(classes.resolve(packageName.replace('.', '/')))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".class") && !file.equals("package-info.class"))
          .sorted()
          .<Class<?>>map(file -> type(packageName + "." + file.substring(0, file.length() - 6)))
          .filter(PublicApiTest::isPublic)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name, false, PublicApiTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isPublic(Class<?> type) {
    Class<?> outer = type.getDeclaringClass();
    return !type.isAnonymousClass()
        && !type.isLocalClass()
        && Modifier.isPublic(type.getModifiers())
        && (outer == null || isPublic(outer));
  }

  private static List<String> members(Class<?> type) {
    TreeSet<String> members = new TreeSet<>();
    for (Field field : type.getDeclaredFields()) {
      if (isApi(field)) {
        members.add("  " + field.getType().getTypeName() + " " + field.getName());
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (isApi(constructor)) {
        members.add("  new(" + names(constructor.getParameterTypes()) + ")");
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      if (isApi(method)) {
        members.add(
            "  "
                + (Modifier.isStatic(method.getModifiers()) ? "static " : "")
                + method.getName()
                + "("
                + names(method.getParameterTypes())
                + "): "
                + method.getReturnType().getTypeName());
      }
    }
    List<String> lines = new ArrayList<>(List.of(type.getName()));
    lines.addAll(members);
    return lines;
  }

  private static boolean isApi(Member member) {
    int modifiers = member.getModifiers();
    return !member.isSynthetic()
        && (Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers));
  }

  private static String names(Class<?>[] types) {
    return Arrays.stream(types).map(Class::getTypeName).collect(Collectors.joining(", "));
  }
}
