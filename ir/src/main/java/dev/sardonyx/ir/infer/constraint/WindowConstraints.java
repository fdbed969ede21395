package dev.sardonyx.ir.infer.constraint;

import dev.sardonyx.ir.infer.InferenceContext;
import java.util.Arrays;

/** Convolutions and pools, whose windows runtimes count in 32 bits. */
final class WindowConstraints {
  private static final long MOST = Integer.MAX_VALUE;

  private WindowConstraints() {}

  static void addTo(Constraints all) {
    Constraint notBoth = WindowConstraints::noPadsBesideAutomaticOnes;
    all.add("Conv", WindowConstraints::countable, notBoth);
    Constraint padding = WindowConstraints::onePadding;
    all.add(
        "ConvTranspose",
        WindowConstraints::countable,
        Demand.each("output_padding", 0, MOST),
        padding.since(11));
    all.add("DeformConv", WindowConstraints::countable, Demand.atLeast("offset_group", 1));
    all.add("AveragePool", WindowConstraints::countable, notBoth);
    all.add("MaxPool", WindowConstraints::countable, notBoth, Demand.within("storage_order", 0, 1));
    all.add("LpPool", WindowConstraints::countable, notBoth, Demand.atLeast("p", 1).since(2));
    all.add("GlobalLpPool", Demand.atLeast("p", 1).since(2));
    all.add("MaxUnpool", WindowConstraints::countable);
  }

  static void countable(InferenceContext c) {
    Demand.each("kernel_shape", 1, MOST).check(c);
    Demand.each("strides", 1, MOST).check(c);
    Demand.each("dilations", 1, MOST).check(c);
    Demand.each("pads", 0, MOST).check(c);
    long[] kernel = c.intsAttribute("kernel_shape");
    if (kernel == null) {
      return;
    }
    double size = 1;
    for (long number : kernel) {
      size *= number;
    }
    if (size > MOST) {
      throw Demand.wrong(
          c, "kernel_shape", "a window of at most " + MOST + " elements", Arrays.toString(kernel));
    }
    reach(c, kernel);
  }

  /** What auto_pad finds out cannot be given too. */
  private static void onePadding(InferenceContext c) {
    String automatic = c.stringAttribute("auto_pad", "NOTSET");
    if (c.hasAttribute("pads") && !automatic.equals("NOTSET")) {
      throw Demand.wrong(c, "auto_pad", "NOTSET where pads are given", automatic);
    }
  }

  /** Pads of zeros stand beside auto_pad in some files, and mean nothing. */
  static void noPadsBesideAutomaticOnes(InferenceContext c) {
    String automatic = c.stringAttribute("auto_pad", "NOTSET");
    long[] pads = c.intsAttribute("pads");
    if (!automatic.equals("NOTSET")
        && pads != null
        && Arrays.stream(pads).anyMatch(pad -> pad != 0)) {
      throw Demand.wrong(
          c, "auto_pad", "NOTSET where pads are " + Arrays.toString(pads), automatic);
    }
  }

  /** A window's reach with its dilation is a 32-bit number too. */
  private static void reach(InferenceContext c, long[] kernel) {
    long[] dilations = c.intsAttribute("dilations");
    for (int i = 0; dilations != null && i < Math.min(kernel.length, dilations.length); i++) {
      if ((kernel[i] - 1.0) * dilations[i] + 1 > MOST) {
        throw Demand.wrong(
            c,
            "dilations",
            "numbers by which windows reach at most " + MOST,
            Arrays.toString(dilations));
      }
    }
  }
}
