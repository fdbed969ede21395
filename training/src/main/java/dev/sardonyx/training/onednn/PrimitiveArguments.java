package dev.sardonyx.training.onednn;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.memory;
import org.jspecify.annotations.Nullable;

/** What a primitive reads and writes, by oneDNN's numbers of arguments. */
final class PrimitiveArguments {
  private final IntMemoryMap map = new IntMemoryMap();

  PrimitiveArguments with(int argument, memory value) {
    map.put(argument, value);
    return this;
  }

  /** Adds the argument unless its value is null. */
  PrimitiveArguments withOptional(int argument, @Nullable memory value) {
    return value == null ? this : with(argument, value);
  }

  IntMemoryMap map() {
    return map;
  }
}
