package dev.sardonyx.samples;

import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.samples.report.FactList;
import dev.sardonyx.samples.report.ReportSection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Where and how a command ran: what a reader of its report needs to do it again. */
final class RunEnvironment {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  private RunEnvironment() {}

  /**
   * The versions, the machine, the command line, the date, and which files they were.
   *
   * @param files that were read or made, such as models
   */
  static ReportSection section(CommandSpec command, Collection<Path> files) throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Command", commandLine(command));
    facts.put(
        "Date",
        ZonedDateTime.now(ZoneId.systemDefault())
            .truncatedTo(ChronoUnit.SECONDS)
            .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
    facts.put("Sardonyx", BuildVersions.sardonyx());
    facts.put("ONNX Runtime", InferenceSession.runtimeVersion());
    facts.put("DL4J", BuildVersions.dl4j());
    facts.put(
        "Java",
        Runtime.version() + ", " + property("java.vm.name") + ", " + property("java.vendor"));
    facts.put(
        "System", property("os.name") + " " + property("os.version") + ", " + property("os.arch"));
    facts.put("Processor", processor());
    facts.put("Heap of Java", "at most " + Sizes.bytes(Runtime.getRuntime().maxMemory()));
    for (Path file : files) {
      facts.put(StandardStreams.input(file), identity(command, file));
    }
    return ReportSection.of("Environment", new FactList(facts));
  }

  private static String property(String name) {
    return System.getProperty(name, "");
  }

  /** As it was typed, words with blanks in quotes. */
  private static String commandLine(CommandSpec command) {
    Stream<String> typed = command.root().commandLine().getParseResult().originalArgs().stream();
    return Stream.concat(Stream.of("sardonyx"), typed)
        .map(word -> word.matches("[^\\s'\"]+") ? word : "'" + word.replace("'", "'\\''") + "'")
        .collect(Collectors.joining(" "));
  }

  private static String processor() {
    String name = processorName().orElse("");
    return (name.isEmpty() ? "" : name + ", ")
        + Count.of(Runtime.getRuntime().availableProcessors(), "thread");
  }

  /** What Linux and Windows call it. */
  private static Optional<String> processorName() {
    try (Stream<String> lines = Files.lines(PROCESSORS, StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.ofNullable(windowsName());
    }
  }

  private static @Nullable String windowsName() {
    return System.getenv("PROCESSOR_IDENTIFIER");
  }

  /** Its size and hash, by which it is known again. */
  private static String identity(CommandSpec command, Path file) throws IOException {
    if (StandardStreams.isMeant(file)) {
      return Sizes.bytes(ModelArgument.size(command, file));
    }
    if (StandardStreams.isMeant(file) || !Files.isRegularFile(file)) {
      return "no regular file, so that it cannot be read again";
    }
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256())) {
      long size = in.transferTo(OutputStream.nullOutputStream());
      String hash = HexFormat.of().formatHex(((DigestInputStream) in).getMessageDigest().digest());
      return Sizes.bytes(size) + ", SHA-256 " + hash;
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }
}
