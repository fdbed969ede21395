package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Removes initial states of recurrent layers that are zero, as they are if none are given. */
public record ZeroStates() implements Pass {
  static final NodeTransform RULES =
      NodeTransform.on(Set.of("LSTM", "GRU", "RNN"), ZeroStates::rewrite);

  private static final int FIRST_STATE = 5;
  private static final int LAST_STATE = 6;

  /** How many nodes back a zero is looked for. */
  private static final int MAX_STEPS = 8;

  /** Operators that give zeros for zeros. */
  private static final Set<String> KEEPS_ZEROS =
      Set.of(
          "Cast",
          "Expand",
          "Flatten",
          "Gather",
          "Identity",
          "Reshape",
          "Slice",
          "Squeeze",
          "Tile",
          "Transpose",
          "Unsqueeze");

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "zero-states", RULES);
  }

  private static void rewrite(Node node, Rewriter to) {
    if (to.isOpen(node)) {
      return;
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    int last = node.is("LSTM") ? LAST_STATE : FIRST_STATE;
    for (int i = FIRST_STATE; i <= last && i < inputs.size(); i++) {
      if (isZero(inputs.get(i), to)) {
        inputs.set(i, Node.ABSENT);
      }
    }
    if (inputs.equals(node.inputs())) {
      return;
    }
    while (inputs.get(inputs.size() - 1).isEmpty()) {
      inputs.remove(inputs.size() - 1);
    }
    to.change(node.withInputs(inputs));
  }

  private static boolean isZero(String state, Rewriter to) {
    String value = state;
    for (int step = 0; step < MAX_STEPS && !value.isEmpty(); step++) {
      Tensor constant = to.tensor(value);
      if (constant != null) {
        return isZero(constant);
      }
      Node producer = to.owner(value).producer(value);
      if (producer == null || to.isOpen(producer)) {
        return false;
      }
      if (producer.is("ConstantOfShape")) {
        return producer
            .attribute("value")
            .flatMap(a -> a.value().toTensor())
            .map(ZeroStates::isZero)
            .orElse(true);
      }
      if (!producer.is(producer.opType()) || !KEEPS_ZEROS.contains(producer.opType())) {
        return false;
      }
      value = producer.input(0);
    }
    return false;
  }

  private static boolean isZero(Tensor constant) {
    if (constant.isRepeated()) {
      return constant.first().toScalar() == 0;
    }
    for (double element : constant.toDoubles()) {
      if (element != 0) {
        return false;
      }
    }
    return true;
  }
}
