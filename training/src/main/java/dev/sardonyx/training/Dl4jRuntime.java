package dev.sardonyx.training;

import java.util.Optional;
import org.deeplearning4j.nn.layers.mkldnn.BaseMKLDNNHelper;

/**
 * DL4J's native side, set up for speed.
 *
 * <p>DL4J 1.0.0-M2.1 leaves its oneDNN helpers off twice over: a property disables them unless it
 * is set, and the check whether oneDNN is there asks a class that has moved. The property is set
 * here; {@code org.nd4j.nativeblas.Nd4jCpu} in this module stands in for the class. What DL4J saves
 * is not changed by either.
 */
public final class Dl4jRuntime {
  /**
   * The property by which DL4J is told not to use helpers; set it to {@code true} to do without.
   */
  public static final String HELPERS_DISABLE = "org.eclipse.deeplearning4j.helpers.disable";

  private Dl4jRuntime() {}

  /** Allows layers made from now on to use helpers, unless the property says otherwise already. */
  public static void prepare() {
    if (System.getProperty(HELPERS_DISABLE) == null) {
      System.setProperty(HELPERS_DISABLE, "false");
    }
  }

  /** Whether layers made now get their oneDNN helpers. */
  public static boolean helpersEnabled() {
    prepare();
    return !Boolean.getBoolean(HELPERS_DISABLE) && BaseMKLDNNHelper.mklDnnEnabled();
  }

  /**
   * What would make training faster, in one line; empty if nothing is known. The variables count
   * only when set before the JVM starts.
   */
  public static Optional<String> advice() {
    if (!helpersEnabled()) {
      return Optional.of("DL4J runs without oneDNN, which is about 16 times slower.");
    }
    boolean passive = "passive".equalsIgnoreCase(System.getenv("OMP_WAIT_POLICY"));
    boolean timeout = System.getenv("OPENBLAS_THREAD_TIMEOUT") != null;
    return passive && timeout
        ? Optional.empty()
        : Optional.of(
            "Training is about 10 % faster with the environment variables "
                + "OMP_WAIT_POLICY=passive OPENBLAS_THREAD_TIMEOUT=4.");
  }
}
