package dev.sardonyx.samples.serve;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.session.TopK;
import java.util.ArrayList;
import java.util.List;

/**
 * The classes with the largest scores, as texts.
 *
 * <p>Source: the classification extension of the protocol, as Triton Inference Server has it.
 */
final class TopClasses {
  private TopClasses() {}

  /**
   * Scores [...,classes] as string[...,k], best first: {@code score:number}, and {@code :name}
   * behind it if names are known.
   *
   * @param most k, if there are so many classes
   * @param names of the classes; used if there are as many as classes
   * @throws RequestFailure if the output is no scores
   */
  static Tensor of(String output, Tensor scores, int most, List<String> names)
      throws RequestFailure {
    ElementType type = scores.elementType();
    if (type.kind() == ElementType.Kind.STRING
        || type.kind() == ElementType.Kind.COMPLEX
        || scores.rank() == 0) {
      throw RequestFailure.badRequest(
          "output '%s' is %s, which has no classes".formatted(output, scores.type()));
    }
    long[] dims = scores.dims();
    int last = dims.length - 1;
    List<String> known = names.size() == dims[last] ? names : List.of();
    List<String> texts = new ArrayList<>();
    long[] whole = scores.toLongs();
    int start = 0;
    for (List<TopK.Ranked> row : TopK.ofRows(scores, most, known)) {
      for (TopK.Ranked ranked : row) {
        String name = known.isEmpty() ? "" : ":" + ranked.label();
        String score = score(type, ranked.score(), whole[start + ranked.index()]);
        texts.add(score + ":" + ranked.index() + name);
      }
      start += (int) dims[last];
    }
    dims[last] = Math.min(most, dims[last]);
    return Tensor.ofStrings(texts, dims);
  }

  /** Integers of 64 bits are not all doubles. */
  private static String score(ElementType type, double score, long whole) {
    if (!type.isFloat()) {
      return type == ElementType.UINT64 ? Long.toUnsignedString(whole) : String.valueOf(whole);
    }
    return type == ElementType.DOUBLE ? String.valueOf(score) : String.valueOf((float) score);
  }
}
