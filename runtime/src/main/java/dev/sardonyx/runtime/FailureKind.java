package dev.sardonyx.runtime;

import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.isolated.IsolationException;

/** In what way a backend fails on a model. */
public enum FailureKind {
  /** It gives a value of another kind, element type or shape. */
  TYPE,
  /** It gives NaN where a number is expected, or a number for NaN. */
  NAN,
  /** It gives other numbers, truth values or strings. */
  ELEMENTS,
  /** It says that it does not support the model. */
  REFUSED,
  /** It throws an exception. */
  ERROR,
  /** It takes too long, seen by an {@link dev.sardonyx.runtime.isolated.IsolatedBackend}. */
  TIMEOUT,
  /** It needs more memory than its process has. */
  OUT_OF_MEMORY,
  /** It ends its process. */
  CRASH;

  /** The way in which preparing or running a model failed. */
  public static FailureKind of(RuntimeException failure) {
    if (failure instanceof IsolationException isolated) {
      return switch (isolated.kind()) {
        case CRASH -> CRASH;
        case TIMEOUT -> TIMEOUT;
        case OUT_OF_MEMORY -> OUT_OF_MEMORY;
      };
    }
    return failure instanceof UnsupportedModelException ? REFUSED : ERROR;
  }
}
