package dev.sardonyx.samples;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.ConvertingBackend;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.isolated.IsolatedBackend;
import dev.sardonyx.runtime.isolated.IsolatedPool;
import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.training.Dl4jBackend;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that name a backend, and say how it is run. */
final class BackendOption {
  private static final String ORT = "ort";

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = {
        "ort (ONNX Runtime, of models converted to an opset it takes), reference, dl4j, or",
        "a class that is a Backend or supplies one, with a constructor without parameters."
      })
  private @Nullable String name;

  @Option(
      names = "--class-path",
      paramLabel = "PATHS",
      description = "Jars and folders where the class and what it needs are.")
  private @Nullable String classPath;

  @Option(
      names = "--isolated",
      negatable = true,
      description = {
        "Run the backend in processes of its own, so that a crash is an outcome.",
        "The default, but for reference and dl4j."
      })
  private @Nullable Boolean isolated;

  @Option(
      names = "--accelerator",
      paramLabel = "ACCELERATOR",
      completionCandidates = AcceleratorOption.AcceleratorNames.class,
      description =
          "What the backend ort computes on: auto, cpu, cuda, tensorrt, ... (default: cpu).")
  private @Nullable String accelerator;

  boolean isGiven() {
    return name != null;
  }

  /**
   * @throws ParameterException if an accelerator is named, but no backend
   */
  void requireBackendOfAccelerator(CommandSpec command) {
    if (accelerator != null && !isGiven()) {
      throw new ParameterException(
          command.commandLine(), "Option '--accelerator' needs '--backend ort'");
    }
  }

  boolean isOnnxRuntime() {
    return label().equals(ORT);
  }

  /** The backend's name as it was given. */
  String label() {
    return name == null ? "" : name;
  }

  /**
   * The backend.
   *
   * @param count how many models are run at once
   * @param timeLimit for a call
   * @throws ParameterException if there is no such class, or it is no backend
   * @throws IOException if a path of the class path is not there
   */
  Backend open(CommandSpec command, int count, Duration timeLimit) throws IOException {
    if (!isGiven()) {
      throw new ParameterException(command.commandLine(), "Missing option '--backend'");
    }
    List<Path> paths = paths();
    String className = className();
    if (accelerator != null) {
      requireAccelerator(command, accelerator);
    }
    boolean apart = isolated == null ? !isOurs() : isolated;
    // Also where it is isolated: a name that is wrong is reported at once.
    Class<?> type = load(command, className, paths);
    Backend backend =
        apart
            ? new IsolatedPool(count, () -> isolated(className, paths).withTimeout(timeLimit))
            : made(command, type);
    return isOnnxRuntime() ? new ConvertingBackend(backend, OrtBackend.TARGET) : backend;
  }

  /** Ends the processes of an isolated backend. */
  static void close(Backend backend) throws Exception {
    Backend inner = backend instanceof ConvertingBackend c ? c.inner() : backend;
    if (inner instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }

  private IsolatedBackend isolated(String className, List<Path> paths) {
    IsolatedBackend plain = IsolatedBackend.of(className, paths);
    return accelerator == null ? plain : plain.withArgument(accelerator);
  }

  private void requireAccelerator(CommandSpec command, String name) {
    if (!isOnnxRuntime()) {
      throw new ParameterException(
          command.commandLine(),
          "Option '--accelerator' is for '--backend ort', not for '%s'".formatted(label()));
    }
    // Said at once, not by each case.
    Accelerator.of(AcceleratorOption.require(command, name));
  }

  private boolean isOurs() {
    return label().equals("reference") || label().equals("dl4j");
  }

  private String className() {
    return switch (label()) {
      case ORT -> IsolatedBackend.OnnxRuntime.class.getName();
      case "reference" -> ReferenceBackend.class.getName();
      case "dl4j" -> Dl4jBackend.class.getName();
      default -> label();
    };
  }

  private List<Path> paths() throws IOException {
    List<Path> paths = new ArrayList<>();
    if (classPath != null) {
      for (String path : classPath.split(File.pathSeparator, -1)) {
        if (!Files.exists(Path.of(path))) {
          throw new NoSuchFileException(path, null, "no such jar or folder of --class-path");
        }
        paths.add(Path.of(path));
      }
    }
    return paths;
  }

  private static Class<?> load(CommandSpec command, String className, List<Path> paths)
      throws IOException {
    List<URL> urls = new ArrayList<>();
    for (Path path : paths) {
      urls.add(path.toUri().toURL());
    }
    try {
      // Never closed: the backend may load more classes at any time.
      Class<?> type =
          new URLClassLoader(urls.toArray(URL[]::new), BackendOption.class.getClassLoader())
              .loadClass(className);
      boolean isBackend =
          Backend.class.isAssignableFrom(type) || Supplier.class.isAssignableFrom(type);
      if (!isBackend) {
        throw wrong(command, className, "is neither a Backend nor a Supplier of one");
      }
      return type.getDeclaredConstructor().getDeclaringClass();
    } catch (ClassNotFoundException | LinkageError e) {
      throw wrong(
          command, className, "is none of ort, reference, dl4j, and no class of the class path");
    } catch (NoSuchMethodException e) {
      throw wrong(command, className, "has no constructor without parameters");
    }
  }

  private Backend made(CommandSpec command, Class<?> type) {
    try {
      Object made =
          accelerator == null
              ? type.getDeclaredConstructor().newInstance()
              : type.getDeclaredConstructor(String.class).newInstance(accelerator);
      Object backend = made instanceof Supplier<?> supplier ? supplier.get() : made;
      if (backend instanceof Backend found) {
        return found;
      }
      throw wrong(command, type.getName(), "supplies no Backend");
    } catch (ReflectiveOperationException e) {
      throw wrong(command, type.getName(), "cannot be made: " + e);
    }
  }

  private static ParameterException wrong(CommandSpec command, String name, String what) {
    return new ParameterException(
        command.commandLine(),
        "Invalid value for option '--backend': '%s' %s".formatted(name, what));
  }
}
