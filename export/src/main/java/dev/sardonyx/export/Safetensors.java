package dev.sardonyx.export;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementCodec;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import dev.sardonyx.ir.file.AtomicFile;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Named tensors in the <a href="https://huggingface.co/docs/safetensors">safetensors</a> format, in
 * which PyTorch models are shared. Files are mapped, not copied, when they are read.
 *
 * <pre>{@code
 * Model tuned = Safetensors.read(Path.of("tuned.safetensors")).into(model).model();
 * Safetensors.of(tuned).write(Path.of("copy.safetensors"));
 * }</pre>
 *
 * @param tensors by name
 * @param metadata strings about the file as a whole, such as {@code format}
 */
public record Safetensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
  private static final int LENGTH_BYTES = 8;

  /** The largest header that the format allows. */
  private static final long LONGEST_HEADER = 100_000_000;

  private static final int PIECE = 1 << 26;

  /** Elements that are widened at once. */
  private static final int WIDENED = 1 << 20;

  public Safetensors {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /** The dense initializers of a model's main graph. */
  public static Safetensors of(Model model) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Constant constant : model.graph().constants()) {
      if (constant.data() instanceof Tensor tensor) {
        tensors.put(constant.name(), tensor);
      }
    }
    return new Safetensors(tensors, Map.of());
  }

  /**
   * Reads a file, or with {@code *.safetensors.index.json} all the files that it names, which must
   * be regular files in its folder or below it, not links. Tensors are mapped: their bytes are read
   * only when they are used.
   *
   * @throws SafetensorsException if the file is not in this format
   * @throws IOException if it cannot be read
   */
  public static Safetensors read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "is a folder, not a safetensors file");
    }
    return file.toString().endsWith(".json")
        ? readIndexed(file)
        : read(MappedFile.open(file.toRealPath()), file.toString());
  }

  private static Safetensors read(MappedFile mapped, String file) throws IOException {
    if (mapped.size() < LENGTH_BYTES) {
      throw new SafetensorsException(
          file, "it has " + mapped.size() + " bytes, less than a header");
    }
    long length = mapped.slice(0, LENGTH_BYTES).slice(0, LENGTH_BYTES).getLong(0);
    if (length < 0 || length > LONGEST_HEADER || length > mapped.size() - LENGTH_BYTES) {
      throw new SafetensorsException(
          file,
          "its header is to have %s bytes, but it has %d in all; this is no safetensors file"
              .formatted(Long.toUnsignedString(length), mapped.size()));
    }
    long start = LENGTH_BYTES + length;
    ByteBuffer bytes = mapped.slice(LENGTH_BYTES, length).slice(0, (int) length);
    SafetensorsHeader header =
        SafetensorsHeader.parse(file, text(file, bytes), mapped.size() - start);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    header
        .entries()
        .forEach(
            (name, entry) -> {
              TensorSource source =
                  mapped.slice(start + entry.begin(), entry.end() - entry.begin());
              tensors.put(name, Tensor.of(entry.type(), entry.dims(), source).withName(name));
            });
    return new Safetensors(tensors, header.metadata());
  }

  private static String text(String file, ByteBuffer bytes) throws SafetensorsException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new SafetensorsException(file, "its header is not UTF-8", e);
    }
  }

  private static Safetensors readIndexed(Path index) throws IOException {
    Map<String, String> files = weightMap(index);
    ExternalFiles beside = new ExternalFiles(index.toString(), index.toAbsolutePath().getParent());
    Map<String, Safetensors> read = new TreeMap<>();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, String> each : files.entrySet()) {
      String name = each.getValue();
      if (!read.containsKey(name)) {
        read.put(name, read(beside.file(name, "tensor " + each.getKey()), name));
      }
      Tensor tensor = read.get(name).tensors().get(each.getKey());
      if (tensor == null) {
        throw new SafetensorsException(
            index.toString(), "there is no tensor " + each.getKey() + " in '" + name + "'");
      }
      tensors.put(each.getKey(), tensor);
    }
    return new Safetensors(tensors, Map.of());
  }

  /** The file that each tensor is in, by the tensor's name. */
  private static Map<String, String> weightMap(Path index) throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    try (BufferedReader text = Files.newBufferedReader(index);
        JsonReader json = new JsonReader(text)) {
      json.beginObject();
      while (json.hasNext()) {
        if (!json.nextName().equals("weight_map")) {
          json.skipValue();
          continue;
        }
        json.beginObject();
        while (json.hasNext()) {
          files.put(json.nextName(), json.nextString());
        }
        json.endObject();
      }
      json.endObject();
      if (json.peek() != JsonToken.END_DOCUMENT || files.isEmpty()) {
        throw new SafetensorsException(index.toString(), "it has no weight_map");
      }
    } catch (IllegalStateException
        | MalformedJsonException
        | EOFException
        | CharacterCodingException e) {
      throw new SafetensorsException(index.toString(), "it is not the JSON it should be", e);
    }
    return files;
  }

  /**
   * Writes a file, completely or not at all.
   *
   * @throws IllegalArgumentException if the format lacks the element type of a tensor, which the
   *     message names
   */
  public void write(Path file) throws IOException {
    SafetensorsHeader header = SafetensorsHeader.of(tensors, metadata);
    byte[] head = header.toBytes();
    try (AtomicFile out = AtomicFile.create(file)) {
      ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      out.write(length.putLong(0, head.length).array());
      out.write(head);
      for (String name : header.entries().keySet()) {
        TensorSource source =
            Objects.requireNonNull(Objects.requireNonNull(tensors.get(name)).source());
        for (long at = 0; at < source.byteSize(); at += PIECE) {
          out.write(source.slice(at, (int) Math.min(PIECE, source.byteSize() - at)));
        }
      }
      out.commit();
    }
  }

  /**
   * A model with new weights, and which of its initializers have got them.
   *
   * @param model the model, whose initializers are replaced by the tensors of the same names
   * @param taken the names of the replaced initializers
   * @param unknown names of tensors that are not initializers of the model
   * @param untouched names of the model's initializers for which there is no tensor
   */
  public record Loaded(
      Model model, List<String> taken, List<String> unknown, List<String> untouched) {}

  /**
   * Replaces a model's initializers by the tensors of the same names. Tensors of 16-bit floats, or
   * of floats where doubles are needed, are widened, which changes no number.
   *
   * @throws IllegalArgumentException if a tensor's type or shape differs otherwise from its
   *     initializer's, or no tensor has the name of an initializer
   */
  public Loaded into(Model model) {
    List<String> taken = new ArrayList<>();
    List<String> untouched = new ArrayList<>();
    List<Constant> constants = new ArrayList<>();
    for (Constant constant : model.graph().constants()) {
      Tensor stored = tensors.get(constant.name());
      if (stored == null) {
        untouched.add(constant.name());
        constants.add(constant);
        continue;
      }
      Tensor tensor = widened(stored, constant.data().elementType());
      if (!tensor.type().equals(constant.type())) {
        throw new IllegalArgumentException(
            "Initializer "
                + constant.name()
                + " is "
                + constant.type()
                + ", but the tensor of that name is "
                + tensor.type());
      }
      taken.add(constant.name());
      constants.add(constant.withData(tensor.withName(constant.name())));
    }
    List<String> unknown = new ArrayList<>(tensors.keySet());
    unknown.removeAll(taken);
    if (taken.isEmpty()) {
      throw new IllegalArgumentException(
          "No tensor has the name of an initializer: there are tensors "
              + some(unknown)
              + " and initializers "
              + some(untouched));
    }
    Model changed = model.withGraph(model.graph().withConstants(constants));
    return new Loaded(changed, taken, unknown, untouched);
  }

  private static String some(List<String> names) {
    return names.size() <= 3 ? names.toString() : names.subList(0, 3) + " and so on";
  }

  /** The same numbers as wider floats, where that is what differs. */
  private static Tensor widened(Tensor tensor, ElementType to) {
    ElementType from = tensor.elementType();
    boolean fits =
        to == ElementType.FLOAT && from.isFloat() && from.bits() == 16
            || to == ElementType.DOUBLE && from.isFloat() && from.bits() >= 16;
    TensorSource source = tensor.source();
    if (!fits || from == to || source == null) {
      return tensor;
    }
    long bytes = to.byteSize(tensor.size());
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "A tensor " + tensor.type() + " takes more than 2 GiB as " + to);
    }
    ByteBuffer wide = Tensor.allocate(to, tensor.size());
    ElementCodec read = ElementCodec.of(from);
    ElementCodec write = ElementCodec.of(to);
    for (int at = 0; at < tensor.length(); at += WIDENED) {
      int count = Math.min(WIDENED, tensor.length() - at);
      ByteBuffer piece = source.slice(from.byteSize(at), (int) from.byteSize(count));
      for (int i = 0; i < count; i++) {
        write.putDouble(wide, at + i, read.getDouble(piece, i));
      }
    }
    return Tensor.of(to, tensor.dims(), wide);
  }
}
