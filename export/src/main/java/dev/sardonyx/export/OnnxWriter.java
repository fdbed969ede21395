package dev.sardonyx.export;

import com.google.protobuf.CodedOutputStream;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes the IR as ONNX files. A model that was read and not changed comes out as it was, unknown
 * fields and storage forms included; what was changed replaces what the file said of it.
 *
 * <p>Writing is atomic: a new file is complete on the disk before it takes the place of an old one
 * of the same name, so that an interrupted export leaves the old file whole.
 */
public final class OnnxWriter {
  private OnnxWriter() {}

  /**
   * Writes a model file, its tensors where they were read from, or else embedded.
   *
   * @throws IOException if the file cannot be written
   * @throws UnsupportedModelException if the model cannot be held by one protobuf message
   */
  public static void write(Model model, Path file) throws IOException {
    write(model, file, ExternalData.asRead());
  }

  /**
   * Writes a model file, with its tensor data where {@code externalData} says.
   *
   * <p>A data file beside the model is complete before the model that refers to it appears, under a
   * name that no file has yet ({@code MODEL.data}, {@code MODEL.1.data}, ...), so that an
   * interrupted export harms no older pair; the data file of the model that is replaced is then
   * removed.
   */
  public static void write(Model model, Path file, ExternalData externalData) throws IOException {
    if (externalData.mode() == ExternalData.Mode.BESIDE) {
      DataFile.writePair(model, file, externalData);
      return;
    }
    boolean keep = externalData.mode() == ExternalData.Mode.AS_READ;
    Path folder = keep ? file.toAbsolutePath().getParent() : null;
    writeMessage(message(model, folder), file);
  }

  /**
   * The model as the bytes of a file without external data.
   *
   * @throws UnsupportedModelException if it exceeds 2 GiB
   */
  public static byte[] toBytes(Model model) {
    return message(model, null).toByteArray();
  }

  /** The model as the bytes of a file for a folder; tensors read from that folder stay there. */
  public static byte[] toBytes(Model model, Path folder) {
    return message(model, folder).toByteArray();
  }

  private static ModelProto message(Model model, @Nullable Path folder) {
    TensorWriter.Placement placement =
        (source, initializer, message) ->
            folder != null && ExternalFiles.isKept(source, message, folder);
    return checked(new ModelWriter(new TensorWriter(placement)).write(model));
  }

  static ModelProto checked(ModelProto message) {
    int size = message.getSerializedSize();
    // Sizes are ints, which overflow.
    if (size < 0) {
      throw TensorWriter.tooLarge("in all");
    }
    return message;
  }

  static void writeMessage(ModelProto message, Path file) throws IOException {
    try (AtomicFile target = AtomicFile.create(file)) {
      writeMessage(message, target);
      target.commit();
    }
  }

  static void writeMessage(ModelProto message, AtomicFile target) throws IOException {
    CodedOutputStream out =
        CodedOutputStream.newInstance(new ChannelStream(target.channel()), 1 << 16);
    message.writeTo(out);
    out.flush();
  }
}
