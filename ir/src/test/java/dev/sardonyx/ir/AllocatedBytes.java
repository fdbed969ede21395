package dev.sardonyx.ir;

import java.lang.reflect.Method;

/** What tests count instead of time. */
public final class AllocatedBytes {
  private AllocatedBytes() {}

  /** By this thread, so far. Reflection, since the module under test does not need the bean. */
  public static long soFar() throws ReflectiveOperationException {
    Method bean =
        Class.forName("java.lang.management.ManagementFactory").getMethod("getThreadMXBean");
    Method allocated =
        Class.forName("com.sun.management.ThreadMXBean")
            .getMethod("getThreadAllocatedBytes", long.class);
    return (long) allocated.invoke(bean.invoke(null), Thread.currentThread().getId());
  }
}
