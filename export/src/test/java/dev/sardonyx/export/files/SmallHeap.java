package dev.sardonyx.export.files;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.pass.Passes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program that reads, checks, simplifies and writes a model: FROM TO (embedded | beside). */
public final class SmallHeap {
  private SmallHeap() {}

  public static void main(String[] arguments) throws IOException {
    Model model = Checker.require(OnnxReader.read(Path.of(arguments[0])));
    ExternalData data =
        arguments[2].equals("beside") ? ExternalData.beside() : ExternalData.embedded();
    OnnxWriter.write(Passes.simplify().apply(model).model(), Path.of(arguments[1]), data);
  }

  /**
   * Runs it in a process of its own, with a heap of so many megabytes, and gives back its errors.
   */
  static String run(int megabytes, Path from, Path to, String data)
      throws IOException, InterruptedException {
    return run(megabytes, SmallHeap.class, from.toString(), to.toString(), data);
  }

  /** Runs a program so. */
  static String run(int megabytes, Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + megabytes + "m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? "" : said;
  }
}
