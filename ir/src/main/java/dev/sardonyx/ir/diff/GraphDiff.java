package dev.sardonyx.ir.diff;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Tells in what two graphs differ, their subgraphs included. */
final class GraphDiff {
  private final String place;
  private final NumberedGraph before;
  private final NumberedGraph after;
  private final @Nullable GraphDiff around;

  /** Whether inputs and outputs go by their place alone, as those of a loop's or branch's body. */
  private final boolean isBody;

  private final Comparison comparison;

  /** Names of the second graph for those of the first that are the same value. */
  private final Map<String, String> counterparts = new HashMap<>();

  /** What the whole comparison shares: the versions of both sides, numbers, and what was found. */
  record Comparison(
      List<OpsetImport> before,
      List<OpsetImport> after,
      ValueNumbers numbers,
      List<Difference> found,
      Set<List<Object>> told) {
    static Comparison of(List<OpsetImport> before, List<OpsetImport> after) {
      return new Comparison(before, after, new ValueNumbers(), new ArrayList<>(), new HashSet<>());
    }
  }

  private GraphDiff(
      String place,
      Graph before,
      Graph after,
      @Nullable GraphDiff around,
      boolean isBody,
      Comparison comparison) {
    this.place = place;
    this.around = around;
    this.isBody = isBody;
    this.comparison = comparison;
    List<Integer> firstInputs = new ArrayList<>();
    List<Integer> secondInputs = new ArrayList<>();
    pairInputs(before.inputs(), after.inputs(), firstInputs, secondInputs);
    this.before =
        new NumberedGraph(
            before,
            comparison.before(),
            place,
            firstInputs,
            around == null ? null : around.before,
            comparison.numbers());
    this.after =
        new NumberedGraph(
            after,
            comparison.after(),
            place,
            secondInputs,
            around == null ? null : around.after,
            comparison.numbers());
  }

  /** Adds what differs between two graphs that stand alone to the comparison. */
  static GraphDiff compare(String place, Graph before, Graph after, Comparison comparison) {
    GraphDiff diff = new GraphDiff(place, before, after, null, false, comparison);
    diff.compare();
    return diff;
  }

  /** Adds what differs between two graphs that see the values of these. */
  void compareInside(String at, Graph first, Graph second, boolean areBodies) {
    new GraphDiff(at, first, second, this, areBodies, comparison).compare();
  }

  /** Inputs of one name are one input; what is left over is paired in order, for it was renamed. */
  private void pairInputs(
      List<Input> first, List<Input> second, List<Integer> firstIds, List<Integer> secondIds) {
    Map<String, Integer> ids = new HashMap<>();
    for (int i = 0; i < second.size(); i++) {
      secondIds.add(i);
      ids.put(second.get(i).name(), i);
    }
    List<Integer> left = new ArrayList<>(secondIds);
    for (int i = 0; i < first.size(); i++) {
      Integer same = isBody ? null : ids.get(first.get(i).name());
      firstIds.add(same == null ? -1 : same);
      left.remove(same);
    }
    int next = second.size();
    for (int i = 0; i < first.size(); i++) {
      if (firstIds.get(i) < 0) {
        firstIds.set(i, left.isEmpty() ? next++ : left.remove(0));
      }
      if (firstIds.get(i) < second.size()) {
        counterparts.put(first.get(i).name(), second.get(firstIds.get(i)).name());
      }
    }
  }

  private void compare() {
    Pairing pairing = Pairing.of(before, after, counterparts);
    for (int i = 0; i < before.nodeCount(); i++) {
      if (pairing.after(i) >= 0) {
        remember(before.node(i), after.node(pairing.after(i)));
      }
    }
    compareInputs();
    for (int i = 0; i < before.nodeCount(); i++) {
      if (pairing.after(i) >= 0) {
        compareNodes(i, pairing.after(i));
      } else if (!before.isConstant(i)) {
        tell(new Difference.Removed(place, before.node(i).described()));
      }
    }
    for (int j = 0; j < after.nodeCount(); j++) {
      if (pairing.before(j) < 0 && !after.isConstant(j)) {
        tell(new Difference.Added(place, after.node(j).described()));
      }
    }
    compareOutputs();
    compareQuantization();
    changed(place, "metadata", before.graph().metadata(), after.graph().metadata());
  }

  private void remember(Node first, Node second) {
    for (int k = 0; k < Math.min(first.outputs().size(), second.outputs().size()); k++) {
      if (first.hasOutput(k) && second.hasOutput(k)) {
        counterparts.put(first.output(k).name(), second.output(k).name());
      }
    }
  }

