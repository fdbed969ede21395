package dev.sardonyx.ir.eval.kernel;

/**
 * The generator MT19937 of Matsumoto and Nishimura (1998), seeded and read as NumPy's RandomState
 * does.
 */
final class MersenneTwister {
  private static final int SIZE = 624;
  private static final int SHIFT = 397;

  private final int[] state = new int[SIZE];
  private int at = SIZE;
  private double spareNormal = Double.NaN;

  MersenneTwister(int seed) {
    state[0] = seed;
    for (int i = 1; i < SIZE; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ state[i - 1] >>> 30) + i;
    }
  }

  private void twist() {
    for (int i = 0; i < SIZE; i++) {
      int y = state[i] & 0x80000000 | state[(i + 1) % SIZE] & 0x7FFFFFFF;
      state[i] = state[(i + SHIFT) % SIZE] ^ y >>> 1 ^ ((y & 1) == 0 ? 0 : 0x9908B0DF);
    }
    at = 0;
  }

  private int next() {
    if (at == SIZE) {
      twist();
    }
    int y = state[at++];
    y ^= y >>> 11;
    y ^= y << 7 & 0x9D2C5680;
    y ^= y << 15 & 0xEFC60000;
    return y ^ y >>> 18;
  }

  /** A number from 0 to below 1, of 53 random bits. */
  double uniform() {
    int high = next() >>> 5;
    int low = next() >>> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
  }

  /** A number of the standard normal distribution, by Marsaglia's polar method. */
  double normal() {
    if (!Double.isNaN(spareNormal)) {
      double spare = spareNormal;
      spareNormal = Double.NaN;
      return spare;
    }
    double x;
    double y;
    double square;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    double factor = Math.sqrt(-2 * Math.log(square) / square);
    spareNormal = factor * x;
    return factor * y;
  }
}
