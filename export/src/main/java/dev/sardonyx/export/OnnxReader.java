package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Reads ONNX files into the IR.
 *
 * <p>Everything in a file is kept: what the IR cannot represent is kept with the nearest element,
 * and {@link OnnxWriter} writes the same model again. Tensor bytes are views of the files, not
 * copies: large model files and external data files are mapped into memory, so that weights take no
 * heap and are read from the disk when they are first used. Files may be deleted or replaced (as
 * {@link OnnxWriter} does) while the model is in use, but not overwritten in place.
 *
 * <p>Reading does not check that the model is valid; broken files are refused with an {@link
 * OnnxFormatException}.
 */
public final class OnnxReader {
  /** The largest array size that every JVM supports. */
  static final int LARGEST = Integer.MAX_VALUE - 8;

  private static final int MOST_READS = 10;

  /** Smaller files are copied into the heap, which costs less than a mapping. */
  private static final int SMALLEST_MAPPED = 1 << 20;

  /** The identifier of a FlatBuffers file, at byte 4. */
  private static final ByteString ORT_FORMAT = ByteString.copyFromUtf8("ORTM");

  private OnnxReader() {}

  /**
   * Reads a model file; external data is looked for in the file's folder; if the file is a symbolic
   * link, in the folder of the file that it leads to.
   *
   * @throws OnnxFormatException if the file is not an ONNX model, or contradicts itself
   * @throws IOException if it cannot be read
   */
  public static Model read(Path file) throws IOException {
    return read(file, Limits.standard());
  }

  /** Reads a model file within limits: a file with more bytes or objects is refused. */
  public static Model read(Path file, Limits limits) throws IOException {
    for (int reads = 1; ; reads++) {
      requireFile(file);
      FileIdentity before = FileIdentity.of(file);
      try {
        return read(file, new ExternalFiles(file.toString(), folder(file)), limits);
      } catch (OnnxFormatException e) {
        // An export may just have replaced the model and removed the old one's data.
        boolean replaced = Files.isRegularFile(file) && !before.equals(FileIdentity.of(file));
        if (!replaced || reads == MOST_READS) {
          throw e;
        }
      }
    }
  }

  /**
   * Reads a model file alone: tensors in external data files have types, but no elements ({@link
   * dev.sardonyx.ir.Tensor#isReadable}), and the files need not be there. Such a model can be
   * inspected, checked and have its types inferred as far as no element is needed, but it can be
   * neither written nor run.
   *
   * @throws OnnxFormatException if the file is not an ONNX model, or contradicts itself
   * @throws IOException if it cannot be read
   */
  public static Model readWithoutWeights(Path file) throws IOException {
    return read(file, ExternalFiles.unopened(file.toString()), Limits.standard());
  }

  private static Model read(Path file, ExternalFiles externals, Limits limits) throws IOException {
    return read(file, file.toString(), externals, limits);
  }

  /** Reads a file that messages call by a name. */
  private static Model read(Path file, String name, ExternalFiles externals, Limits limits)
      throws IOException {
    LeftOut leftOut = LeftOut.ofLarge();
    ByteString bytes = bytes(file, name, limits, leftOut);
    return read(bytes, new TensorReader(name, externals, leftOut), limits);
  }

  /**
   * The folder of the file, or of the file that a symbolic link leads to; the writer uses it too.
   */
  private static @Nullable Path folder(Path file) {
    try {
      return file.toRealPath().getParent();
    } catch (IOException noPlace) {
      // For example a pipe.
      return file.toAbsolutePath().getParent();
    }
  }

  /**
   * Reads a model from bytes, which must not change afterwards.
   *
   * @param folder where external data lies
   */
  public static Model read(byte[] model, Path folder) throws OnnxFormatException {
    return readBytes(model, "the model", folder, Limits.standard());
  }

  /** Reads a model without external data from bytes, which must not change afterwards. */
  public static Model read(byte[] model) throws OnnxFormatException {
    return read(model, Limits.standard());
  }

  /** Reads a model without external data from bytes, within limits. */
  public static Model read(byte[] model, Limits limits) throws OnnxFormatException {
    return readBytes(model, "the model", null, limits);
  }

