package dev.sardonyx.export;

import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.proto.TensorProto.DataLocation;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** A new file of tensor data beside a model, laid out as the model's message is made. */
final class DataFile implements TensorWriter.Placement {
  /** Tensors from this size on are aligned as asked for, smaller ones to a cache line. */
  private static final long LARGE = 1 << 20;

  private static final int CACHE_LINE = 64;
  private static final int PIECE = 1 << 26;

  private record Part(long offset, TensorSource source) {}

  private final String name;
  private final ExternalData options;
  private final List<Part> parts = new ArrayList<>();
  private long size;

  private DataFile(String name, ExternalData options) {
    this.name = name;
    this.options = options;
  }

  static void writePair(Model model, Path file, ExternalData options) throws IOException {
    Path target = Files.isSymbolicLink(file) ? file.toRealPath() : file.toAbsolutePath();
    DataFile data = new DataFile(freeName(target), options);
    ModelProto message = OnnxWriter.checked(new ModelWriter(new TensorWriter(data)).write(model));
    Set<Path> replaced = dataFilesOf(target);
    Path dataPath = target.resolveSibling(data.name);
    try (AtomicFile modelFile = AtomicFile.create(target);
        AtomicFile dataFile = AtomicFile.create(dataPath)) {
      data.write(dataFile);
      OnnxWriter.writeMessage(message, modelFile);
      if (!data.parts.isEmpty()) {
        dataFile.commit();
      }
      modelFile.commit();
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(dataPath);
      throw e;
    }
    for (Path old : replaced) {
      Files.deleteIfExists(old);
    }
  }

  @Override
  public boolean place(TensorSource source, boolean initializer, TensorProto.Builder message) {
    if (!initializer || source.byteSize() < options.threshold() || source.byteSize() == 0) {
      return false;
    }
    int alignment = source.byteSize() >= LARGE ? options.alignment() : CACHE_LINE;
    long offset = Math.addExact(size, alignment - 1) / alignment * alignment;
    parts.add(new Part(offset, source));
    size = Math.addExact(offset, source.byteSize());
    message
        .clearFloatData()
        .clearInt32Data()
        .clearInt64Data()
        .clearDoubleData()
        .clearUint64Data()
        .clearRawData()
        .clearExternalData()
        .setDataLocation(DataLocation.EXTERNAL)
        .addExternalData(Entries.entry("location", name))
        .addExternalData(Entries.entry("offset", Long.toString(offset)))
        .addExternalData(Entries.entry("length", Long.toString(source.byteSize())));
    return true;
  }

  private void write(AtomicFile file) throws IOException {
    ChannelStream out = new ChannelStream(file.channel());
    for (Part part : parts) {
      file.channel().position(part.offset);
      long length = part.source.byteSize();
      for (long at = 0; at < length; at += PIECE) {
        out.write(part.source.slice(at, (int) Math.min(PIECE, length - at)));
      }
    }
  }

  /** {@code MODEL.data}, or with a number if there is such a file. */
  private static String freeName(Path model) {
    String free = model.getFileName() + ".data";
    for (int i = 1; Files.exists(model.resolveSibling(free)); i++) {
      free = model.getFileName() + "." + i + ".data";
    }
    return free;
  }

  /** Data files that an earlier export made for the model that is there now. */
  private static Set<Path> dataFilesOf(Path model) {
    Set<Path> files = new LinkedHashSet<>();
    if (!Files.isRegularFile(model)) {
      return files;
    }
    Pattern ours = Pattern.compile(Pattern.quote(model.getFileName() + ".") + "([0-9]+\\.)?data");
    try {
      ModelProto old = ModelProto.parseFrom(OnnxReader.bytes(model));
      for (TensorProto tensor : old.getGraph().getInitializerList()) {
        Map<String, String> reference = Entries.read(tensor.getExternalDataList());
        String location = reference.getOrDefault("location", "");
        if (ours.matcher(location).matches()) {
          files.add(model.resolveSibling(location));
        }
      }
    } catch (IOException notAModel) {
      // It is replaced as it would be if it were not there.
      return Set.of();
    }
    return files;
  }
}
