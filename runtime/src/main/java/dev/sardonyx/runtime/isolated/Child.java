package dev.sardonyx.runtime.isolated;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process with a backend in it, and the connection to it: a local socket, since native code may
 * print to the standard streams.
 */
final class Child implements AutoCloseable {
  static final int TOKEN_BYTES = 16;

  private static final int START_MILLIS = 120_000;
  private static final int KEPT_LINES = 200;

  /** The line in which the JVM reports a crash: {@code # C [libonnxruntime.so+0x98fa] name}. */
  private static final Pattern FRAME = Pattern.compile("^#\\s+[CVjJ]\\s+(.*)$");

  private final Process process;
  private final Thread reader;
  private final Deque<String> printed = new ArrayDeque<>();
  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  /**
   * Starts a process.
   *
   * @param supplied the backend or what supplies it
   * @param classPath more than that of this process
   * @param heap its maximum heap size, as in {@code -Xmx}
   */
  Child(IsolatedBackend.Supplied supplied, List<Path> classPath, String heap) throws IOException {
    byte[] token = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(token);
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.process = start(supplied, classPath, heap, server.getLocalPort());
      this.reader = new Thread(this::keepPrinted, "sardonyx-isolated-output");
      reader.setDaemon(true);
      reader.start();
      process.getOutputStream().write(token);
      process.getOutputStream().close();
      this.socket = accept(server, token);
      this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
      this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
    }
  }

  private static Process start(
      IsolatedBackend.Supplied supplied, List<Path> classPath, String heap, int port)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + heap);
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:-CreateCoredumpOnCrash");
    command.add("-XX:+ErrorFileToStdout");
    command.add("--enable-native-access=ALL-UNNAMED");
    for (String name : new TreeSet<>(System.getProperties().stringPropertyNames())) {
      if (name.equals("sardonyx.cache") || name.startsWith("onnxruntime.native.")) {
        command.add("-D" + name + "=" + System.getProperty(name));
      }
    }
    command.add(ChildMain.class.getName());
    command.add(Integer.toString(port));
    command.add(supplied.className());
    if (supplied.argument() != null) {
      command.add(supplied.argument());
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // A long class path could exceed the command line's length limit.
    List<String> all = new ArrayList<>();
    classPath.forEach(path -> all.add(path.toAbsolutePath().toString()));
    all.add(System.getProperty("java.class.path"));
    builder.environment().put("CLASSPATH", String.join(File.pathSeparator, all));
    return builder.start();
  }

  /** Accepts the connection of the process, which alone on this machine knows the token. */
  private Socket accept(ServerSocket server, byte[] token) throws IOException {
    server.setSoTimeout(100);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS);
    while (process.isAlive() && System.nanoTime() < end) {
      try {
        Socket candidate = server.accept();
        candidate.setTcpNoDelay(true);
        candidate.setSoTimeout(START_MILLIS);
        byte[] said = candidate.getInputStream().readNBytes(TOKEN_BYTES);
        if (MessageDigest.isEqual(token, said)) {
          return candidate;
        }
        candidate.close();
      } catch (SocketTimeoutException e) {
        // Try again while the process starts.
      }
    }
    process.destroyForcibly();
    throw new IOException("the process did not start: " + lastPrinted());
  }

  private void keepPrinted() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), Charset.defaultCharset()))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (printed) {
          printed.addLast(line);
          if (printed.size() > KEPT_LINES && !printed.getFirst().startsWith("#")) {
            printed.removeFirst();
          }
          while (printed.size() > 2 * KEPT_LINES) {
            printed.removeLast();
          }
        }
      }
    } catch (IOException e) {
      // The process has ended.
    }
  }

  private List<String> printed() {
    synchronized (printed) {
      return List.copyOf(printed);
    }
  }

  private String lastPrinted() {
    List<String> lines = printed();
    return lines.isEmpty() ? "it printed nothing" : lines.get(lines.size() - 1);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  DataOutputStream out() {
    return out;
  }

  DataInputStream in() {
    return in;
  }

  /** How long an answer may take, in milliseconds. */
  void patience(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  /**
   * How the process ended, and in which native frame; waits for its end, which must be imminent.
   */
  IsolationException crash(String model) {
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      reader.join(1000);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return new IsolationException(
          IsolationException.Kind.CRASH, model, "", "The process of model '" + model + "' ended");
    }
    String frame = frame();
    boolean memory =
        printed().stream().anyMatch(Child::tellsOfMemory) || process.exitValue() == 128 + 9;
    return new IsolationException(
        memory ? IsolationException.Kind.OUT_OF_MEMORY : IsolationException.Kind.CRASH,
        model,
        frame,
        "The process of model '"
            + model
            + "' ended with status "
            + process.exitValue()
            + (frame.isEmpty() ? "" : " in " + frame));
  }

  /** By the JVM itself, or by an error that nothing caught. */
  private static boolean tellsOfMemory(String line) {
    return line.contains("insufficient memory") || line.contains("java.lang.OutOfMemoryError");
  }

  private String frame() {
    List<String> lines = printed();
    for (int i = 0; i + 1 < lines.size(); i++) {
      Matcher frame = FRAME.matcher(lines.get(i + 1));
      if (lines.get(i).startsWith("# Problematic frame") && frame.matches()) {
        return frame.group(1).strip();
      }
    }
    return "";
  }

  /** Ends the process. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      socket.close();
    } catch (IOException e) {
      // The process is gone anyway.
    }
  }
}
