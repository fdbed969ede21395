package dev.sardonyx.samples;

import dev.sardonyx.ir.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx man}: the commands' help as pages for man. */
@Command(
    name = "man",
    description = {
      "Writes the pages that 'man sardonyx' and 'man sardonyx-verify' show, one for each command.",
      "Exit status: 0 written, 1 failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class ManCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FOLDER",
      description = "Where to, such as ~/.local/share/man/man1. It is made if it is not there.")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
    Files.createDirectories(folder);
    int pages = write(Sardonyx.commandLine());
    Console.of(spec).result("%s: %s", folder, Count.of(pages, "page"));
    return 0;
  }

  /** Writes the pages of a command and those below it, and tells how many. */
  private int write(CommandLine command) throws IOException {
    CommandSpec page = command.getCommandSpec();
    AtomicFile.write(
        folder.resolve(ManPage.name(page) + ".1"),
        ManPage.of(page).getBytes(StandardCharsets.US_ASCII));
    int pages = 1;
    for (CommandLine sub : command.getSubcommands().values()) {
      pages += write(sub);
    }
    return pages;
  }
}
