package org.nd4j.nativeblas;

/**
 * The class name under which DL4J 1.0.0-M2.1 asks whether oneDNN may be used.
 *
 * <p>ND4J moved its native bindings to {@code org.nd4j.linalg.cpu.nativecpu.bindings} and renamed
 * {@code isUseMKLDNN}, but DL4J's {@code BaseMKLDNNHelper.mklDnnEnabled()} still looks both up by
 * their old names, fails in silence, and trains at a sixteenth of the speed. This class answers the
 * old question with the new answer. Nothing that DL4J saves refers to it.
 */
public final class Nd4jCpu {
  private Nd4jCpu() {}

  /** Stands for the native environment; holds no state of its own. */
  public static final class Environment {
    private static final Environment INSTANCE = new Environment();

    private Environment() {}

    /** Called by DL4J through reflection. */
    public static Environment getInstance() {
      return INSTANCE;
    }

    /** Whether the loaded native library was built with oneDNN and is allowed to use it. */
    public boolean isUseMKLDNN() {
      return org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu.Environment.getInstance().isUseONEDNN();
    }
  }
}
