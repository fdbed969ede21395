package dev.sardonyx.samples;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import dev.sardonyx.export.ExternalData;
import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The files that commands write. */
final class OutputFiles {
  /** JSON has no NaN or infinity; they are written as strings. */
  private static final JsonSerializer<Number> NUMBER =
      (number, type, context) ->
          Double.isFinite(number.doubleValue())
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
          .registerTypeAdapter(Float.class, NUMBER)
          .registerTypeHierarchyAdapter(Path.class, PATH)
          .create();

  /** Writes what is undefined as null; other nulls are left out. */
  static final class WrittenNull extends TypeAdapter<Double> {
    @Override
    public void write(JsonWriter out, @Nullable Double value) throws IOException {
      boolean others = out.getSerializeNulls();
      out.setSerializeNulls(true);
      out.value(value);
      out.setSerializeNulls(others);
    }

    @Override
    public Double read(JsonReader in) {
      throw new UnsupportedOperationException("only written");
    }
  }

  private OutputFiles() {}

  /**
   * Makes sure that a file to be written is not one that the command reads or also writes.
   *
   * @param option the option, or the label of the parameter, that names the file
   * @throws ParameterException naming the option and the file if it is
   */
  static void requireOther(CommandSpec command, String option, Path file, Collection<Path> others)
      throws IOException {
    if (StandardStreams.isMeant(file)) {
      return;
    }
    for (Path other : others) {
      String needed = "";
      if (AtomicFile.isSame(file, other)) {
        needed = "'%s', which this command needs".formatted(other);
      } else if (holdsTensorsOf(other, file)) {
        needed = "tensors of '%s'".formatted(other);
      }
      if (!needed.isEmpty()) {
        throw new ParameterException(
            command.commandLine(),
            "Invalid value for %s '%s': '%s' would overwrite %s"
                .formatted(option.startsWith("-") ? "option" : "parameter", option, file, needed));
      }
    }
  }

  /** Whether a file is there in which tensors of a model lie, if the other is a model. */
  private static boolean holdsTensorsOf(Path model, Path file) {
    if (!Files.isRegularFile(file) || !Files.isRegularFile(model)) {
      return false;
    }
    try {
      for (Path data : ExternalData.filesOf(model)) {
        if (AtomicFile.isSame(file, data)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false; // Whoever reads the model says what is wrong.
    }
  }

  /**
   * Makes sure that a file can be written later, and that this harms no other; takes standard
   * output for it if that is meant.
   *
   * @param option the option, or the label of the parameter, that names the file
   * @param others files that the command reads or writes
   * @throws ParameterException if it is one of the others
   * @throws IOException naming the file if it cannot be written
   */
  static void requireWritable(
      CommandSpec command, String option, Path file, Collection<Path> others) throws IOException {
    if (StandardStreams.isMeant(file)) {
      StandardStreams.of(command).take(command, option, true);
      return;
    }
    requireOther(command, option, file, others);
    AtomicFile.requireWritable(file);
  }

  /**
   * Makes sure that an ONNX model can be written into a file later, and that this harms no other.
   *
   * @param parameter the option, or the label of the parameter, that names the file
   * @param read files that the command reads
   * @throws ParameterException if it is one of them, or has the name of another kind of model
   * @throws IOException as {@link #requireModelFile} does
   */
  static void requireModel(CommandSpec command, String parameter, Path file, Collection<Path> read)
      throws IOException {
    if (StandardStreams.isMeant(file)) {
      StandardStreams.of(command).take(command, parameter, false);
      return;
    }
    if (Files.exists(file)) {
      requireOther(command, parameter, file, read);
    }
    SourceKind.requireOnnx(command, parameter, file);
    requireModelFile(file);
  }

  /**
   * Makes sure that a model can be written into a file later.
   *
   * @throws IOException naming the file if it cannot, or could not be read again afterwards
   */
  static void requireModelFile(Path file) throws IOException {
    if (StandardStreams.isMeant(file) || AtomicFile.isStream(file)) {
      throw new FileSystemException(
          file.toString(),
          null,
          "is a device, a pipe or standard output, but the model is read again from there; name a"
              + " file");
    }
    AtomicFile.requireWritable(file);
  }

  /**
   * Writes a tree of maps, lists, records, numbers and strings. The file appears whole or not at
   * all.
   */
  static void writeJson(Path file, Object content) throws IOException {
    String text = Printable.lines(GSON.toJson(content)) + "\n";
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes all bytes of a file, which appears whole or not at all, or of standard output. */
  static void write(Path file, byte[] bytes) throws IOException {
    if (StandardStreams.isMeant(file)) {
      System.out.write(bytes);
      System.out.flush();
    } else {
      AtomicFile.write(file, bytes);
    }
  }
}
