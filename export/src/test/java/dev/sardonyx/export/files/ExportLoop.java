package dev.sardonyx.export.files;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program that exports to one file again and again: FILE FIRST_MARK COUNT. */
public final class ExportLoop {
  private ExportLoop() {}

  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    int first = Integer.parseInt(arguments[1]);
    int count = Integer.parseInt(arguments[2]);
    System.out.println("begins");
    System.out.flush();
    for (int mark = first; mark < first + count; mark++) {
      boolean beside = mark % 4 != 0;
      OnnxWriter.write(
          Marked.model(mark), file, beside ? ExternalData.beside() : ExternalData.embedded());
    }
  }

  /** Starts it in a process of its own, which has begun to export when this returns. */
  static Process start(Path file, int first, int count) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ExportLoop.class.getName());
    command.addAll(List.of(file.toString(), Integer.toString(first), Integer.toString(count)));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    if (process.getInputStream().read() != 'b') {
      throw new IOException("The program " + command + " does not begin");
    }
    return process;
  }
}
