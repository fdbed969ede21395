package dev.sardonyx.ir.internal;

import java.util.Arrays;

/**
 * Numbers names densely in the order they come, so that what is known of them can live in arrays.
 *
 * <p>A graph refers to its values by name. Hash maps keyed by those names leave the processor's
 * cache in large graphs and take several times longer a node than in small ones; this takes twelve
 * to twenty-four bytes and a pointer a name, and a look-up mostly one access to memory. For one
 * thread.
 */
public final class NameIndex {
  /** What {@link #find} gives for a name that has no number. */
  public static final int NONE = -1;

  private static final int MIN_ROOM = 8;

  /**
   * Open addressing, at most half full, a power of two long. A slot's low bits, as many as an index
   * into the slots has, are the name's number plus one, or 0 if the slot is free; the high bits are
   * those of the name's hash.
   */
  private int[] slots;

  private int mask;

  /** The names' hashes by number, so that a larger table is filled without looking at them. */
  private int[] hashes;

  private final Pages<String> names = new Pages<>();
  private int size;

  private NameIndex(int room) {
    slots = new int[Integer.highestOneBit(2 * room - 1) * 2];
    mask = slots.length - 1;
    hashes = new int[slots.length / 2];
  }

  public static NameIndex of() {
    return of(0);
  }

  /** With room for a number of names; more may come. */
  public static NameIndex of(int expected) {
    return new NameIndex(Math.max(expected, MIN_ROOM));
  }

  /** How many names have a number: one more than the greatest of them. */
  public int size() {
    return size;
  }

  public String name(int number) {
    return names.get(number);
  }

  /** The name's number, or {@link #NONE}. */
  public int find(String name) {
    return (slots[slot(name, hash(name))] & mask) - 1;
  }

  public boolean contains(String name) {
    return slots[slot(name, hash(name))] != 0;
  }

  /** The name's number; a new name gets the next one. */
  public int add(String name) {
    int hash = hash(name);
    int at = slot(name, hash);
    if (slots[at] != 0) {
      return (slots[at] & mask) - 1;
    }
    if (2 * size == slots.length) {
      grow();
      at = free(hash);
    }
    names.set(size, name);
    hashes[size] = hash;
    slots[at] = hash & ~mask | ++size;
    return size - 1;
  }

  /** Adds a name; false if it had a number before. */
  public boolean addNew(String name) {
    int before = size;
    return add(name) == before;
  }

  /** Forgets the names from a number on, the last ones that came. */
  public void truncate(int to) {
    for (; size > to; size--) {
      String last = names.get(size - 1);
      slots[slot(last, hash(last))] = 0; // nothing that came later lies behind it
    }
  }

  /** Where the name is, or else the free slot where it would be. */
  private int slot(String name, int hash) {
    int at = hash & mask;
    for (int slot = slots[at]; slot != 0; slot = slots[at]) {
      if (((slot ^ hash) & ~mask) == 0 && names.get((slot & mask) - 1).equals(name)) {
        break;
      }
      at = at + 1 & mask;
    }
    return at;
  }

  private int free(int hash) {
    int at = hash & mask;
    while (slots[at] != 0) {
      at = at + 1 & mask;
    }
    return at;
  }

  private void grow() {
    slots = new int[slots.length * 2];
    mask = slots.length - 1;
    hashes = Arrays.copyOf(hashes, slots.length / 2);
    for (int number = 0; number < size; number++) {
      int hash = hashes[number];
      slots[free(hash)] = hash & ~mask | number + 1;
    }
  }

  /** Numbered names differ little in their own hashes, which would crowd some slots. */
  private static int hash(String name) {
    int product = name.hashCode() * 0x9E3779B9;
    return product ^ product >>> 15;
  }
}
