package dev.sardonyx.runtime.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkFiles;

/**
 * The files of a model as they are broadcast. (Files that a Spark context adds do not reach the
 * jobs of a session that has artifacts of its own.)
 *
 * @param parts the bytes of each file, in order
 */
record SentModel(String name, Map<String, List<byte[]>> parts) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Less than an array can hold, so that weights of any size can be sent. */
  private static final int LARGEST_PART = 16 << 20;

  static SentModel of(String name, List<Path> files) throws IOException {
    Map<String, List<byte[]>> parts = new LinkedHashMap<>();
    for (Path file : files) {
      List<byte[]> of = new ArrayList<>();
      try (InputStream in = Files.newInputStream(file)) {
        for (byte[] part = in.readNBytes(LARGEST_PART); part.length > 0; ) {
          of.add(part);
          part = in.readNBytes(LARGEST_PART);
        }
      }
      parts.put(file.getFileName().toString(), of);
    }
    return new SentModel(name, parts);
  }

  /** Writes the files into a folder of this process, once. */
  Path unpacked() throws IOException {
    synchronized (SentModel.class) {
      // Spark removes it with whatever else the application leaves.
      Path folder = Path.of(SparkFiles.getRootDirectory()).resolve(name);
      if (!Files.isDirectory(folder)) {
        Path unfinished = Files.createTempDirectory(folder.toAbsolutePath().getParent(), name);
        for (Map.Entry<String, List<byte[]>> file : parts.entrySet()) {
          try (OutputStream out = Files.newOutputStream(unfinished.resolve(file.getKey()))) {
            for (byte[] part : file.getValue()) {
              out.write(part);
            }
          }
        }
        Files.move(unfinished, folder);
      }
      return folder;
    }
  }
}
