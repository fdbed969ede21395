package dev.sardonyx.runtime.input;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Arrays that NumPy saved together, compressed or not. */
final class NpzFormat implements InputFormat {
  private static final String ENDING = ".npy";

  @Override
  public List<String> endings() {
    return List.of(".npz");
  }

  @Override
  public Datum read(Path file, String entry, Input input) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      List<String> names =
          Collections.list(zip.entries()).stream()
              .map(ZipEntry::getName)
              .filter(name -> name.endsWith(ENDING))
              .map(name -> name.substring(0, name.length() - ENDING.length()))
              .toList();
      String name = entry.isEmpty() ? chosen(names, input) : entry;
      if (!names.contains(name)) {
        throw new IOException(
            "%s: has no array '%s'; there are %s; say which by %s#NAME"
                .formatted(file, name, names, file.getFileName()));
      }
      String where = file + "#" + name;
      return NpyArray.read(bytes(zip, zip.getEntry(name + ENDING), where), where, input);
    } catch (ZipException e) {
      throw new IOException(file + ": is no archive of NumPy: " + e.getMessage(), e);
    }
  }

  private static String chosen(List<String> names, Input input) {
    return names.size() == 1 ? names.get(0) : input.name();
  }

  /** An entry may grow a thousand times when it is unpacked, so it is not taken at its word. */
  private static ByteBuffer bytes(ZipFile zip, ZipEntry entry, String where) throws IOException {
    // While they are read, bytes take twice their space.
    int limit = (int) Math.min(Integer.MAX_VALUE - 8, Limits.standard().bytes() / 2);
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = entry.getSize() > limit ? new byte[0] : in.readNBytes(limit);
      if (entry.getSize() > limit || (bytes.length == limit && in.read() >= 0)) {
        throw new IOException(
            "%s: is larger than the %,d bytes that are taken; a .npy file is not read into memory"
                .formatted(where, limit));
      }
      return ByteBuffer.wrap(bytes);
    }
  }
}
