package dev.sardonyx.samples;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The repository's Markdown files. */
final class Documents {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** Folders beside the root's own files that have documents; others may lie there by chance. */
  private static final Set<String> FOLDERS =
      Set.of("ir", "export", "training", "runtime", "samples", ".github");

  /** Folders below them without documents. */
  private static final Set<String> SKIPPED = Set.of("target", "src");

  private Documents() {}

  /**
   * A piece of a document.
   *
   * @param file where it stands
   * @param line its first line, from 1
   * @param text the lines, without the indentation or the fence that make them code
   */
  record Piece(Path file, int line, String text) {
    @Override
    public String toString() {
      return ROOT.relativize(file) + ":" + line + ": " + text;
    }
  }

  /** All Markdown files, in alphabetical order. */
  static List<Path> all() throws IOException {
    Set<Path> found = new TreeSet<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            boolean isOurs =
                folder.equals(ROOT)
                    || (ROOT.equals(folder.getParent())
                        ? FOLDERS.contains(name)
                        : !SKIPPED.contains(name));
            return isOurs ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".md")) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return List.copyOf(found);
  }

  /** Blocks between fences of a language. */
  static List<Piece> fenced(Path file, String language) throws IOException {
    String text = Files.readString(file);
    List<Piece> blocks = new ArrayList<>();
    Matcher fence = Pattern.compile("(?ms)^```" + language + "\n(.*?)^```$").matcher(text);
    while (fence.find()) {
      blocks.add(new Piece(file, lineOf(text, fence.start(1)), fence.group(1)));
    }
    return blocks;
  }

  /**
   * The lines that are indented as code, outside of lists: commands. One that ends with a backslash
   * goes on in the next.
   */
  static List<Piece> commands(Path file) throws IOException {
    List<Piece> commands = new ArrayList<>();
    List<String> lines = prose(file);
    for (int i = 0; i < lines.size(); i++) {
      int first = i;
      if (lines.get(i).startsWith("    ") && !lines.get(i).isBlank()) {
        StringBuilder command = new StringBuilder(lines.get(i).strip());
        while (command.charAt(command.length() - 1) == '\\') {
          i++;
          command.setLength(command.length() - 1);
          command.append(lines.get(i).strip());
        }
        commands.add(new Piece(file, first + 1, command.toString()));
      }
    }
    return commands;
  }

  /** The lines, those between fences being empty. */
  static List<String> prose(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    boolean inFence = false;
    for (String line : Files.readAllLines(file)) {
      boolean isFence = line.startsWith("```");
      lines.add(inFence || isFence ? "" : line);
      inFence ^= isFence;
    }
    return lines;
  }

  static int lineOf(String text, int place) {
    return (int) text.substring(0, place).lines().count() + 1;
  }
}
