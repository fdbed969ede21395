package dev.sardonyx.runtime.spark;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkFiles;

/**
 * The files of a model as they are broadcast. They are read from files when they are sent and
 * become files where they arrive, so that no process holds the weights as objects. (Files that a
 * Spark context adds do not reach the jobs of a session that has artifacts of its own.)
 */
@DefaultSerializer(JavaSerializer.class) // of Kryo, if that is what spark.serializer is
final class SentModel implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int BUFFER = 1 << 16;

  private final String name;
  private transient Path folder;
  private transient List<Path> files;

  /**
   * @param name that no other model has
   * @param folder of the files in this process
   */
  SentModel(String name, Path folder, List<Path> files) {
    this.name = name;
    this.folder = folder;
    this.files = List.copyOf(files);
  }

  String name() {
    return name;
  }

  /** Where the files are in this process. */
  Path folder() {
    return folder;
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
    out.writeInt(files.size());
    for (Path file : files) {
      out.writeUTF(file.getFileName().toString());
      out.writeLong(Files.size(file));
      Files.copy(file, out);
    }
  }

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    synchronized (SentModel.class) {
      // Spark removes it with whatever else the application leaves.
      Path root = Path.of(SparkFiles.getRootDirectory()).toAbsolutePath();
      folder = root.resolve(name);
      boolean isThere = Files.isDirectory(folder);
      Path unfinished = isThere ? folder : Files.createTempDirectory(root, name);
      List<Path> read = new ArrayList<>();
      for (int count = in.readInt(); count > 0; count--) {
        String file = in.readUTF();
        long size = in.readLong();
        if (isThere) {
          copy(in, OutputStream.nullOutputStream(), size);
        } else {
          try (OutputStream out = Files.newOutputStream(unfinished.resolve(file))) {
            copy(in, out, size);
          }
        }
        read.add(folder.resolve(file));
      }
      if (!isThere) {
        Files.move(unfinished, folder);
      }
      files = List.copyOf(read);
    }
  }

  private static void copy(InputStream in, OutputStream out, long size) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (long left = size; left > 0; ) {
      int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (read < 0) {
        throw new EOFException("The model ends " + left + " bytes too soon");
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }
}
