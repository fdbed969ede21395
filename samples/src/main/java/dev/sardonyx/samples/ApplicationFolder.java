package dev.sardonyx.samples;

import dev.sardonyx.ir.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Called when the application folder is packaged: writes the pages for man and the completions of
 * shells into its {@code share}, and uses the classes that the archive beside the jars shall hold.
 */
final class ApplicationFolder {
  private ApplicationFolder() {}

  /**
   * @param args the folder {@code share}, and a model to look at
   */
  public static void main(String[] args) throws IOException {
    Path share = Path.of(args[0]);
    run("inspect", args[1]);
    run("man", share.resolve("man/man1").toString());
    write(share.resolve("bash-completion/completions/sardonyx"), CompletionCommand.Shell.BASH);
    write(share.resolve("zsh/site-functions/_sardonyx"), CompletionCommand.Shell.ZSH);
    write(share.resolve("fish/vendor_completions.d/sardonyx.fish"), CompletionCommand.Shell.FISH);
  }

  private static void run(String... arguments) {
    int status = Sardonyx.run(Sardonyx.commandLine(arguments), arguments);
    if (status != 0) {
      throw new IllegalStateException(String.join(" ", arguments) + " ended with " + status);
    }
  }

  private static void write(Path file, CompletionCommand.Shell shell) throws IOException {
    Files.createDirectories(file.resolve("..").normalize());
    AtomicFile.write(file, CompletionCommand.script(shell).getBytes(StandardCharsets.UTF_8));
  }
}
