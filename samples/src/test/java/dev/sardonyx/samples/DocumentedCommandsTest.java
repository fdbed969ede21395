package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.samples.Documents.Piece;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Every call of {@code sardonyx} in a Markdown file is made, from its text there, in a folder that
 * has the files it names ({@link DocumentedFiles}). Those that take minutes as they stand are made
 * smaller by further options, or are only parsed, for a reason that stands here.
 */
final class DocumentedCommandsTest {
  /**
   * Calls that are not made, by their beginning, each with its reason and the test that makes it.
   */
  private static final Map<String, String> ONLY_PARSED =
      Map.of(
          "zoo LeNet Xception", "takes minutes: ZooCommandTest",
          "conformance --backend ort --accelerator cuda", "wants a GPU: CudaTest");

  /** What makes calls small, by their beginning: of two equal options, the last one counts. */
  private static final Map<String, String> FURTHER = new LinkedHashMap<>();

  static {
    FURTHER.put(
        "mnist --epochs 20 --checkpoint run1 --resume",
        " --limit 32 --epochs 2 --data path/to/mnist");
    FURTHER.put("mnist", " --limit 32 --epochs 1 --data path/to/mnist");
    FURTHER.put("depth --depths", " --depths 8 --images 32 --epochs 1 --data path/to/mnist");
    FURTHER.put("zoo", " SimpleCNN");
    FURTHER.put("serve", " --port 0");
    FURTHER.put("depth", " --depths 8 --images 32 --epochs 1 --data path/to/mnist --csv depth.csv");
    FURTHER.put("conformance generate --seed 3 --count 40", "");
    FURTHER.put("conformance generate", " --count 6");
    FURTHER.put("conformance --stage", " --filter test_convinteger");
    FURTHER.put("conformance path", "");
    FURTHER.put("conformance", " --filter test_relu");
    FURTHER.put("quantize --data", " --examples 64");
  }

  /** What ends with another status than 0: models that differ, and a target that refuses. */
  private static final Map<String, Integer> STATUS = Map.of("diff ", 1);

  @TempDir private static Path folder;

  @TestFactory
  Stream<DynamicTest> everyCallIsMade() throws IOException {
    DocumentedFiles files = DocumentedFiles.in(folder);
    List<Piece> calls = calls();
    assertTrue(calls.size() > 50, calls.toString());
    Set<Path> before = here();
    Stream<DynamicTest> made =
        calls.stream()
            .map(call -> DynamicTest.dynamicTest(call.toString(), () -> make(call.text(), files)));
    return Stream.concat(
        made,
        Stream.of(
            DynamicTest.dynamicTest(
                "nothing is left in the current folder", () -> assertEquals(before, here()))));
  }

  private static Set<Path> here() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("."))) {
      return files.collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static void make(String call, DocumentedFiles files) throws IOException {
    files.renew();
    byte[] passed = {};
    for (String part : call.split(" \\| sardonyx ", -1)) {
      String[] redirected = part.split(" > ", 2);
      passed = makeOne(redirected[0], passed, files);
      if (redirected.length == 2) {
        Files.write(Path.of(files.inFolder(redirected[1])), passed);
      }
    }
  }

  /** A call of a pipe: it is given what the one before it gave, and returns what it gives. */
  private static byte[] makeOne(String call, byte[] passed, DocumentedFiles files) {
    Sardonyx.commandLine().parseArgs(words(call).toArray(String[]::new));
    if (beginning(ONLY_PARSED, call).isPresent()) {
      return passed;
    }
    String small = call + beginning(FURTHER, call).orElse("");
    if (call.startsWith("mnist") && !call.contains("--output")) {
      small += " --output model.onnx"; // the current folder is not the tests'
    }
    if (call.equals("view model.onnx")) {
      small += " -o model.html";
    }
    Object[] words = words(small).stream().map(files::inFolder).toArray();
    if (call.startsWith("serve ")) {
      serve(passed, words);
      return passed;
    }
    return PipedRun.of(passed, words).expect(beginning(STATUS, call).orElse(0)).out();
  }

  /** Starts the server, asks whether it is ready, and ends it. */
  private static void serve(byte[] in, Object[] words) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(in));
    try {
      serve(words);
    } finally {
      System.setIn(before);
    }
  }

  private static void serve(Object[] words) {
    StringWriter out = new StringWriter();
    String[] arguments = Stream.of(words).map(Object::toString).toArray(String[]::new);
    CommandLine command = Sardonyx.commandLine().setOut(new PrintWriter(out, true));
    FutureTask<Integer> running = new FutureTask<>(() -> command.execute(arguments));
    Thread thread = new Thread(running, "serve");
    thread.start();
    assertTimeoutPreemptively(
        Duration.ofMinutes(2),
        () -> {
          while (!out.toString().contains("\n") && !running.isDone()) {
            Thread.sleep(5);
          }
          String address = out.toString().replaceFirst("(?s).* at (http:\\S+).*", "$1");
          URI ready = URI.create(address + "/v2/health/ready");
          HttpRequest request = HttpRequest.newBuilder(ready).build();
          assertEquals(
              200,
              HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode());
          thread.interrupt();
          assertEquals(0, running.get());
        },
        out::toString);
  }

  private static <T> Optional<T> beginning(Map<String, T> map, String call) {
    return map.entrySet().stream()
        .filter(entry -> call.startsWith(entry.getKey()))
        .map(entry -> entry.getValue())
        .findFirst();
  }

  private static List<String> words(String call) {
    return Pattern.compile(" +").splitAsStream(call).toList();
  }

  private static List<Piece> calls() throws IOException {
    Pattern sourced = Pattern.compile("source <?\\(sardonyx ([a-z ]+?)( \\| psub)?\\)");
    List<Piece> calls = new ArrayList<>();
    for (Path file : Documents.all()) {
      for (Piece command : Documents.commands(file)) {
        Matcher completion = sourced.matcher(command.text());
        if (completion.matches()) {
          calls.add(new Piece(file, command.line(), completion.group(1)));
        } else if (command.text().startsWith("sardonyx ")) {
          String call = command.text().substring("sardonyx ".length());
          calls.add(new Piece(file, command.line(), call));
        }
      }
    }
    return calls;
  }

  /** No exception is left over of a call that the documents no longer have. */
  @Test
  void theExceptionsAreOfCallsThatThereAre() throws IOException {
    List<String> unused =
        Stream.of(ONLY_PARSED.keySet(), FURTHER.keySet(), STATUS.keySet())
            .flatMap(beginnings -> beginnings.stream())
            .filter(beginning -> Stream.of(callTexts()).noneMatch(c -> c.startsWith(beginning)))
            .toList();
    assertEquals(List.of(), unused);
  }

  private static String[] callTexts() {
    try {
      return calls().stream().map(Piece::text).toArray(String[]::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The test itself sees what is wrong. */
  @Test
  void wrongCallsAreSeen(@TempDir Path other) throws IOException {
    DocumentedFiles files = DocumentedFiles.in(other);
    for (String wrong :
        List.of(
            "inspect --layer model.onnx",
            "inspekt model.onnx",
            "edit --from relu7_out --to flatten1_out model.onnx blocks.onnx",
            "explain SX-999")) {
      boolean isSeen = false;
      try {
        make(wrong, files);
      } catch (AssertionError | ParameterException e) {
        isSeen = true;
      }
      assertTrue(isSeen, wrong);
    }
  }
}
