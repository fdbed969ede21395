package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** A window that slides over the spatial axes of an image, as attributes. */
record Window(long[] kernel, List<Long> strides, List<Long> dilations, Padding padding) {
  static List<Long> list(long... numbers) {
    return LongStream.of(numbers).boxed().toList();
  }

  /** One number stands for all axes. */
  static long[] perAxis(String what, List<Long> numbers, int axes) {
    if (numbers.size() != 1 && numbers.size() != axes) {
      throw GraphBuildException.here(
          what + " " + numbers + " do not fit a window of " + axes + " axes");
    }
    long[] all = new long[axes];
    for (int i = 0; i < axes; i++) {
      all[i] = numbers.get(numbers.size() == 1 ? 0 : i);
    }
    return all;
  }

  /** kernel_shape always, since some runtimes need it; strides always; dilations if not 1. */
  List<Attribute> attributes(Shape input) {
    List<Attribute> attributes = new ArrayList<>();
    long[] perStride = perAxis("Strides", strides, kernel.length);
    long[] perDilation = perAxis("Dilations", dilations, kernel.length);
    attributes.add(Attribute.ofInts("kernel_shape", kernel));
    attributes.add(Attribute.ofInts("strides", perStride));
    attributes.add(padding.attribute(input, kernel, perStride, perDilation));
    if (Arrays.stream(perDilation).anyMatch(d -> d != 1)) {
      attributes.add(Attribute.ofInts("dilations", perDilation));
    }
    return attributes;
  }
}
