package dev.sardonyx.training.onednn;

import dev.sardonyx.training.Dl4jRuntime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A DL4J network that computes its gradients in oneDNN 3 where it can, and as any other where it
 * cannot. All else is DL4J's: parameters, updaters, listeners, what is saved, and inference.
 *
 * <p>The same network, data and number of threads give the same gradient, bit by bit.
 */
public final class OneDnnGraph extends ComputationGraph {
  /** A whole batch, and the rest at the end of an epoch. */
  private static final int SHAPES = 2;

  private final transient Map<List<Long>, Step> steps = new LinkedHashMap<>(4, 0.75f, true);
  private transient INDArray @Nullable [] labels;
  private String reason = "";
  private Set<String> foreign = Set.of();

  public OneDnnGraph(ComputationGraphConfiguration configuration) {
    super(configuration);
  }

  /** Why DL4J itself computed the last gradient; empty if it did not. */
  public String notTaken() {
    return reason;
  }

  /** The vertices that DL4J computed for the last gradient, on copies, each with its kind. */
  public Set<String> foreign() {
    return foreign;
  }

  /** Gives the native memory of training back; another gradient allocates it again. */
  public void release() {
    steps.values().forEach(Step::close);
    steps.clear();
  }

  @Override
  public void setLabels(INDArray... given) {
    super.setLabels(given);
    labels = given;
  }

  @Override
  public void computeGradientAndScore() {
    try {
      Step step = step();
      reason = "";
      foreign = step.foreign();
      run(step);
    } catch (NotTakenException e) {
      reason = Objects.requireNonNull(e.getMessage());
      super.computeGradientAndScore();
    }
  }

  private Step step() {
    if (Boolean.getBoolean(Dl4jRuntime.HELPERS_DISABLE)) {
      throw new NotTakenException(Dl4jRuntime.HELPERS_DISABLE + " is true");
    }
    INDArray[] given = labels;
    if (getInputs() == null || getInputs().length != 1 || given == null || given[0] == null) {
      throw new NotTakenException("there is not one input with labels");
    }
    if (getInputMaskArrays() != null && getInputMaskArrays()[0] != null) {
      throw new NotTakenException("its input is masked");
    }
    getListeners().stream()
        .filter(OneDnnGraph::seesActivations)
        .findFirst()
        .ifPresent(
            listener -> {
              throw new NotTakenException(
                  "the listener " + listener.getClass().getSimpleName() + " looks at activations");
            });
    if (flattenedGradients == null) {
      initGradientsView();
    }
    long[] shape = getInputs()[0].shape();
    List<Long> key = Arrays.stream(shape).boxed().toList();
    Step known = steps.get(key);
    if (known != null) {
      return known;
    }
    if (steps.size() == SHAPES) {
      steps.remove(steps.keySet().iterator().next()).close();
    }
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      Step made = Step.of(this, shape);
      steps.put(key, made);
      return made;
    } catch (NotTakenException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new NotTakenException("oneDNN says: " + e.getMessage());
    }
  }

  private static boolean seesActivations(TrainingListener listener) {
    try {
      Class<?> declaring =
          listener
              .getClass()
              .getMethod("onForwardPass", Model.class, Map.class)
              .getDeclaringClass();
      return declaring != BaseTrainingListener.class && declaring != TrainingListener.class;
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  private void run(Step step) {
    synchronizeIterEpochCounts();
    INDArray mask = getLabelMaskArrays() == null ? null : getLabelMaskArrays()[0];
    double loss;
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      loss = step.run(getInputs()[0], labels[0], mask);
      gradient = gradients();
    }
    score = loss + calcRegularizationScore(true);
    for (TrainingListener listener : getListeners()) {
      listener.onBackwardPass(this);
    }
  }

  /** The network's gradient as DL4J wants to see it: one array, with a view for each parameter. */
  private DefaultGradient gradients() {
    DefaultGradient result = new DefaultGradient(flattenedGradients);
    for (int index : topologicalOrder) {
      GraphVertex vertex = vertices[index];
      Layer layer = vertex.getLayer();
      if (layer != null && layer.numParams() > 0) {
        String prefix = vertex.getVertexName() + "_";
        if (layer.getGradientsViewArray() == null) { // A frozen layer has none.
          layer.paramTable().keySet().forEach(key -> result.setGradientFor(prefix + key, null));
        } else {
          Parameters.gradientsOf(layer)
              .forEach((key, view) -> result.setGradientFor(prefix + key, view));
        }
      }
    }
    return result;
  }
}
