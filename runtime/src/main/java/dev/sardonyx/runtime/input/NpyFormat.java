package dev.sardonyx.runtime.input;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.List;

/** An array that NumPy saved. The file is mapped, not read. */
final class NpyFormat implements InputFormat {
  @Override
  public List<String> endings() {
    return List.of(".npy");
  }

  @Override
  public Datum read(Path file, String entry, Input input) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new IOException(file + ": is larger than 2 GiB");
      }
      ByteBuffer bytes = channel.map(MapMode.READ_ONLY, 0, channel.size());
      return NpyArray.read(bytes, file.toString(), input);
    }
  }
}
