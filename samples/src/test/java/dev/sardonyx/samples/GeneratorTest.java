package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.session.Call;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.TopK;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class GeneratorTest {
  private static final SmallDecoder DECODER = new SmallDecoder(50, 32, 4, 2);
  private static final long[] PROMPT = {3, 14, 15, 9, 2, 6};

  /** The best next token of the whole sequence, nothing kept from before. */
  private static long uncached(InferenceSession session, long[] sequence) {
    Call call = session.call().with("input_ids", sequence, 1, sequence.length);
    for (int layer = 0; layer < DECODER.layers(); layer++) {
      for (String what : List.of("key", "value")) {
        call.with(
            SmallDecoder.past(layer, what),
            new float[0],
            1,
            DECODER.heads(),
            0,
            DECODER.headSize());
      }
    }
    Tensor logits = call.run().tensor("logits");
    return TopK.ofRows(logits, 1, List.of()).get(sequence.length - 1).get(0).index();
  }

  @Test
  void tokensAreThoseOfTheUncachedRun() {
    try (InferenceSession session = InferenceSession.of(DECODER.build(7));
        Generator generator = new Generator(session, Generator.Search.greedy(30))) {
      generator.appendTokens(PROMPT);
      while (!generator.isDone()) {
        generator.generateNextToken();
      }
      long[] expected = PROMPT;
      while (expected.length < 30) {
        long[] longer = Arrays.copyOf(expected, expected.length + 1);
        longer[expected.length] = uncached(session, expected);
        expected = longer;
      }
      assertArrayEquals(expected, generator.sequence());
      assertTrue(Arrays.stream(expected).skip(6).distinct().count() > 1, "it says something");
      // A second turn goes on from the first.
      assertThrows(IllegalStateException.class, () -> newGenerator(session).generateNextToken());
    }
  }

  private static Generator newGenerator(InferenceSession session) {
    return new Generator(session, Generator.Search.greedy(3));
  }

  @Test
  void choosesAmongTheBestBySeed() {
    try (InferenceSession session = InferenceSession.of(DECODER.build(7))) {
      long[] first = sampled(session, 1);
      assertArrayEquals(first, sampled(session, 1));
      assertEquals(25, first.length);
      assertTrue(!Arrays.equals(first, sampled(session, 2)), "another seed says something else");
    }
  }

  private static long[] sampled(InferenceSession session, long seed) {
    Generator.Search search = new Generator.Search(25, -1, 10, 2, seed);
    try (Generator generator = new Generator(session, search)) {
      generator.appendTokens(PROMPT);
      while (!generator.isDone()) {
        generator.generateNextToken();
      }
      return generator.sequence();
    }
  }

  @Test
  void endsAtTheEndToken() {
    try (InferenceSession session = InferenceSession.of(DECODER.build(7))) {
      long end = uncached(session, PROMPT);
      Generator.Search search = new Generator.Search(25, end, 1, 1, 0);
      try (Generator generator = new Generator(session, search)) {
        generator.appendTokens(PROMPT);
        generator.generateNextToken();
        assertTrue(generator.isDone());
      }
    }
  }
}
