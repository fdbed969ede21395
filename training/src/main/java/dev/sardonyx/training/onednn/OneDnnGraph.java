package dev.sardonyx.training.onednn;

import dev.sardonyx.training.Dl4jRuntime;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.layers.BaseOutputLayer;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A DL4J network that computes its gradients by oneDNN 3 where it can, and like any other DL4J
 * network where it cannot. All else is DL4J's: parameters, updaters, listeners, what is saved, and
 * inference.
 *
 * <p>The same network, data and number of threads give the same gradient, bit by bit.
 */
public final class OneDnnGraph extends ComputationGraph {
  /** A whole batch, and the rest at the end of an epoch. */
  private static final int SHAPES = 2;

  private final transient Map<List<List<Long>>, TrainingStep> steps =
      new LinkedHashMap<>(4, 0.75f, true);
  private transient INDArray @Nullable [] labels;
  private String reason = "";

  /** Why the network can never be taken; empty if that is not known. */
  private String refusal = "";

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
    steps.values().forEach(TrainingStep::close);
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
      TrainingStep step = step();
      reason = "";
      foreign = Set.copyOf(step.foreign().names());
      run(step);
    } catch (NotTakenException e) {
      reason = e.getMessage();
      requirePlainWeights();
      super.computeGradientAndScore();
    }
  }

  /**
   * DL4J's output layers multiply their scores by the mask of the labels, too, before the loss is:
   * only 0 and 1 forgive that.
   */
  private void requirePlainWeights() {
    INDArray[] masks = getLabelMaskArrays();
    for (int i = 0; masks != null && i < masks.length; i++) {
      INDArray mask = masks[i];
      if (mask != null && getOutputLayer(i) instanceof BaseOutputLayer<?> && !isPlain(mask)) {
        throw new IllegalStateException(
            "Examples have weights other than 0 and 1 for '%s', which DL4J gets wrong, and DL4J itself trains this network: %s"
                .formatted(getConfiguration().getNetworkOutputs().get(i), reason));
      }
    }
  }

  private static boolean isPlain(INDArray mask) {
    for (float weight : mask.dup().data().asFloat()) {
      if (weight != 0 && weight != 1) {
        return false;
      }
    }
    return true;
  }

  private TrainingStep step() {
    requireTakeable();
    if (flattenedGradients == null) {
      initGradientsView();
    }
    List<long[]> shapes = Arrays.stream(getInputs()).map(INDArray::shape).toList();
    List<List<Long>> key =
        shapes.stream().map(shape -> Arrays.stream(shape).boxed().toList()).toList();
    TrainingStep known = steps.get(key);
    if (known != null) {
      return known;
    }
    if (!refusal.isEmpty()) {
      throw new NotTakenException(refusal);
    }
    if (steps.size() == SHAPES) {
      Iterator<TrainingStep> longestUnused = steps.values().iterator();
      longestUnused.next().close();
      longestUnused.remove();
    }
    TrainingStep made = made(shapes);
    steps.put(key, made);
    return made;
  }

  private void requireTakeable() {
    if (Boolean.getBoolean(Dl4jRuntime.HELPERS_DISABLE)) {
      throw new NotTakenException(Dl4jRuntime.HELPERS_DISABLE + " is true");
    }
    INDArray[] given = labels;
    if (getInputs() == null || getInputs().length == 0 || given == null) {
      throw new NotTakenException("there are no inputs with labels");
    }
    INDArray[] masks = getInputMaskArrays();
    if (masks != null && Arrays.stream(masks).anyMatch(Objects::nonNull)) {
      throw new NotTakenException("its inputs are masked");
    }
    getListeners().stream()
        .filter(OneDnnGraph::seesActivations)
        .findFirst()
        .ifPresent(
            listener -> {
              throw new NotTakenException(
                  "the listener " + listener.getClass().getSimpleName() + " looks at activations");
            });
  }

  /** A step for inputs of these shapes; why there is none is remembered. */
  private TrainingStep made(List<long[]> shapes) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return TrainingStep.of(this, shapes);
    } catch (NotTakenException e) {
      refusal = e.getMessage();
      throw e;
    } catch (RuntimeException e) {
      refusal = "oneDNN says: " + e.getMessage();
      throw new NotTakenException(refusal);
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

  private void run(TrainingStep step) {
    synchronizeIterEpochCounts();
    double loss;
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      loss = step.run(getInputs(), Objects.requireNonNull(labels), getLabelMaskArrays());
      gradient = gradients(step.foreign());
    }
    score = loss + calcRegularizationScore(true);
    for (TrainingListener listener : getListeners()) {
      listener.onBackwardPass(this);
    }
  }

  /** The network's gradient as DL4J wants to see it: one array, with a view for each parameter. */
  private Gradient gradients(ForeignParts parts) {
    DefaultGradient result = new DefaultGradient(flattenedGradients);
    for (int index : topologicalOrder) {
      GraphVertex vertex = vertices[index];
      Layer layer = vertex.getLayer();
      Gradient given = parts.gradients().get(vertex.getVertexName());
      Map<String, INDArray> views = Map.of();
      if (given != null) {
        views = given.gradientForVariable();
      } else if (layer != null && layer.getGradientsViewArray() != null) {
        views = Parameters.gradientsOf(layer);
      }
      views.forEach((key, view) -> result.setGradientFor(vertex.getVertexName() + "_" + key, view));
    }
    return result;
  }
}
