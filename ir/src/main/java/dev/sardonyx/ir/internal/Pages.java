package dev.sardonyx.ir.internal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A list that only grows, in pages. One array for all would be, in a large graph, what the
 * collector calls humongous; each reference stored there costs a memory fence.
 */
final class Pages<E> {
  private static final int BITS = 12;
  private static final int MASK = (1 << BITS) - 1;

  private @Nullable Object[][] pages = new @Nullable Object[4][];

  @SuppressWarnings("unchecked") // only set stores elements
  E get(int i) {
    return (E) pages[i >>> BITS][i & MASK];
  }

  /** Sets an element; those up to it have been set before. */
  void set(int i, E element) {
    int page = i >>> BITS;
    if (page == pages.length) {
      pages = Arrays.copyOf(pages, 2 * page);
    }
    @Nullable Object[] at = pages[page];
    if (at == null) {
      at = new @Nullable Object[page == 0 ? 16 : 1 << BITS];
      pages[page] = at;
    } else if ((i & MASK) == at.length) {
      at = Arrays.copyOf(at, 2 * at.length);
      pages[page] = at;
    }
    at[i & MASK] = element;
  }
}
