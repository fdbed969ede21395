package dev.sardonyx.samples;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.BorrowedOutputs;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.training.Dl4jBackend;
import dev.sardonyx.training.NativeThreads;
import dev.sardonyx.training.TrainingResult;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network that DL4J has trained, as a backend for the model that is deployed.
 *
 * <p>The output comes from the trained network itself. Training fuses layers and overwrites what it
 * no longer needs, so intermediate values come from DL4J running the trained model with every one
 * of them as an output. What the deployed model does before and after the network is computed from
 * the data, without its nodes.
 *
 * @param data what the network learnt from
 */
record TrainedNetwork(TrainingResult training, LearningData data) implements Backend {
  private static final Dl4jBackend DL4J = new Dl4jBackend();

  @Override
  public String name() {
    return "the trained " + DL4J.name() + " network";
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    return DL4J.whyUnsupported(training.model());
  }

  /** The network's values, what it sees, and the deployed model's output. */
  @Override
  public List<String> observableValues(Model model) {
    Set<String> values = new LinkedHashSet<>(DL4J.observableValues(training.model()));
    values.add(only(model.graph().outputs()).name());
    values.add(input());
    return List.copyOf(values);
  }

  private String input() {
    return only(training.model().graph().inputs()).name();
  }

  private static <T> T only(List<T> list) {
    return list.get(0);
  }

  @Override
  public PreparedModel prepare(Model model, Options options) {
    String inner = only(training.model().graph().outputs()).name();
    String output = only(model.graph().outputs()).name();
    Set<String> asked = new LinkedHashSet<>();
    asked.add(inner);
    options.outputs().stream()
        .filter(value -> !value.equals(output) && !value.equals(input()))
        .forEach(asked::add);
    PreparedModel observed =
        DL4J.prepare(training.model(), options.withOutputs(List.copyOf(asked)));
    return new PreparedModel() {
      @Override
      public Outputs run(Map<String, ? extends Datum> inputs) {
        Map<String, Tensor> seen = Map.of(input(), data.seen(inputs));
        return withOutput(observed.run(seen), seen);
      }

      @Override
      public BorrowedOutputs borrow(Map<String, ? extends Datum> inputs) {
        Map<String, Tensor> seen = Map.of(input(), data.seen(inputs));
        BorrowedOutputs borrowed = observed.borrow(seen);
        return BorrowedOutputs.of(withOutput(borrowed.outputs(), seen), borrowed::close);
      }

      private Outputs withOutput(Outputs observed, Map<String, Tensor> seen) {
        Tensor features = Objects.requireNonNull(seen.get(input()));
        Tensor answers = NativeThreads.during(options.threads(), () -> answers(features));
        Map<String, Datum> values = new LinkedHashMap<>(observed);
        values.put(inner, answers);
        values.put(input(), features);
        values.put(output, data.restored(answers));
        return Outputs.of(values);
      }

      @Override
      public void close() {
        observed.close();
      }
    };
  }

  /** What the trained network answers. */
  Tensor answers(Tensor features) {
    INDArray seen = Nd4j.create(features.toFloats(), features.dims());
    INDArray result = training.network().output(false, seen)[0];
    return Tensor.ofFloats(result.dup('c').data().asFloat(), result.shape());
  }
}
