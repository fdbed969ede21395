package dev.sardonyx.samples;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import dev.sardonyx.export.AtomicFile;
import dev.sardonyx.ir.Printable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The files that commands write. */
final class Outputs {
  /** JSON has no NaN or infinity; they become strings. */
  private static final JsonSerializer<Double> NUMBER =
      (number, type, context) ->
          Double.isFinite(number)
              ? new JsonPrimitive(number)
              : new JsonPrimitive(String.valueOf(number));

  private static final JsonSerializer<Path> PATH =
      (path, type, context) -> new JsonPrimitive(path.toString());

  private static final Gson GSON =
      new GsonBuilder()
          .setPrettyPrinting()
          .disableHtmlEscaping()
          .registerTypeAdapter(Double.class, NUMBER)
          .registerTypeAdapter(double.class, NUMBER)
          .registerTypeHierarchyAdapter(Path.class, PATH)
          .create();

  private Outputs() {}

  /**
   * Makes sure that a file can be written later, before much time is spent on what goes into it.
   *
   * @throws IOException naming the file if not
   */
  static void requireWritable(Path file) throws IOException {
    AtomicFile.create(file).close();
  }

  /**
   * Writes a tree of maps, lists, records, numbers and strings. The file appears whole or not at
   * all.
   */
  static void writeJson(Path file, Object content) throws IOException {
    try (AtomicFile target = AtomicFile.create(file);
        OutputStream out = Channels.newOutputStream(target.channel())) {
      out.write((Printable.lines(GSON.toJson(content)) + "\n").getBytes(StandardCharsets.UTF_8));
      target.commit();
    }
  }
}