  /**
   * Reads a model without external data that is a resource on the class path.
   *
   * @param beside the class whose package the resource lies in
   * @param name the resource's name, from that package, or with a slash from the root
   * @throws FileNotFoundException if there is no such resource
   */
  public static Model readResource(Class<?> beside, String name) throws IOException {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(
            "There is no resource '" + name + "' beside " + beside.getName());
      }
      String label = "the resource '" + name + "'";
      return readBytes(in.readAllBytes(), label, null, Limits.standard());
    }
  }

  /** Reads a model without external data to the end of a stream, which stays open. */
  public static Model read(InputStream model) throws IOException {
    return read(model, "the model", Limits.standard());
  }

  /**
   * Reads a model without external data to the end of a stream, which stays open, within limits. A
   * large one goes through a temporary file, so that its weights take no heap.
   *
   * @param name how errors call it
   */
  public static Model read(InputStream model, String name, Limits limits) throws IOException {
    return SpooledModel.read(
        model, name, file -> read(file, name, new ExternalFiles(name, null), limits));
  }

  /**
   * The same without the elements of tensors that lie in external data files, as {@link
   * #readWithoutWeights(Path)} does.
   */
  public static Model readWithoutWeights(InputStream model, String name) throws IOException {
    return SpooledModel.read(
        model, name, file -> read(file, name, ExternalFiles.unopened(name), Limits.standard()));
  }

  private static Model readBytes(byte[] bytes, String label, @Nullable Path folder, Limits limits)
      throws OnnxFormatException {
    TensorReader tensors =
        new TensorReader(label, new ExternalFiles(label, folder), LeftOut.nothing());
    return read(UnsafeByteOperations.unsafeWrap(bytes), tensors, limits);
  }

  private static Model read(ByteString bytes, TensorReader tensors, Limits limits)
      throws OnnxFormatException {
    String file = tensors.file();
    if (bytes.size() >= 8 && bytes.substring(4, 8).equals(ORT_FORMAT)) {
      throw new OnnxFormatException(
          file,
          "is in the .ort format, which ONNX Runtime made of an ONNX model for itself alone; read"
              + " that ONNX model");
    }
    MessageCount.require(bytes, ModelProto.getDescriptor(), limits, file);
    return new ModelReader(file, tensors).read(parse(bytes, file));
  }

  private static void requireFile(Path file) throws IOException {
    try {
      if (Files.readAttributes(file, BasicFileAttributes.class).isDirectory()) {
        throw new FileSystemException(file.toString(), null, "is a folder, not a file");
      }
    } catch (NoSuchFileException e) {
      throw new NoSuchFileException(file.toString(), null, "does not exist");
    } catch (AccessDeniedException e) {
      throw new AccessDeniedException(file.toString(), null, "permission denied");
    }
  }

  static ByteString bytes(Path file) throws IOException {
    return bytes(file, file.toString(), size(file), Limits.standard());
  }

  /** The bytes of a model's file, without large tensors that can stay in the mapped file. */
  private static ByteString bytes(Path file, String name, Limits limits, LeftOut leftOut)
      throws IOException {
    long size = size(file);
    if (size < SMALLEST_MAPPED || !file.getFileSystem().equals(FileSystems.getDefault())) {
      return bytes(file, name, size, limits);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      return inHeap(name, () -> leftOut.leaveOut(mapped, limits));
    } catch (TensorRewrite.Unreadable e) {
      // The parser reports what is wrong with the file.
      return bytes(file, name, size, limits);
    }
  }

  private static ByteString bytes(Path file, String name, long size, Limits limits)
      throws IOException {
    return inHeap(
        name,
        () -> {
          limits.requireBytes(size, "Reading the file");
          return UnsafeByteOperations.unsafeWrap(Files.readAllBytes(file));
        });
  }

  private interface Bytes {
    ByteString get() throws IOException;
  }

  private static ByteString inHeap(String name, Bytes bytes) throws IOException {
    try {
      return bytes.get();
    } catch (LimitExceededException e) {
      throw new OnnxFormatException(name, "is refused. " + e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      throw new OnnxFormatException(
          name, "has more bytes than the Java heap has room for (see -Xmx)");
    }
  }

  private static long size(Path file) throws IOException {
    requireFile(file);
    long size = Files.size(file);
    if (size > LARGEST) {
      throw new OnnxFormatException(
          file.toString(),
          "has "
              + size
              + " bytes; an ONNX file has less than 2 GiB, and keeps larger tensors in external"
              + " data files");
    }
    return size;
  }

  private static ModelProto parse(ByteString bytes, String file) throws OnnxFormatException {
    if (bytes.isEmpty()) {
      throw new OnnxFormatException(file, "is empty");
    }
    try {
      CodedInputStream in = bytes.newCodedInput();
      in.enableAliasing(true);
      return ModelProto.parseFrom(in);
    } catch (InvalidProtocolBufferException e) {
      throw new OnnxFormatException(file, "is not an ONNX model: " + Broken.reason(e), e);
    } catch (IOException e) {
      throw new OnnxFormatException(file, "cannot be read: " + e.getMessage(), e);
    }
  }
}
