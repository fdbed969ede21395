package dev.sardonyx.ir.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameIndexTest {
  @Test
  void namesAreNumberedInTheOrderTheyCome() {
    NameIndex index = NameIndex.of();
    assertEquals(0, index.add("x"));
    assertEquals(1, index.add("y"));
    assertEquals(0, index.add("x"));
    assertEquals(1, index.find("y"));
    assertEquals(NameIndex.NONE, index.find("z"));
    assertEquals(2, index.size());
    assertEquals("y", index.name(1));
    assertTrue(index.addNew("z"));
    assertFalse(index.addNew("z"));
  }

  /** {@code Aa} and {@code BB} have one hash, and so has every mix of them. */
  @Test
  void namesOfOneHashAreToldApart() {
    List<String> names = new ArrayList<>(List.of(""));
    for (int i = 0; i < 10; i++) {
      List<String> longer = new ArrayList<>();
      names.forEach(n -> longer.addAll(List.of(n + "Aa", n + "BB")));
      names = longer;
    }
    NameIndex index = NameIndex.of();
    for (int i = 0; i < names.size(); i++) {
      assertEquals(i, index.add(names.get(i)));
    }
    for (int i = 0; i < names.size(); i++) {
      assertEquals(i, index.find(names.get(i)), names.get(i));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100, 5000})
  void anyOperationsGiveWhatAListGives(int expected) {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      NameIndex index = NameIndex.of(expected);
      List<String> names = new ArrayList<>();
      for (int step = 0; step < 3000; step++) {
        // Sometimes the very string that was added, mostly an equal one.
        String name =
            names.isEmpty() || random.nextInt(4) > 0
                ? "relu" + random.nextInt(600) + "_out"
                : names.get(names.size() - 1 - random.nextInt(Math.min(names.size(), 6)));
        if (random.nextBoolean()) {
          assertEquals(names.indexOf(name), index.find(name), "seed " + seed + ", find " + name);
        } else if (random.nextInt(500) == 0) {
          int to = random.nextInt(names.size() + 1);
          index.truncate(to);
          names.subList(to, names.size()).clear();
        } else {
          if (!names.contains(name)) {
            names.add(name);
          }
          assertEquals(names.indexOf(name), index.add(name), "seed " + seed + ", add " + name);
        }
        assertEquals(names.size(), index.size());
      }
    }
  }

  @Test
  void manyNamesAreFoundAgain() {
    int count = 300_000;
    NameMap<Integer> map = NameMap.of();
    for (int i = 0; i < count; i++) {
      assertTrue(map.putNew("add" + i + "_out", i));
    }
    for (int i = 0; i < count; i++) {
      assertEquals(i, map.get("add" + i + "_out"));
    }
    assertFalse(map.putNew("add7_out", -1));
    assertEquals(7, map.get("add7_out"));
    map.put("add7_out", -7);
    assertEquals(-7, map.get("add7_out"));
    assertNull(map.get("relu7_out"));
    assertEquals(count, map.size());
  }
}
