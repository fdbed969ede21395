package dev.sardonyx.export;

import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.proto.TensorProto.DataLocation;
import dev.sardonyx.ir.TensorSource;
import dev.sardonyx.ir.file.AtomicFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A new external data file beside a model. Each tensor's place in it is fixed when the tensor's
 * message is made.
 */
final class DataFile {
  /**
   * Tensors of at least this many bytes are aligned as the options say, smaller ones to a cache
   * line.
   */
  private static final long LARGE = 1 << 20;

  private static final int CACHE_LINE = 64;
  private static final int PIECE = 1 << 26;

  private record Part(long offset, TensorSource source) {}

  private final String name;
  private final ExternalData options;
  private final List<Part> parts = new ArrayList<>();
  private long size;

  DataFile(String name, ExternalData options) {
    this.name = name;
    this.options = options;
  }

  String name() {
    return name;
  }

  /** Adds a tensor's elements and makes its message refer to them. */
  void add(TensorSource source, TensorProto.Builder message) {
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
  }

  void writeTo(AtomicFile file) throws IOException {
    for (Part part : parts) {
      file.skipTo(part.offset);
      long length = part.source.byteSize();
      for (long at = 0; at < length; at += PIECE) {
        file.write(part.source.slice(at, (int) Math.min(PIECE, length - at)));
      }
    }
  }
}
