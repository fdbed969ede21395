package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Shapes read and changed, and constants; no element is computed. */
final class ShapeKernels {
  private ShapeKernels() {}

  static void register(Kernels kernels) {
    kernels.one("Identity", c -> c.input(0));
    kernels.one("Constant", ShapeKernels::constant);
    kernels.one("ConstantOfShape", ShapeKernels::constantOfShape);
    kernels.one("Shape", ShapeKernels::shape);
    kernels.one("Size", c -> Tensor.scalar(c.tensor(0).size()));
    kernels.one("Reshape", ShapeKernels::reshape);
    kernels.one("Flatten", ShapeKernels::flatten);
    kernels.one("Squeeze", ShapeKernels::squeeze);
    kernels.one("Unsqueeze", ShapeKernels::unsqueeze);
    kernels.one("Transpose", ShapeKernels::transpose);
    kernels.one("Concat", ShapeKernels::concat);
    kernels.one("Expand", ShapeKernels::expand);
  }

  private static Tensor constant(KernelContext c) {
    for (Attribute attribute : c.node().attributes()) {
      if (attribute.value() instanceof AttributeValue.SparseTensor sparse) {
        return KernelContext.dense(sparse.value());
      }
      Optional<Tensor> value = attribute.value().toTensor();
      if (value.isPresent()) {
        return value.get();
      }
    }
    throw new EvaluationException("attribute value is missing");
  }

  private static Tensor constantOfShape(KernelContext c) {
    long[] dims = c.longs(0);
    Tensor value = c.tensorAttribute("value");
    return value == null
        ? Elements.zeros(ElementType.FLOAT, dims)
        : Elements.take(value, new int[Dims.size(dims)], dims);
  }

  private static Tensor shape(KernelContext c) {
    long[] dims = c.dims(0);
    int from = clamped(c.intAttribute("start", 0), dims.length);
    int to = clamped(c.intAttribute("end", dims.length), dims.length);
    long[] shape = Arrays.copyOfRange(dims, from, Math.max(from, to));
    return Tensor.ofLongs(shape, shape.length);
  }

  private static int clamped(long axis, int rank) {
    return (int) Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis));
  }

  /** In the new shape, 0 keeps a dimension (unless allowzero is set) and -1 takes what is left. */
  private static Tensor reshape(KernelContext c) {
    Tensor x = c.tensor(0);
    long[] wanted = c.intsInputOrAttribute(1, "shape");
    if (wanted == null) {
      throw new EvaluationException("the new shape is missing");
    }
    long[] dims = wanted.clone();
    int open = -1;
    long known = 1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == 0 && !c.flag("allowzero")) {
        if (i >= x.rank()) {
          throw new EvaluationException("there is no dimension " + i + " to keep");
        }
        dims[i] = x.dim(i);
      }
      if (dims[i] == -1) {
        open = i;
      } else {
        known *= dims[i];
      }
    }
    if (open >= 0) {
      dims[open] = known == 0 ? 0 : x.size() / known;
    }
    if (Arrays.stream(dims).reduce(1, (a, b) -> a * b) != x.size()) {
      throw new EvaluationException(
          "shape " + x.shape() + " cannot become " + Arrays.toString(wanted) + ": sizes differ");
    }
    return x.reshape(dims);
  }

  private static Tensor flatten(KernelContext c) {
    Tensor x = c.tensor(0);
    long attribute = c.intAttribute("axis", 1);
    int axis = (int) (attribute < 0 ? attribute + x.rank() : attribute);
    if (axis < 0 || axis > x.rank()) {
      throw new EvaluationException("axis " + attribute + " is not in a tensor of " + x.shape());
    }
    long[] dims = x.dims();
    return x.reshape(Dims.product(dims, 0, axis), Dims.product(dims, axis, dims.length));
  }

  private static Tensor squeeze(KernelContext c) {
    Tensor x = c.tensor(0);
    long[] axes = c.intsInputOrAttribute(1, "axes");
    boolean[] gone = new boolean[x.rank()];
    for (int i = 0; i < gone.length && axes == null; i++) {
      gone[i] = x.dim(i) == 1;
    }
    if (axes != null) {
      for (int axis : Dims.axes(axes, x.rank())) {
        if (x.dim(axis) != 1) {
          throw new EvaluationException(
              "axis " + axis + " of shape " + x.shape() + " is not of size 1");
        }
        gone[axis] = true;
      }
    }
    List<Long> dims = new ArrayList<>();
    for (int i = 0; i < gone.length; i++) {
      if (!gone[i]) {
        dims.add(x.dim(i));
      }
    }
    return x.reshape(dims.stream().mapToLong(Long::longValue).toArray());
  }

  private static Tensor unsqueeze(KernelContext c) {
    Tensor x = c.tensor(0);
    long[] axes = c.intsInputOrAttribute(1, "axes");
    if (axes == null) {
      throw new EvaluationException("axes are missing");
    }
    int rank = x.rank() + axes.length;
    long[] dims = new long[rank];
    for (int axis : Dims.axes(axes, rank)) {
      if (dims[axis] == 1) {
        throw new EvaluationException("axes " + Arrays.toString(axes) + " name one twice");
      }
      dims[axis] = 1;
    }
    for (int i = 0, from = 0; i < rank; i++) {
      if (dims[i] == 0) {
        dims[i] = x.dim(from++);
      }
    }
    return x.reshape(dims);
  }

  private static Tensor transpose(KernelContext c) {
    Tensor x = c.tensor(0);
    long[] attribute = c.intsAttribute("perm");
    int[] perm = Dims.identity(x.rank());
    for (int i = 0; i < perm.length && attribute == null; i++) {
      perm[i] = x.rank() - 1 - i;
    }
    if (attribute != null) {
      perm = Dims.axes(attribute, x.rank());
      if (perm.length != x.rank() || Arrays.stream(perm).distinct().count() != perm.length) {
        throw new EvaluationException(
            "perm " + Arrays.toString(attribute) + " is no order of the axes of " + x.shape());
      }
    }
    return Rows.permuted(x, perm, c.parallel());
  }

  private static Tensor concat(KernelContext c) {
    List<Tensor> parts = c.tensors();
    int axis = Dims.axis(c.intAttribute("axis", 1), parts.get(0).rank());
    return concat(parts, axis, c.parallel());
  }

  /** Tensors that differ along one axis only, one after the other along it. */
  static Tensor concat(List<Tensor> parts, int axis) {
    return concat(parts, axis, Parallel.SEQUENTIAL);
  }

  private static Tensor concat(List<Tensor> parts, int axis, Parallel parallel) {
    long[] dims = parts.get(0).dims();
    long total = 0;
    for (Tensor part : parts) {
      if (part.rank() != dims.length
          || !Arrays.equals(Dims.with(part.dims(), axis, 0), Dims.with(dims, axis, 0))) {
        throw new EvaluationException(
            "the shapes "
                + parts.get(0).shape()
                + " and "
                + part.shape()
                + " differ in more than axis "
                + axis);
      }
      total += part.dim(axis);
    }
    long[] result = Dims.with(dims, axis, total);
    return Moves.beside(parts, Dims.product(dims, 0, axis), parallel, result);
  }

  private static Tensor expand(KernelContext c) {
    Tensor x = c.tensor(0);
    long[] dims = Dims.broadcast(x.dims(), c.longs(1));
    return Moves.strided(x, Dims.broadcastStrides(x.dims(), dims), c.parallel(), dims);
  }
}
