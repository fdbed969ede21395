package dev.sardonyx.runtime.session;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime's native libraries, unpacked once for all runs into the user's cache. By default,
 * ONNX Runtime unpacks them into a temporary folder on every start, leaves the empty folder behind
 * when the JVM exits, and all of its contents when the JVM is killed.
 */
final class NativeLibraries {
  /** ONNX Runtime's property for the folder that its libraries are in. */
  private static final String NATIVE_PATH = "onnxruntime.native.path";

  /** Where to unpack to, instead of the user's cache. */
  private static final String CACHE = "sardonyx.cache";

  private static final String TEMPORARY = "onnxruntime-java*";

  /** Longer than a process takes from creating its folder to unpacking into it. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  /** All that ONNX Runtime may load; a build has some of them. */
  private static final List<String> LIBRARIES =
      List.of(
          "onnxruntime",
          "onnxruntime4j_jni",
          "onnxruntime_providers_shared",
          "onnxruntime_providers_cuda",
          "onnxruntime_providers_tensorrt",
          "onnxruntime_providers_rocm",
          "onnxruntime_providers_dnnl",
          "onnxruntime_providers_openvino",
          "onnxruntime_providers_qnn",
          "webgpu_dawn",
          "dxil",
          "dxcompiler");

  private NativeLibraries() {}

  /**
   * Makes ONNX Runtime load its libraries from the cache. Where that cannot be written, or the user
   * has said where they are, they are loaded as ONNX Runtime does by itself.
   */
  static void provide() {
    if (isChosenByUser() || !Files.isDirectory(home())) {
      return;
    }
    try {
      Optional<Path> folder = unpack(cache());
      folder.ifPresent(path -> System.setProperty(NATIVE_PATH, path.toString()));
      removeAbandoned(Path.of(System.getProperty("java.io.tmpdir")), Instant.now());
    } catch (IOException
        | DirectoryIteratorException
        | OverlappingFileLockException
        | SecurityException e) {
      // ONNX Runtime then unpacks them itself.
    }
  }

  private static boolean isChosenByUser() {
    return System.getProperties().stringPropertyNames().stream()
        .anyMatch(name -> name.startsWith("onnxruntime.native."));
  }

  private static Path cache() {
    String chosen = System.getProperty(CACHE);
    if (chosen != null) {
      return Path.of(chosen);
    }
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    if (system.contains("win")) {
      String local = System.getenv("LOCALAPPDATA");
      return (local == null ? home() : Path.of(local)).resolve("sardonyx");
    }
    if (system.contains("mac")) {
      return home().resolve("Library/Caches/sardonyx");
    }
    String caches = System.getenv("XDG_CACHE_HOME");
    return (caches == null || caches.isEmpty() ? home().resolve(".cache") : Path.of(caches))
        .resolve("sardonyx");
  }

  private static Path home() {
    return Path.of(System.getProperty("user.home"));
  }

  /**
   * The folder with the libraries of this build for this machine; empty if the build has none for
   * it.
   */
  static Optional<Path> unpack(Path cache) throws IOException {
    ZipEntry main = entry("onnxruntime");
    if (main == null) {
      return Optional.empty();
    }
    String build = "onnxruntime-" + Long.toHexString(main.getCrc()) + "-" + platform();
    Path folder = Files.createDirectories(cache.toAbsolutePath()).resolve(build);
    Files.createDirectories(folder);
    for (String library : LIBRARIES) {
      ZipEntry entry = entry(library);
      if (entry != null) {
        unpack(library, entry, folder);
      }
    }
    return Optional.of(folder);
  }

  /**
   * One process unpacks while others wait; what a killed process has left unfinished is
   * overwritten.
   */
  private static void unpack(String library, ZipEntry entry, Path folder) throws IOException {
    Path file = folder.resolve(fileName(library));
    if (isWhole(file, entry)) {
      return;
    }
    Path lockFile = folder.resolve("lock");
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (lock.isValid() && !isWhole(file, entry)) {
        Path part = folder.resolve(fileName(library) + ".part");
        try (InputStream in = Objects.requireNonNull(resource(library)).openStream()) {
          Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  private static boolean isWhole(Path file, ZipEntry entry) throws IOException {
    return Files.isRegularFile(file) && Files.size(file) == entry.getSize();
  }

  /** What the jar says of a library, without reading it. */
  private static @Nullable ZipEntry entry(String library) throws IOException {
    URL resource = resource(library);
    if (resource == null) {
      return null;
    }
    URLConnection connection = resource.openConnection();
    return connection instanceof JarURLConnection jar ? jar.getJarEntry() : null;
  }

  private static @Nullable URL resource(String library) {
    return OrtEnvironment.class.getResource("native/" + platform() + "/" + fileName(library));
  }

  private static String fileName(String library) {
    return System.mapLibraryName(library).replace("jnilib", "dylib");
  }

  /** As ONNX Runtime names the folders in its jar. */
  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String name = system.contains("mac") ? "osx" : system.contains("win") ? "win" : "linux";
    String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return name + "-" + (machine.matches("amd64|x86_64") ? "x64" : machine);
  }

  /** Removes the empty folders that ONNX Runtime has left behind, if nobody can be using them. */
  static void removeAbandoned(Path temporary, Instant now) throws IOException {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, TEMPORARY)) {
      for (Path folder : folders) {
        try {
          FileTime changed = Files.getLastModifiedTime(folder);
          if (Files.isDirectory(folder) && changed.toInstant().isBefore(now.minus(ABANDONED))) {
            Files.delete(folder);
          }
        } catch (IOException e) {
          // It is not empty, not ours, or gone already.
        }
      }
    }
  }
}
