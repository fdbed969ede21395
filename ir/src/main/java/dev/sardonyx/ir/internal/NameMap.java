package dev.sardonyx.ir.internal;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is known of names, in the order they came: a {@link NameIndex} with a value a name. For one
 * thread.
 */
public final class NameMap<V> {
  private final NameIndex names;
  private final Pages<V> values = new Pages<>();

  private NameMap(NameIndex names) {
    this.names = names;
  }

  public static <V> NameMap<V> of() {
    return of(0);
  }

  /** With room for a number of names; more may come. */
  public static <V> NameMap<V> of(int expected) {
    return new NameMap<>(NameIndex.of(expected));
  }

  public int size() {
    return names.size();
  }

  /** The value of a name, or null. */
  public @Nullable V get(String name) {
    int number = names.find(name);
    return number == NameIndex.NONE ? null : values.get(number);
  }

  public boolean contains(String name) {
    return names.contains(name);
  }

  /** The value of a name, made if it has none. */
  public V getOrMake(String name, Supplier<? extends V> make) {
    int before = names.size();
    int number = names.add(name);
    if (number != before) {
      return values.get(number);
    }
    V value = make.get();
    values.set(number, value);
    return value;
  }

  /** Sets the value of a name, which may have had another. */
  public void put(String name, V value) {
    values.set(names.add(name), value);
  }

  /** Sets the value of a new name; false if it has one, which stays. */
  public boolean putNew(String name, V value) {
    int before = names.size();
    if (names.add(name) != before) {
      return false;
    }
    values.set(before, value);
    return true;
  }
}
