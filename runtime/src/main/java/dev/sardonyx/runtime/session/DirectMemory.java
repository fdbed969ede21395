package dev.sardonyx.runtime.session;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Direct buffers whose end is known, and that are given back then. The garbage collector does not
 * see how large they are; left to it, copies of the weights of many models, or the inputs and
 * outputs of closed sessions, would stay in memory for long.
 */
final class DirectMemory implements AutoCloseable {
  private final Set<ByteBuffer> buffers = Collections.newSetFromMap(new IdentityHashMap<>());

  /** A little-endian buffer, not to be touched after {@link #close}. */
  ByteBuffer allocate(int bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffers.add(buffer);
    return buffer;
  }

  /** Leaves one to the garbage collector, since others may touch it as long as they want. */
  void leave(ByteBuffer buffer) {
    buffers.remove(buffer);
  }

  /** Gives one back, not to be touched any more. */
  void free(ByteBuffer buffer) {
    if (buffers.remove(buffer)) {
      Freeing.free(buffer);
    }
  }

  @Override
  public void close() {
    buffers.forEach(Freeing::free);
    buffers.clear();
  }

  /**
   * Uses the JDK's only way to free a direct buffer, which is not a public API; if a JDK lacks it,
   * the garbage collector frees the buffers, and nothing else changes.
   */
  private static final class Freeing {
    private static final @Nullable Object UNSAFE = field("theUnsafe");
    private static final @Nullable Method INVOKE_CLEANER = method("invokeCleaner");

    static void free(ByteBuffer buffer) {
      if (UNSAFE != null && INVOKE_CLEANER != null) {
        try {
          INVOKE_CLEANER.invoke(UNSAFE, buffer);
        } catch (ReflectiveOperationException | RuntimeException e) {
          // See above: the garbage collector frees them.
        }
      }
    }

    private static @Nullable Object field(String name) {
      try {
        Field field = Class.forName("sun.misc.Unsafe").getDeclaredField(name);
        field.setAccessible(true);
        return field.get(null);
      } catch (ReflectiveOperationException | RuntimeException e) {
        return null;
      }
    }

    private static @Nullable Method method(String name) {
      try {
        return Class.forName("sun.misc.Unsafe").getMethod(name, ByteBuffer.class);
      } catch (ReflectiveOperationException | RuntimeException e) {
        return null;
      }
    }
  }
}
