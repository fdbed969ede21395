package dev.sardonyx.samples;

import java.util.Iterator;
import java.util.function.LongConsumer;

/** Reports how many elements of an iterable have been processed. */
final class Counted {
  private Counted() {}

  /**
   * The same elements.
   *
   * @param dealtWith told the number of elements when the next one, or the end, is asked for
   */
  static <T> Iterable<T> of(Iterable<T> elements, LongConsumer dealtWith) {
    return () -> {
      Iterator<T> inner = elements.iterator();
      return new Iterator<>() {
        private long count;

        @Override
        public boolean hasNext() {
          if (count > 0) {
            dealtWith.accept(count);
          }
          return inner.hasNext();
        }

        @Override
        public T next() {
          count++;
          return inner.next();
        }
      };
    };
  }
}
