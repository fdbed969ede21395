package dev.sardonyx.training.onednn;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bytedeco.dnnl.memory;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.ResetPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What DL4J itself computes within a recorded step, on copies in plain order. */
final class Foreign {
  /** The workspace of what DL4J's layers keep from the way forward to the way back of a step. */
  private static final String WORKSPACE = "SARDONYX_STEP";

  private static final WorkspaceConfiguration WORKSPACE_CONFIGURATION =
      WorkspaceConfiguration.builder()
          .initialSize(0)
          .overallocationLimit(0.05)
          .policyLearning(LearningPolicy.FIRST_LOOP)
          .policyReset(ResetPolicy.BLOCK_LEFT)
          .policySpill(SpillPolicy.REALLOCATE)
          .policyAllocation(AllocationPolicy.OVERALLOCATE)
          .build();

  /** The layers and vertices that are known to compute correctly this way. */
  private static final Set<Class<?>> KNOWN =
      Set.of(
          org.deeplearning4j.nn.conf.layers.misc.FrozenLayer.class,
          FrozenVertex.class,
          DropoutLayer.class,
          LocalResponseNormalization.class,
          Upsampling2D.class,
          ElementWiseVertex.class,
          SubsetVertex.class);

  private Foreign() {}

  /** Whether a layer or vertex can be left to DL4J in the midst of a step. */
  static boolean knows(Object configuration) {
    return KNOWN.contains(configuration.getClass());
  }

  /** The memory of one step, to be closed at its end. */
  static MemoryWorkspace memory() {
    return Nd4j.getWorkspaceManager().getAndActivateWorkspace(WORKSPACE_CONFIGURATION, WORKSPACE);
  }

  static LayerWorkspaceMgr inMemory() {
    return LayerWorkspaceMgr.builder().defaultWorkspace(WORKSPACE, WORKSPACE_CONFIGURATION).build();
  }

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
  static RecordedValue vertex(RecordingSite site, GraphVertex vertex) {
    LayerWorkspaceMgr memory = inMemory();
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
            Pair<org.deeplearning4j.nn.gradient.Gradient, INDArray[]> back =
                vertex.doBackward(false, memory);
            if (back.getFirst() != null) {
              site.foreign().gradients().put(site.name(), back.getFirst());
            }
            return back.getSecond();
          }
        };
    boolean learns =
        !(vertex.getLayer() instanceof FrozenLayer)
            && (vertex.numParams() > 0 || site.inputs().stream().anyMatch(RecordedValue::learns));
    return add(site, learns, computation);
  }

  static RecordedValue activation(RecordingSite site, IActivation activation) {
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

  private static RecordedValue add(RecordingSite site, boolean learns, Computation computation) {
    Tape tape = site.tape();
    int count = site.inputs().size();
    long[] dims = dims(site, computation);
    List<INDArray> inputs = new ArrayList<>();
    for (RecordedValue x : site.inputs()) {
      INDArray copy = array(x.dims());
      tape.copy(x.data(), wrapped(tape, copy));
      inputs.add(copy);
    }
    INDArray output = array(dims);
    tape.run(() -> output.assign(computation.forward(true, inputs.toArray(new INDArray[count]))));
    RecordedValue result = RecordedValue.of(dims, wrapped(tape, output), learns);
    tape.onTheWayBack(
        () -> {
          ValueGradient gradient = tape.take(result);
          if (gradient == null) {
            return;
          }
          INDArray behind = array(dims);
          List<INDArray> before = site.inputs().stream().map(x -> array(x.dims())).toList();
          tape.copy(gradient.data(), wrapped(tape, behind));
          tape.release(gradient);
          tape.run(() -> assign(before, computation.backward(behind)));
          for (int i = 0; i < count; i++) {
            RecordedValue x = site.inputs().get(i);
            if (x.learns()) {
              ValueGradient part = tape.fresh(x.order());
              tape.copy(wrapped(tape, before.get(i)), part.data());
              tape.give(x, part);
            }
          }
        });
    return result;
  }

  /** What it gives for zeros; not in training, where dropout would draw its random numbers. */
  private static long[] dims(RecordingSite site, Computation computation) {
    try (MemoryWorkspace step = memory()) {
      INDArray[] zeros =
          site.inputs().stream()
              .map(x -> Nd4j.zeros(DataType.FLOAT, x.dims()))
              .toArray(INDArray[]::new);
      return computation.forward(false, zeros).shape();
    }
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

  private static memory wrapped(Tape tape, INDArray array) {
    return tape.at(Parameters.address(array), Tape.plain(array.shape()));
  }
}
