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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network that DL4J has trained, as a backend for the model it was trained from.
 *
 * <p>The output comes from the trained network itself. Training fuses layers and overwrites what it
 * no longer needs, so intermediate values come from DL4J running the trained model with every one
 * of them as an output.
 */
record TrainedNetwork(TrainingResult training) implements Backend {
  private static final Dl4jBackend DL4J = new Dl4jBackend();

  @Override
  public String name() {
    return "the trained " + DL4J.name() + " network";
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    return DL4J.whyUnsupported(model);
  }

  @Override
  public List<String> observableValues(Model model) {
    return DL4J.observableValues(model);
  }

  @Override
  public PreparedModel prepare(Model model, Options options) {
    ComputationGraph network = training.network();
    String input = model.graph().inputs().get(0).name();
    String output = model.graph().outputs().get(0).name();
    PreparedModel observed = DL4J.prepare(model, options);
    return new PreparedModel() {
      @Override
      public Outputs run(Map<String, ? extends Datum> inputs) {
        return withOutput(observed.run(inputs), inputs);
      }

      @Override
      public BorrowedOutputs borrow(Map<String, ? extends Datum> inputs) {
        BorrowedOutputs borrowed = observed.borrow(inputs);
        return BorrowedOutputs.of(withOutput(borrowed.outputs(), inputs), borrowed::close);
      }

      private Outputs withOutput(Outputs observed, Map<String, ? extends Datum> inputs) {
        Map<String, Datum> values = new LinkedHashMap<>(observed);
        if (values.containsKey(output) && inputs.get(input) instanceof Tensor images) {
          values.put(
              output, NativeThreads.during(options.threads(), () -> output(network, images)));
        }
        return Outputs.of(values);
      }

      @Override
      public void close() {
        observed.close();
      }
    };
  }

  private static Tensor output(ComputationGraph network, Tensor images) {
    INDArray result = network.output(false, Nd4j.create(images.toFloats(), images.dims()))[0];
    return Tensor.ofFloats(result.dup('c').data().asFloat(), result.shape());
  }
}
