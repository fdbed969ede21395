package dev.sardonyx.ir;

import java.util.List;

/**
 * What a format's reader keeps beside an element so that the format's writer can give back the very
 * same file: unknown fields, storage forms, the order of entries. The IR never looks inside, and
 * equality ignores it.
 */
public interface Residue {
  /**
   * What is wrong with the way the file says the element, such as elements stored twice: phrases
   * that follow the element's name in a sentence. Whoever writes the model would write it again.
   *
   * @param now the type that the element has now, unknown if it is no value
   */
  default List<String> faults(ValueType now) {
    return List.of();
  }
}
