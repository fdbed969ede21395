package dev.sardonyx.ir.build;

import dev.sardonyx.ir.op.OperatorDefinition;
import java.security.CodeSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where the program that uses the builder stands. */
final class CallSite {
  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
  private static final String HOME = "dev.sardonyx.ir.";

  private CallSite() {}

  /** The innermost line outside this library, such as {@code Net.java:42}; empty if unknown. */
  static String current() {
    return WALKER.walk(
        frames ->
            frames
                .filter(f -> !isOurs(f.getDeclaringClass()) && f.getLineNumber() > 0)
                .findFirst()
                .map(f -> f.getFileName() + ":" + f.getLineNumber())
                .orElse(""));
  }

  /**
   * By name and origin: the library's tests live in the same packages, but are callers. The typed
   * method of an operator's definition is as good as one of the builder's.
   */
  private static boolean isOurs(Class<?> type) {
    return type.getModule() == Object.class.getModule()
        || OperatorDefinition.class.isAssignableFrom(type)
        || type.getName().startsWith(HOME) && Objects.equals(origin(type), origin(CallSite.class));
  }

  private static @Nullable CodeSource origin(Class<?> type) {
    return type.getProtectionDomain().getCodeSource();
  }
}
