package dev.sardonyx.training.onednn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.memory;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What DL4J computes itself in the midst of a recorded step, on copies in plain order. */
final class Foreign {
  private Foreign() {}

  /** A computation of DL4J's, which may overwrite what it is given. */
  private interface Computation {
    INDArray forward(boolean training, INDArray... inputs);

    /** The gradients with respect to the inputs; null for one that has none. */
    @Nullable INDArray[] backward(INDArray gradient);
  }

  /**
   * Records a vertex.
   *
   * @param vertex of the network
   */
  static Value vertex(Site site, GraphVertex vertex) {
    LayerWorkspaceMgr memory = LayerWorkspaceMgr.noWorkspaces();
    Computation computation =
        new Computation() {
          @Override
          public INDArray forward(boolean training, INDArray... inputs) {
            for (int i = 0; i < inputs.length; i++) {
              vertex.setInput(i, inputs[i], memory);
            }
            return vertex.doForward(training, memory);
          }

          @Override
          public @Nullable INDArray[] backward(INDArray gradient) {
            vertex.setEpsilon(gradient);
            INDArray[] gradients = vertex.doBackward(false, memory).getSecond();
            vertex.clear();
            return gradients;
          }
        };
    boolean learns =
        !(vertex.getLayer() instanceof FrozenLayer)
            && (vertex.numParams() > 0 || site.inputs().stream().anyMatch(Value::learns));
    return add(site, learns, computation);
  }

  static Value activation(Site site, IActivation activation) {
    Computation computation =
        new Computation() {
          private @Nullable INDArray input;

          @Override
          public INDArray forward(boolean training, INDArray... inputs) {
            input = inputs[0];
            return activation.getActivation(inputs[0].dup(), training);
          }

          @Override
          public INDArray[] backward(INDArray gradient) {
            return new INDArray[] {activation.backprop(input, gradient).getFirst()};
          }
        };
    return add(site, site.input().learns(), computation);
  }

  static Value preprocessor(Site site, InputPreProcessor preprocessor) {
    int batch = Math.toIntExact(site.input().dims()[0]);
    LayerWorkspaceMgr memory = LayerWorkspaceMgr.noWorkspaces();
    Computation computation =
        new Computation() {
          @Override
          public INDArray forward(boolean training, INDArray... inputs) {
            return preprocessor.preProcess(inputs[0], batch, memory);
          }

          @Override
          public INDArray[] backward(INDArray gradient) {
            return new INDArray[] {preprocessor.backprop(gradient, batch, memory)};
          }
        };
    return add(site, site.input().learns(), computation);
  }

  private static Value add(Site site, boolean learns, Computation computation) {
    Tape tape = site.tape();
    int count = site.inputs().size();
    // Not in training, where dropout would draw its random numbers.
    long[] dims =
        computation
            .forward(
                false,
                site.inputs().stream()
                    .map(x -> Nd4j.zeros(DataType.FLOAT, x.dims()))
                    .toArray(INDArray[]::new))
            .shape();
    List<INDArray> inputs = new ArrayList<>();
    for (Value x : site.inputs()) {
      INDArray copy = array(x.dims());
      tape.copy(x.memory(), memory(tape, copy));
      inputs.add(copy);
    }
    INDArray output = array(dims);
    tape.run(() -> output.assign(computation.forward(true, inputs.toArray(new INDArray[count]))));
    Value result = Value.of(dims, memory(tape, output), learns);
    tape.onTheWayBack(
        () -> {
          Gradient gradient = tape.take(result);
          if (gradient == null) {
            return;
          }
          INDArray behind = array(dims);
          List<INDArray> before = site.inputs().stream().map(x -> array(x.dims())).toList();
          tape.copy(gradient.memory(), memory(tape, behind));
          tape.release(gradient);
          tape.run(() -> assign(before, computation.backward(behind)));
          for (int i = 0; i < count; i++) {
            Value x = site.inputs().get(i);
            if (x.learns()) {
              Gradient part = tape.fresh(x.desc());
              tape.copy(memory(tape, before.get(i)), part.memory());
              tape.give(x, part);
            }
          }
        });
    return result;
  }

  private static void assign(List<INDArray> targets, @Nullable INDArray[] gradients) {
    for (int i = 0; i < targets.size(); i++) {
      INDArray gradient = i < gradients.length ? gradients[i] : null;
      targets.get(i).assign(gradient == null ? Nd4j.scalar(DataType.FLOAT, 0) : gradient);
    }
  }

  private static INDArray array(long[] dims) {
    return Nd4j.createUninitialized(DataType.FLOAT, dims, 'c');
  }

  private static memory memory(Tape tape, INDArray array) {
    return tape.at(Parameters.address(array), Tape.plain(array.shape()));
  }
}
