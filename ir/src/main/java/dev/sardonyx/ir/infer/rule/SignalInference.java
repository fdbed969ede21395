package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Signal processing: Fourier transforms, windows, mel filters. */
final class SignalInference {
  private SignalInference() {}

  static void addTo(Rules rules) {
    rules.add("DFT", SignalInference::dft);
    rules.add("STFT", SignalInference::stft);
    for (String name : List.of("HannWindow", "HammingWindow", "BlackmanWindow")) {
      rules.add(name, SignalInference::window);
    }
    rules.add("MelWeightMatrix", SignalInference::melWeightMatrix);
  }

  /**
   * The transform of [..., signal, ..., 1 or 2]; the last dimension tells real from complex
   * numbers. A one-sided transform gives length/2+1 values; its inverse gives real numbers.
   */
  private static void dft(InferenceContext c) {
    Shape shape = c.inputShape(0);
    if (!shape.isRanked()) {
      return;
    }
    if (shape.rank() < 2) {
      throw c.rankError(0, "of at least 2");
    }
    boolean oneSided = c.flag("onesided");
    boolean inverse = c.flag("inverse");
    realOrComplex(c, shape);
    if (oneSided) {
      requireParts(c, shape, inverse);
    }
    Dim outParts = Dim.of(oneSided && inverse ? 1 : 2);
    Long axisNumber = axisOfDft(c);
    if (axisNumber == null) {
      c.setOutputShape(0, Shape.ofRank(shape.rank()).with(-1, outParts));
      return;
    }
    int axis = Axes.normalize("axis", axisNumber, shape.rank());
    if (axis == shape.rank() - 1) {
      throw c.attributeError(
          "axis",
          "an axis of the signal",
          Long.toString(axisNumber),
          "axis "
              + axisNumber
              + " is that of real and imaginary parts of "
              + c.inputName(0)
              + " "
              + shape);
    }
    Dim length = lengthOfDft(c, shape.dim(axis), oneSided && inverse);
    Dim size = oneSided && !inverse ? length.floorDiv(2).plus(1) : length;
    c.setOutputShape(0, shape.with(axis, size).with(-1, outParts));
  }

  /** A one-sided transform takes real numbers, its inverse complex ones. */
  private static void requireParts(InferenceContext c, Shape shape, boolean inverse) {
    Dim needed = Dim.of(inverse ? 2 : 1);
    if (!shape.dim(-1).isCompatibleWith(needed)) {
      throw c.shapeError(
          0,
          needed + " in the last dimension",
          "a one-sided "
              + (inverse ? "inverse takes complex" : "transform takes real")
              + " numbers, so the last dimension of "
              + c.inputName(0)
              + " "
              + shape
              + " must be "
              + needed);
    }
  }

  /** The axis of the signal as it is given, an input since version 20; null if it is computed. */
  private static @Nullable Long axisOfDft(InferenceContext c) {
    if (c.since() < 20) {
      return c.intAttribute("axis");
    }
    IntegerOperand given = IntegerOperand.ofInput(c, "axis", 2);
    if (!given.given()) {
      return -2L;
    }
    long[] numbers = given.numbers();
    return numbers == null || numbers.length != 1 ? null : Long.valueOf(numbers[0]);
  }

  /** The length of the whole spectrum: the one asked for, or that of the signal. */
  private static Dim lengthOfDft(InferenceContext c, Dim signal, boolean isHalfSpectrum) {
    IntegerOperand given = IntegerOperand.ofInput(c, "dft_length", 1);
    if (given.given()) {
      return given.values() != null && given.count() == 1 ? given.get(0) : Dim.UNKNOWN;
    }
    return isHalfSpectrum ? signal.minus(1).times(2) : signal;
  }

  private static void realOrComplex(InferenceContext c, Shape shape) {
    Dim parts = shape.dim(-1);
    if (parts.isFixed() && parts.value() != 1 && parts.value() != 2) {
      throw c.shapeError(
          0,
          "1 (real) or 2 (complex) in the last dimension",
          "the last dimension of "
              + c.inputName(0)
              + " "
              + shape
              + " is "
              + parts
              + "; it must be 1 (real) or 2 (complex)");
    }
  }

  /** [batch, signal, 1 or 2] to [batch, frames, bins, 2]. */
  private static void stft(InferenceContext c) {
    Shape signal = c.inputShape(0);
    Dim batch = Dim.UNKNOWN;
    Dim length = Dim.UNKNOWN;
    if (signal.isRanked()) {
      if (signal.rank() != 3 && signal.rank() != 2) {
        throw c.rankError(0, "3");
      }
      if (signal.rank() == 3) {
        realOrComplex(c, signal);
      }
      batch = signal.dim(0);
      length = signal.dim(1);
    }
    Shape window = c.inputShape(2);
    if (window.isRanked() && window.rank() != 1) {
      throw c.rankError(2, "1");
    }
    Dim step = scalar(c, 1);
    Dim ofWindow = window.isRanked() ? window.dim(0) : Dim.UNKNOWN;
    Dim frame = c.hasInput(3) ? scalar(c, 3) : ofWindow;
    if (c.hasInput(3) && !frame.isKnown()) {
      frame = ofWindow;
    }
    if (frame.isFixed() && ofWindow.isFixed() && !frame.equals(ofWindow)) {
      throw c.shapeError(
          2,
          "[" + frame + "]",
          "window " + c.inputName(2) + " " + window + " is not as long as a frame, " + frame);
    }
    if (step.isFixed() && step.value() < 1) {
      throw c.attributeError(
          "frame_step",
          "at least 1",
          step.toString(),
          "frame_step " + step + " must be at least 1");
    }
    Dim frames = length.minus(frame).floorDiv(step).plus(1);
    Dim bins = c.flag("onesided") ? frame.floorDiv(2).plus(1) : frame;
    c.setOutputShape(0, Shape.of(batch, frames, bins, Dim.of(2)));
  }

  /** The one number of a scalar input, as far as it is known. */
  private static Dim scalar(InferenceContext c, int input) {
    KnownValues values = c.inputKnown(input);
    return values != null && values.size() == 1 && values.isWhole() ? values.get(0) : Dim.UNKNOWN;
  }

  private static void window(InferenceContext c) {
    ElementType type = c.elementTypeAttribute("output_datatype").orElse(ElementType.FLOAT);
    ElementwiseInference.checkAllowed(c, "output_datatype", type);
    Dim size = size(c, 0, "size");
    if (size.isFixed(0)) {
      throw c.attributeError("size", "at least 1", "0", "size 0 leaves no window");
    }
    c.setOutputType(0, type, Shape.of(size));
  }

  private static Dim size(InferenceContext c, int input, String name) {
    Shape shape = c.inputShape(input);
    if (shape.isRanked() && shape.rank() > 1) {
      throw c.rankError(input, "0");
    }
    Dim size = scalar(c, input);
    if (size.isFixed() && size.value() < 0) {
      throw c.attributeError(
          name, "at least 0", size.toString(), name + " " + size + " is negative");
    }
    return size;
  }

  /** [dft_length/2+1, num_mel_bins]. */
  private static void melWeightMatrix(InferenceContext c) {
    ElementType type = c.elementTypeAttribute("output_datatype").orElse(ElementType.FLOAT);
    ElementwiseInference.checkAllowed(c, "output_datatype", type);
    Dim bins = size(c, 0, "num_mel_bins");
    Dim length = size(c, 1, "dft_length");
    c.setOutputType(0, type, Shape.of(length.floorDiv(2).plus(1), bins));
  }
}