  private void compareInputs() {
    Map<String, Input> second = new HashMap<>();
    after.graph().inputs().forEach(i -> second.put(i.name(), i));
    for (Input input : before.graph().inputs()) {
      Input other = second.remove(counterparts.getOrDefault(input.name(), ""));
      if (other == null) {
        tell(new Difference.Removed(place, "input " + input.name()));
        continue;
      }
      if (!isBody) {
        changed(place, "input", input.name(), other.name());
      }
      typeChanged(place, "type of input " + input.name(), input.type(), other.type());
      changed(place, "metadata of input " + input.name(), input.metadata(), other.metadata());
      TensorData first = before.constant(input.name());
      TensorData next = after.constant(other.name());
      if (first != null || next != null) {
        compareConstants(place, "default of input " + input.name(), first, next);
      }
    }
    second.keySet().forEach(name -> tell(new Difference.Added(place, "input " + name)));
  }

  private void compareOutputs() {
    List<Output> first = before.graph().outputs();
    List<Output> second = after.graph().outputs();
    for (int i = 0; i < Math.max(first.size(), second.size()); i++) {
      if (i >= second.size()) {
        tell(new Difference.Removed(place, "output " + first.get(i).name()));
      } else if (i >= first.size()) {
        tell(new Difference.Added(place, "output " + second.get(i).name()));
      } else {
        Output a = first.get(i);
        Output b = second.get(i);
        if (!isBody) {
          changed(place, "output", a.name(), b.name());
        }
        typeChanged(place, "type of output " + a.name(), a.type(), b.type());
        changed(place, "metadata of output " + a.name(), a.metadata(), b.metadata());
        compareUse(place, "output " + a.name() + " is", a.name(), b.name());
      }
    }
  }

  /** Parameters of quantisation are values, compared as any other use of one. */
  private void compareQuantization() {
    Map<String, QuantizationAnnotation> byName = new HashMap<>();
    Map<Integer, QuantizationAnnotation> byNumber = new HashMap<>();
    for (QuantizationAnnotation annotation : after.graph().quantization()) {
      byName.put(annotation.value(), annotation);
      byNumber.put(after.value(annotation.value()), annotation);
    }
    for (QuantizationAnnotation first : before.graph().quantization()) {
      String what = "quantization of " + first.value();
      String name = Objects.requireNonNullElse(counterpart(first.value()), first.value());
      QuantizationAnnotation second =
          byName.getOrDefault(name, byNumber.get(before.value(first.value())));
      if (second == null) {
        tell(new Difference.Removed(place, what));
        continue;
      }
      byName.remove(second.value());
      byNumber.remove(after.value(second.value()));
      changed(place, "metadata of the " + what, first.metadata(), second.metadata());
      Set<String> keys = new TreeSet<>(first.parameters().keySet());
      keys.addAll(second.parameters().keySet());
      for (String key : keys) {
        compareUse(
            place,
            key + " in the " + what,
            first.parameters().getOrDefault(key, ""),
            second.parameters().getOrDefault(key, ""));
      }
    }
    after.graph().quantization().stream()
        .map(QuantizationAnnotation::value)
        .filter(byName::containsKey)
        .forEach(value -> tell(new Difference.Added(place, "quantization of " + value)));
  }

  private void compareNodes(int i, int j) {
    Node first = before.node(i);
    Node second = after.node(j);
    String at = place + ": " + first.described();
    for (int k = 0; k < Math.min(first.outputs().size(), second.outputs().size()); k++) {
      typeChanged(
          at,
          "type of output " + first.output(k).name(),
          first.output(k).type(),
          second.output(k).type());
    }
    changed(at, "metadata", first.metadata(), second.metadata());
    if (before.isConstant(i)) {
      return;
    }
    if (before.nodeNumber(i) == after.nodeNumber(j)) {
      // Bodies that compute the same may still say other things, such as types.
      if (!first.subgraphs().isEmpty() && !first.attributes().equals(second.attributes())) {
        compareAttributes(at, first, second);
      }
      return;
    }
    compareAttributes(at, first, second);
    for (int k = 0; k < Math.max(first.inputs().size(), second.inputs().size()); k++) {
      compareUse(at, "input " + k, first.input(k), second.input(k));
    }
    changed(at, "number of outputs", first.outputs().size(), second.outputs().size());
  }

  private void compareAttributes(String at, Node first, Node second) {
    Map<String, AttributeValue> a = before.attributes(first);
    Map<String, AttributeValue> b = after.attributes(second);
    Set<String> names = new TreeSet<>(a.keySet());
    names.addAll(b.keySet());
    for (String name : names) {
      AttributeValue x = a.get(name);
      AttributeValue y = b.get(name);
      if (x == null || y == null || x.type() != y.type() || !comparePart(at, name, x, y, first)) {
        if (!Objects.equals(x, y)) {
          // Long values may differ beyond what a text shows of them.
          tell(new Difference.Changed(at, "attribute " + name, text(x), text(y)));
        }
      }
    }
  }

