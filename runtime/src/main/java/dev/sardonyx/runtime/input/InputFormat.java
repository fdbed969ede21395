package dev.sardonyx.runtime.input;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A kind of file that values are read from. */
interface InputFormat {
  /** How names of such files end, in lower case. */
  List<String> endings();

  /**
   * Reads the value for an input.
   *
   * @param entry which value of the file, empty for the only one
   * @throws IOException naming the file, if it does not hold such a value
   */
  Datum read(Path file, String entry, Input input) throws IOException;
}
