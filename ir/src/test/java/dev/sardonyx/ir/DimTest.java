package dev.sardonyx.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DimTest {
  private static final List<String> SYMBOLS = List.of("N", "H", "W");
  private static final Dim N = Dim.symbol("N");
  private static final Dim H = Dim.symbol("H");

  /** An expression, and the same computation over numbers; empty where something divides by 0. */
  private record Pair(Dim dim, OptionalLong number) {}

  @Test
  void expressionsComputeWhatArithmeticDoes() {
    Random random = new Random(7);
    for (int round = 0; round < 4_000; round++) {
      Map<String, Dim> values = new HashMap<>();
      SYMBOLS.forEach(s -> values.put(s, Dim.of(random.nextInt(13))));
      Pair pair = random(random, values, 4);
      if (pair.number().isPresent() && pair.dim().isKnown()) {
        assertEquals(
            Dim.of(pair.number().getAsLong()),
            pair.dim().substitute(values),
            () -> pair.dim() + " for " + values);
      }
    }
  }

  @Test
  void signsAreCertain() {
    Random random = new Random(11);
    for (int round = 0; round < 4_000; round++) {
      Map<String, Dim> values = new HashMap<>();
      SYMBOLS.forEach(s -> values.put(s, Dim.of(random.nextInt(9))));
      Pair a = random(random, values, 3);
      Pair b = random(random, values, 2);
      if (a.number().isEmpty() || b.number().isEmpty()) {
        continue;
      }
      long number = a.number().getAsLong();
      assertTrue(number >= 0 || !a.dim().isNonNegative(), () -> a.dim() + " for " + values);
      if (a.dim().isDifferentFrom(b.dim())) {
        assertFalse(number == b.number().getAsLong(), () -> a.dim() + " and " + b.dim());
      }
    }
  }

  @Test
  void theTextReadsBackAsTheSameDimension() {
    Random random = new Random(3);
    Map<String, Dim> values = Map.of("N", Dim.of(1), "H", Dim.of(2), "W", Dim.of(3));
    for (int round = 0; round < 4_000; round++) {
      Dim dim = random(random, values, 4).dim();
      if (!dim.isFixed()) {
        assertEquals(dim, Dim.parse(dim.toString()), dim::toString);
      }
    }
  }

  private static Pair random(Random random, Map<String, Dim> values, int depth) {
    if (depth == 0 || random.nextInt(5) == 0) {
      if (random.nextBoolean()) {
        String symbol = SYMBOLS.get(random.nextInt(SYMBOLS.size()));
        return new Pair(Dim.symbol(symbol), values.get(symbol).asLong());
      }
      long number = random.nextInt(12) - 3L;
      return new Pair(Dim.of(number), OptionalLong.of(number));
    }
    Pair left = random(random, values, depth - 1);
    Pair right = random(random, values, depth - 1);
    int operation = random.nextInt(7);
    Dim a = left.dim();
    Dim b = right.dim();
    Dim dim =
        switch (operation) {
          case 0 -> a.plus(b);
          case 1 -> a.minus(b);
          case 2 -> a.times(b);
          case 3 -> a.floorDiv(b);
          case 4 -> a.mod(b);
          case 5 -> a.max(b);
          default -> a.min(b);
        };
    if (left.number().isEmpty() || right.number().isEmpty()) {
      return new Pair(dim, OptionalLong.empty());
    }
    long x = left.number().getAsLong();
    long y = right.number().getAsLong();
    if (y == 0 && (operation == 3 || operation == 4)) {
      return new Pair(dim, OptionalLong.empty());
    }
    return new Pair(
        dim,
        OptionalLong.of(
            switch (operation) {
              case 0 -> x + y;
              case 1 -> x - y;
              case 2 -> x * y;
              case 3 -> Math.floorDiv(x, y);
              case 4 -> Math.floorMod(x, y);
              case 5 -> Math.max(x, y);
              default -> Math.min(x, y);
            }));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "N+5 | 5+N",
        "2*N | N+N",
        "(H-1)/2+1 | (H+1)/2",
        "N | 2*N-N",
        "0 | N-N",
        "N*H | H*N",
        "N | (3*N)/3",
        "(H-1)/4+1 | ((H-1)/2)/2+1",
        "N | max(N,0)",
        "0 | min(0,N)",
        "N+1 | max(N,N+1)",
      })
  void equalExpressionsHaveOneForm(String expected, String text) {
    assertEquals(Dim.parse(expected), Dim.parse(text));
  }

  @Test
  void manyStridesStayShort() {
    Dim size = H;
    for (int i = 0; i < 5; i++) {
      size = size.minus(1).floorDiv(2).plus(1);
    }
    assertEquals("(H+31)/32", size.toString());
  }

  @Test
  void whatAnUnknownIsPartOfIsUnknown() {
    assertEquals(Dim.UNKNOWN, N.plus(Dim.UNKNOWN));
    assertEquals(Dim.UNKNOWN, Dim.UNKNOWN.minus(Dim.UNKNOWN));
    assertEquals(Dim.of(0), Dim.UNKNOWN.times(0));
    assertEquals(Dim.UNKNOWN, N.floorDiv(0));
    assertFalse(Dim.UNKNOWN.isSameAs(Dim.UNKNOWN));
  }

  @Test
  void numbersThatOverflowAreUnknown() {
    assertEquals(Dim.UNKNOWN, Dim.of(Long.MAX_VALUE).plus(1));
    assertEquals(Dim.UNKNOWN, N.times(Long.MAX_VALUE).times(2));
  }

  @Test
  void expressionsThatGrowAndGrowAreGivenUp() {
    Dim nested = N;
    Dim sum = N;
    Dim product = N;
    for (int i = 0; i < 1000; i++) {
      nested = nested.times(3).floorDiv(2).max(H).min(nested.plus(i));
      sum = sum.plus(Dim.symbol("s" + i));
      product = product.times(H.plus(i));
    }
    assertEquals(List.of(Dim.UNKNOWN, Dim.UNKNOWN, Dim.UNKNOWN), List.of(nested, sum, product));
  }

  @Test
  void textThatIsNoExpressionIsASymbol() {
    for (String text : List.of("batch size", "unk__7", "N+", "(N", "a,b")) {
      assertEquals(Dim.symbol(text), Dim.parse(text));
    }
    assertEquals(Dim.UNKNOWN, Dim.parse("?"));
    assertEquals(Dim.of(12), Dim.parse("12"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '$',
      value = {
        "N,,3 | nothing as dimension 1",
        ",3 | nothing as dimension 0",
        "3, | nothing as dimension 1",
        "[N,3 | a bracket at one end only",
        "N,3] | a bracket at one end only",
        "N,...,3 | ... as dimension 1",
        "max(N,3 | a parenthesis",
        "N),3 | a parenthesis",
      })
  void textThatIsNoShapeIsRefused(String text, String reason) {
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> Shape.parse(text)).getMessage());
    assertTrue(message.contains("'" + text + "'"), message);
    assertTrue(message.contains(reason), message);
  }

  @Test
  void aShapeReadsBackFromItsText() {
    for (String text : List.of("[...]", "[]", "[N,?,3]", "[max(0,N-1),min(H,N)]", "[-1,3]")) {
      assertEquals(text, Shape.parse(text).toString());
      assertEquals(Shape.parse(text), Shape.parse(Shape.parse(text).toString()));
    }
    assertEquals(Shape.UNKNOWN, Shape.parse("[...]"));
  }

  @Test
  void aNegativeDimensionIsUnknownHoweverItIsGiven() {
    Dim minusOne = Dim.of(-1);
    for (Shape shape :
        List.of(Shape.of(-1, 3), Shape.of(minusOne, Dim.of(3)), Shape.parse("-1,3"))) {
      assertFalse(shape.dim(0).isKnown());
      assertFalse(shape.isStatic());
      assertTrue(shape.hasNegative());
      assertEquals(Dim.UNKNOWN, shape.size());
      assertTrue(shape.isCompatibleWith(Shape.of(8, 3)));
      assertEquals(Shape.of(Dim.UNKNOWN, Dim.of(3)), shape.withoutNegative());
    }
  }

  @Test
  void divisionTruncatesAsIntegersDo() {
    Random random = new Random(5);
    for (int round = 0; round < 4_000; round++) {
      Map<String, Dim> values = new HashMap<>();
      SYMBOLS.forEach(s -> values.put(s, Dim.of(random.nextInt(5))));
      Pair a = random(random, values, 2);
      Pair b = random(random, values, 1);
      if (a.number().isEmpty() || b.number().orElse(0) == 0) {
        continue;
      }
      Dim quotient = a.dim().truncatedDiv(b.dim()).substitute(values);
      long expected = a.number().getAsLong() / b.number().getAsLong();
      assertTrue(
          !quotient.isKnown() || quotient.isFixed(expected),
          () -> a.dim() + " by " + b.dim() + " for " + values + " is " + expected);
    }
    assertEquals("-N/2", N.negated().truncatedDiv(Dim.of(2)).toString());
  }

  /** Every operation on the largest and smallest numbers is exact, or unknown. */
  @Test
  void extremesAreExactOrUnknown() {
    long[] extremes = {
      Long.MIN_VALUE, Long.MIN_VALUE + 1, -(1L << 62), -2, -1, 0, 1, 2, 1L << 62, Long.MAX_VALUE
    };
    for (long x : extremes) {
      for (long y : extremes) {
        BigInteger a = BigInteger.valueOf(x);
        BigInteger b = BigInteger.valueOf(y);
        exact(a.add(b), Dim.of(x).plus(y));
        exact(a.subtract(b), Dim.of(x).minus(y));
        exact(a.subtract(b), N.plus(x).minus(N.plus(y)));
        exact(a.multiply(b), Dim.of(x).times(y));
        exact(a.max(b), Dim.of(x).max(Dim.of(y)));
        exact(a.min(b), Dim.of(x).min(Dim.of(y)));
        if (y != 0) {
          BigInteger[] floor = a.divideAndRemainder(b);
          boolean down = floor[1].signum() * b.signum() < 0;
          boolean up = floor[1].signum() * b.signum() > 0;
          exact(floor[0], Dim.of(x).truncatedDiv(Dim.of(y)));
          exact(down ? floor[0].subtract(BigInteger.ONE) : floor[0], Dim.of(x).floorDiv(y));
          exact(up ? floor[0].add(BigInteger.ONE) : floor[0], Dim.of(x).ceilDiv(y));
        }
      }
    }
  }

  private static void exact(BigInteger expected, Dim actual) {
    assertTrue(
        !actual.isKnown() || actual.toString().equals(expected.toString()),
        () -> "expected " + expected + ", not " + actual);
  }
}