  /** Compares subgraphs and tensors part by part; false if there are none, or not as many. */
  private boolean comparePart(
      String at, String name, AttributeValue x, AttributeValue y, Node holder) {
    List<Graph> bodies = bodies(x);
    List<TensorData> tensors = tensors(x);
    boolean isList = x instanceof AttributeValue.Graphs || tensors.size() > 1;
    if (bodies.size() != bodies(y).size() || tensors.size() != tensors(y).size()) {
      return false;
    }
    for (int k = 0; k < bodies.size(); k++) {
      String inside = holder.pathInside(place) + "." + name + (isList ? "[" + k + "]" : "");
      compareInside(inside, bodies.get(k), bodies(y).get(k), true);
    }
    for (int k = 0; k < tensors.size(); k++) {
      String what = "attribute " + name + (isList ? "[" + k + "]" : "");
      compareConstants(at, what, tensors.get(k), tensors(y).get(k));
    }
    return !bodies.isEmpty() || !tensors.isEmpty();
  }

  private static List<Graph> bodies(@Nullable AttributeValue value) {
    if (value instanceof AttributeValue.Graph one) {
      return List.of(one.value());
    }
    return value instanceof AttributeValue.Graphs many ? many.values() : List.of();
  }

  private static List<TensorData> tensors(@Nullable AttributeValue value) {
    if (value instanceof AttributeValue.Tensor one) {
      return List.of(one.value());
    } else if (value instanceof AttributeValue.SparseTensor one) {
      return List.of(one.value());
    } else if (value instanceof AttributeValue.Tensors many) {
      return List.copyOf(many.values());
    }
    return value instanceof AttributeValue.SparseTensors many
        ? List.copyOf(many.values())
        : List.of();
  }

  private static String text(@Nullable AttributeValue value) {
    if (value == null) {
      return "default";
    }
    if (value instanceof AttributeValue.Int one) {
      return Long.toString(one.value());
    }
    if (value instanceof AttributeValue.Float one) {
      return Float.toString(one.value());
    }
    if (value instanceof AttributeValue.String one) {
      return '"' + one.value() + '"';
    }
    return value.toString();
  }

  /** Compares what two nodes take, or two graphs give, in one place. */
  private void compareUse(String at, String what, String first, String second) {
    if (first.isEmpty() && second.isEmpty()
        || second.equals(counterpart(first))
        || before.value(first) == after.value(second)) {
      return;
    }
    TensorData x = before.constant(first);
    TensorData y = after.constant(second);
    if (x != null && y != null) {
      // One that is used in several places is told where it was found first.
      if (comparison.told().add(List.of(first, second, x, y))) {
        compareConstants(at, what + " (" + first + ")", x, y);
      }
    } else {
      tell(new Difference.Changed(at, what, before.described(first), after.described(second)));
    }
  }

  private @Nullable String counterpart(String name) {
    for (GraphDiff diff = this; diff != null; diff = diff.around) {
      String counterpart = diff.counterparts.get(name);
      if (counterpart != null) {
        return counterpart;
      }
    }
    return null;
  }

  private void compareConstants(
      String at, String what, @Nullable TensorData first, @Nullable TensorData second) {
    if (Objects.equals(first, second)) {
      return;
    }
    if (first instanceof SparseTensor a
        && second instanceof SparseTensor b
        && a.type().equals(b.type())
        && a.indices().equals(b.indices())) {
      compareConstants(at, what, a.values(), b.values());
    } else if (first instanceof Tensor a
        && second instanceof Tensor b
        && a.type().equals(b.type())
        && (a.elementType().isFloat() || a.elementType().isInteger())) {
      TensorDifference by = TensorDifference.of(a, b);
      if (by.differing() > 0) { // else they are NaNs of other bits
        tell(new Difference.ElementValues(at, what, by));
      }
    } else {
      tell(new Difference.Changed(at, what, described(first), described(second)));
    }
  }

  private static String described(@Nullable TensorData data) {
    return data == null ? "absent" : data.toString();
  }

  private void typeChanged(String at, String what, ValueType first, ValueType second) {
    if (first.isKnown() && second.isKnown()) {
      changed(at, what, first, second);
    }
  }

  private void changed(String at, String what, Object first, Object second) {
    if (!first.equals(second)) {
      tell(new Difference.Changed(at, what, first.toString(), second.toString()));
    }
  }

  private void tell(Difference difference) {
    comparison.found().add(difference);
  }
}
