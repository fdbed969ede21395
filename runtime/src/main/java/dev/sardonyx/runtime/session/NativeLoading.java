package dev.sardonyx.runtime.session;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the user can do if a native library does not load. */
public final class NativeLoading {
  /** The JVM names the file first; the rest is what the system's loader says. */
  private static final Pattern FILE = Pattern.compile("(.+?)[/\\\\]([^/\\\\:]+): .*");

  /** What glibc, musl and macOS say of files in folders that programs may not run from. */
  private static final Pattern NOT_EXECUTABLE =
      Pattern.compile(
          "failed to map segment from shared object|Operation not permitted|Permission denied"
              + "|not permitted to be mapped");

  private NativeLoading() {}

  /**
   * What to do if the folder of the library is one that no program may run from, such as one
   * mounted noexec; empty for any other failure.
   *
   * @param reason the message of the {@link UnsatisfiedLinkError}
   */
  public static Optional<String> advice(String reason) {
    Matcher file = FILE.matcher(reason);
    return NOT_EXECUTABLE.matcher(reason).find() && file.lookingAt()
        ? Optional.of(
            "no program may run from the folder "
                + file.group(1)
                + " (it may be mounted noexec): name another for the libraries by JAVA_OPTS=-D"
                + property(file.group(1), file.group(2))
                + "=FOLDER")
        : Optional.empty();
  }

  /** The property for where libraries are unpacked: Sardonyx's, the JVM's or JavaCPP's. */
  private static String property(String folder, String library) {
    if (!library.contains("onnxruntime")) {
      return "org.bytedeco.javacpp.cachedir";
    }
    return folder.contains("onnxruntime-java") ? "java.io.tmpdir" : "sardonyx.cache";
  }
}
