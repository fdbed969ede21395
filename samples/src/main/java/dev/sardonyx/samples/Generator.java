package dev.sardonyx.samples;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.runtime.session.Binding;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.TopK;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Generates tokens with a decoder whose inputs and outputs are named as onnxruntime-genai names
 * them. Keys and values never leave ONNX Runtime: those of one step are inputs of the next.
 *
 * <pre>{@code
 * try (Generator generator = new Generator(session, Generator.Search.greedy(64))) {
 *   generator.appendTokens(prompt);
 *   while (!generator.isDone()) {
 *     generator.generateNextToken();
 *   }
 *   long[] text = generator.sequence();
 * }
 * }</pre>
 */
final class Generator implements AutoCloseable {
  private static final String PAST = "past_key_values.";

  private final Binding binding;
  private final Search search;
  private final Random random;
  private final List<Long> sequence = new ArrayList<>();

  /** How many tokens the model has seen. */
  private int seen;

  /**
   * How the next token is chosen.
   *
   * @param maxLength how long the sequence becomes, prompt included
   * @param endToken a token that ends it, -1 for none
   * @param topK from how many of the best tokens one is chosen; 1 for always the best
   * @param temperature above 1 for bolder choices, below for safer ones
   * @param seed of the choice
   */
  record Search(int maxLength, long endToken, int topK, double temperature, long seed) {
    /** Always the best. */
    static Search greedy(int maxLength) {
      return new Search(maxLength, -1, 1, 1, 0);
    }
  }

  Generator(InferenceSession session, Search search) {
    this.search = search;
    this.random = new Random(search.seed());
    this.binding = session.bind();
    for (Input input : session.inputs()) {
      if (input.name().startsWith(PAST)) {
        List<Dim> dims = ((TensorType) input.type()).shape().dims();
        binding.allocateInput(input.name(), 1, dims.get(1).value(), 0, dims.get(3).value());
        binding.feedBack("present." + input.name().substring(PAST.length()), input.name());
      }
    }
  }

  /** Appends tokens to continue from. */
  void appendTokens(long... tokens) {
    for (long token : tokens) {
      sequence.add(token);
    }
  }

  /** Whether the sequence is as long as it may be, or has ended. */
  boolean isDone() {
    return sequence.size() >= search.maxLength()
        || (!sequence.isEmpty() && sequence.get(sequence.size() - 1) == search.endToken());
  }

  /** Runs the model on the tokens it has not seen, and chooses the next token. */
  long generateNextToken() {
    if (seen == sequence.size()) {
      throw new IllegalStateException("There is no token to go on from; append some first");
    }
    int fresh = sequence.size() - seen;
    LongBuffer ids = binding.allocateInput("input_ids", 1, fresh).asLongBuffer();
    for (int i = 0; i < fresh; i++) {
      ids.put(i, sequence.get(seen + i));
    }
    binding.run();
    seen = sequence.size();
    long next = choose(binding.tensor("logits"));
    sequence.add(next);
    return next;
  }

  /** Chooses by the logits at the last position. */
  private long choose(Tensor logits) {
    List<List<TopK.Ranked>> positions = TopK.ofRows(logits, search.topK(), List.of());
    List<TopK.Ranked> best = positions.get(positions.size() - 1);
    double[] weights =
        best.stream()
            .mapToDouble(r -> Math.exp((r.score() - best.get(0).score()) / search.temperature()))
            .toArray();
    double total = 0;
    for (double weight : weights) {
      total += weight;
    }
    double place = random.nextDouble() * total;
    int chosen = 0;
    while (chosen < weights.length - 1 && place >= weights[chosen]) {
      place -= weights[chosen];
      chosen++;
    }
    return best.get(chosen).index();
  }

  /** The tokens so far, prompt included. */
  long[] sequence() {
    return sequence.stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public void close() {
    binding.close();
  }
}
