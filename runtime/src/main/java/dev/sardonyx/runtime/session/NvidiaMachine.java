package dev.sardonyx.runtime.session;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What there is of Nvidia's software on a machine, told by its files alone: nothing is loaded or
 * run.
 */
final class NvidiaMachine {
  private static final Pattern KERNEL_MODULE =
      Pattern.compile("Kernel Module(?: for \\S+)?\\s+(\\d+(?:\\.\\d+)+)");

  /** Where the dynamic loader of Linux looks without being told. */
  private static final List<String> DEFAULTS =
      List.of(
          "/lib/x86_64-linux-gnu",
          "/usr/lib/x86_64-linux-gnu",
          "/lib/aarch64-linux-gnu",
          "/usr/lib/aarch64-linux-gnu",
          "/lib64",
          "/usr/lib64",
          "/lib",
          "/usr/lib");

  private final Function<String, Path> files;
  private final Map<String, String> environment;
  private final boolean isWindows;

  /**
   * @param files where a file of the machine lies, by its absolute name
   * @param environment the process's environment variables
   */
  NvidiaMachine(Function<String, Path> files, Map<String, String> environment, boolean isWindows) {
    this.files = files;
    this.environment = environment;
    this.isWindows = isWindows;
  }

  /** This machine. */
  static NvidiaMachine here() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return new NvidiaMachine(Path::of, System.getenv(), system.contains("win"));
  }

  /** The variable with the folders that libraries are loaded from. */
  String pathVariable() {
    return isWindows ? "PATH" : "LD_LIBRARY_PATH";
  }

  /**
   * A library of CUDA's or a part of it, such as cudart, and the major version of its interface.
   */
  record Library(String name, int major) {
    String fileName(boolean isWindows) {
      return isWindows
          ? name + (name.startsWith("nv") ? "_" : "64_") + major + ".dll"
          : "lib" + name + ".so." + major;
    }

    /** The version in the name of one of the library's files, whatever version it is. */
    Optional<String> version(String file) {
      Matcher linux = Pattern.compile("lib" + name + "\\.so\\.(\\d+(?:\\.\\d+)*)").matcher(file);
      if (linux.matches()) {
        return Optional.of(linux.group(1));
      }
      Matcher windows = Pattern.compile("(?i)" + name + "(?:64)?_(\\d+)\\.dll").matcher(file);
      // CUDA 11 wrote its version 11.0 as 110.
      return windows.matches()
          ? Optional.of(windows.group(1).replaceFirst("^(\\d\\d)(\\d)$", "$1.$2"))
          : Optional.empty();
    }
  }

  /**
   * A file of a library.
   *
   * @param folder by its name on the machine
   * @param loadable whether the loader looks there
   */
  record Found(String version, String folder, boolean loadable) {
    boolean is(int major) {
      return version.equals(String.valueOf(major)) || version.startsWith(major + ".");
    }
  }

  String fileName(Library library) {
    return library.fileName(isWindows);
  }

  /** The library in every folder that has it, those that the loader looks into first. */
  List<Found> find(Library library) {
    List<Found> found = new ArrayList<>();
    Set<String> loadable = loadable();
    Set<String> folders = new LinkedHashSet<>(loadable);
    folders.addAll(installed());
    for (String folder : folders) {
      names(folder).stream()
          .flatMap(name -> library.version(name).stream())
          .max(Comparator.comparing(String::length))
          .ifPresent(version -> found.add(new Found(version, folder, loadable.contains(folder))));
    }
    return found;
  }

  /** Whether the driver's part in the kernel runs, or the system is one where that is not seen. */
  boolean hasKernelModule() {
    return isWindows
        || Files.exists(files.apply("/proc/driver/nvidia/version"))
        || Files.exists(files.apply("/dev/dxg"));
  }

  /** Whether programs may use a GPU; a container may not though the driver runs. */
  boolean hasDevice() {
    return isWindows
        || Files.exists(files.apply("/dev/dxg"))
        || names("/dev").stream().anyMatch(name -> name.matches("nvidia\\d+"));
  }

  /** Whether the driver's library is where programs find it. */
  boolean hasDriverLibrary() {
    return isWindows
        ? names(system32()).stream().anyMatch(name -> name.equalsIgnoreCase("nvcuda.dll"))
        : !find(DRIVER).isEmpty();
  }

  private static final Library DRIVER = new Library("cuda", 1);

  private String system32() {
    return environment.getOrDefault("SystemRoot", "C:\\Windows") + "\\System32";
  }

  /** The driver's version, where files tell it. */
  Optional<String> driverVersion() {
    Matcher module = KERNEL_MODULE.matcher(text("/proc/driver/nvidia/version"));
    if (module.find()) {
      return Optional.of(module.group(1));
    }
    return find(DRIVER).stream()
        .map(Found::version)
        .filter(version -> version.contains("."))
        .findFirst();
  }

  private Set<String> loadable() {
    Set<String> folders = new LinkedHashSet<>();
    String separator = isWindows ? ";" : ":";
    for (String folder : environment.getOrDefault(pathVariable(), "").split(separator, -1)) {
      if (!folder.isBlank()) {
        folders.add(folder.strip());
      }
    }
    if (isWindows) {
      folders.add(system32());
    } else {
      configured("/etc/ld.so.conf", folders, 0);
      folders.addAll(DEFAULTS);
    }
    return folders;
  }

  /** The folders of the loader's configuration, which may include other files. */
  private void configured(String file, Set<String> folders, int depth) {
    for (String line : text(file).lines().map(String::strip).toList()) {
      if (line.startsWith("include ") && depth < 5) {
        String pattern = line.substring("include ".length()).strip();
        int slash = pattern.lastIndexOf('/');
        String folder = slash < 0 ? "/etc" : pattern.substring(0, slash);
        String absolute = folder.startsWith("/") ? folder : "/etc/" + folder;
        for (String name : names(absolute, pattern.substring(slash + 1))) {
          configured(absolute + "/" + name, folders, depth + 1);
        }
      } else if (line.startsWith("/")) {
        folders.add(line);
      }
    }
  }

  /** Where Nvidia's installers put things, whether or not the loader looks there. */
  private Set<String> installed() {
    Set<String> folders = new LinkedHashSet<>();
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      String home = environment.get(variable);
      if (home != null) {
        folders.add(home + (isWindows ? "\\bin" : "/lib64"));
      }
    }
    if (isWindows) {
      String programs = environment.getOrDefault("ProgramFiles", "C:\\Program Files");
      String toolkits = programs + "\\NVIDIA GPU Computing Toolkit\\CUDA";
      names(toolkits).forEach(version -> folders.add(toolkits + "\\" + version + "\\bin"));
      String cudnn = programs + "\\NVIDIA\\CUDNN";
      for (String version : names(cudnn)) {
        String bin = cudnn + "\\" + version + "\\bin";
        folders.add(bin);
        names(bin).forEach(cuda -> folders.add(bin + "\\" + cuda));
      }
    } else {
      folders.add("/usr/lib/wsl/lib");
      folders.add("/opt/cuda/lib64");
      for (String name : names("/usr/local", "{cuda,TensorRT}*")) {
        folders.add("/usr/local/" + name + "/lib64");
        folders.add("/usr/local/" + name + "/targets/x86_64-linux/lib");
        folders.add("/usr/local/" + name + "/lib");
      }
    }
    return folders;
  }

  private List<String> names(String folder) {
    return names(folder, "*");
  }

  private List<String> names(String folder, String glob) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(files.apply(folder), glob)) {
      entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
    } catch (IOException
        | DirectoryIteratorException
        | InvalidPathException
        | SecurityException e) {
      // There is no such folder, or it is not for us to read.
    }
    names.sort(Comparator.naturalOrder());
    return names;
  }

  private String text(String file) {
    try {
      return Files.readString(files.apply(file));
    } catch (IOException | InvalidPathException | SecurityException e) {
      return "";
    }
  }

  /** Whether one version is at least another, such as 535.104.05 and 525.60.13. */
  static boolean isAtLeast(String version, String least) {
    int[] a = numbers(version);
    int[] b = numbers(least);
    return Arrays.compare(a, b) >= 0;
  }

  private static int[] numbers(String version) {
    return Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray();
  }
}
