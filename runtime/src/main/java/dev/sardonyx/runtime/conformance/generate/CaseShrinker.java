package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Makes a case smaller as long as something holds of it: fewer attributes, operands and outputs,
 * shorter axes, plainer numbers.
 */
public final class CaseShrinker implements AutoCloseable {
  /** So many smaller cases are tried at most. */
  private static final int TRIES = 400;

  private final Evaluation evaluation = new Evaluation();

  /** A shrinker with a thread of its own. */
  public CaseShrinker() {}

  /**
   * The smallest case found of which the predicate still holds.
   *
   * @param holds such as that a backend gives other outputs; it holds of the case given
   */
  public GeneratedCase shrink(GeneratedCase start, Predicate<GeneratedCase> holds) {
    GeneratedCase best = start;
    Node node = start.model().graph().nodes().get(0);
    CaseDraft draft =
        new CaseDraft(node, start.model().opset(node.domain()).orElse(1), start.inputs());
    int left = TRIES;
    boolean smaller = true;
    while (smaller && left > 0) {
      smaller = false;
      for (CaseDraft candidate : smaller(draft)) {
        if (--left < 0) {
          break;
        }
        Optional<GeneratedCase> made = evaluation.of(candidate, start.name());
        if (made.isPresent() && holds.test(made.get())) {
          best = made.get();
          draft = candidate;
          smaller = true;
          break;
        }
      }
    }
    return best;
  }

  private static List<CaseDraft> smaller(CaseDraft draft) {
    List<CaseDraft> all = new ArrayList<>();
    Node node = draft.node();
    for (Attribute attribute : node.attributes()) {
      all.add(draft.withNode(node.withoutAttribute(attribute.name())));
    }
    if (node.outputs().size() > 1) {
      all.add(draft.withNode(node.withOutputs(node.outputs().subList(0, 1))));
    }
    if (!node.inputs().isEmpty()) {
      int last = node.inputs().size() - 1;
      all.add(draft.withNode(node.withInputs(node.inputs().subList(0, last))));
      for (int i = 0; i < last; i++) {
        if (!node.input(i).isEmpty()) {
          all.add(draft.withNode(node.withInput(i, Node.ABSENT)));
        }
      }
    }
    all.addAll(shorter(draft));
    draft.tensors().forEach((name, tensor) -> plainer(draft, name, tensor, all));
    return all;
  }

  private static List<CaseDraft> shorter(CaseDraft draft) {
    Optional<OperatorSchema> schema =
        OperatorCatalogue.standard().find(draft.node(), draft.opset());
    if (schema.isEmpty()) {
      return List.of();
    }
    Variation variation = new Variation(new Random(0), schema.get(), Templates.none());
    TreeSet<Long> lengths = new TreeSet<>();
    draft.tensors().values().forEach(t -> Arrays.stream(t.dims()).forEach(lengths::add));
    List<CaseDraft> all = new ArrayList<>();
    for (long length : lengths.descendingSet()) {
      for (long shorter : new TreeSet<>(List.of(1L, length / 2, length - 1))) {
        if (shorter > 0 && shorter < length) {
          all.add(variation.resized(draft, length, shorter));
        }
      }
    }
    return all;
  }

  /** Zeros, ones, the elements' signs, or whole numbers, if they differ from what is there. */
  private static void plainer(CaseDraft draft, String name, Tensor tensor, List<CaseDraft> all) {
    if (!RandomTensors.canFill(tensor.elementType())
        || tensor.elementType() == ElementType.STRING) {
      return;
    }
    double[] numbers = tensor.toDoubles();
    double[] whole = Arrays.stream(numbers).map(Math::rint).toArray();
    double[] firstOnly = numbers.clone();
    Arrays.fill(firstOnly, numbers.length == 0 ? 0 : numbers[0]);
    double[] ones = new double[numbers.length];
    Arrays.fill(ones, 1);
    double before = weight(numbers);
    for (double[] plain : List.of(new double[numbers.length], ones, firstOnly, whole)) {
      if (weight(plain) < before) {
        all.add(
            draft.withInput(
                name,
                RandomTensors.as(
                    tensor.elementType(),
                    Tensor.ofNumbers(ElementType.DOUBLE, plain, tensor.dims()))));
      }
    }
  }

  /** The less, the plainer; every step lowers it, so that shrinking ends. */
  private static double weight(double[] numbers) {
    double weight = 0;
    for (int i = 0; i < numbers.length; i++) {
      double number = numbers[i];
      weight += number == 0 ? 0 : number == 1 ? 1 : number == Math.rint(number) ? 2 : 4;
      weight += i > 0 && Double.compare(number, numbers[i - 1]) != 0 ? 1 : 0;
    }
    return weight;
  }

  /** Ends the thread in which cases are evaluated. */
  @Override
  public void close() {
    evaluation.close();
  }
}
