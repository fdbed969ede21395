package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.ArrayList;
import java.util.List;

/** Sequences and optionals. */
final class SequenceKernels {
  private SequenceKernels() {}

  static void register(Kernels kernels) {
    kernels.one("SequenceConstruct", c -> sequence(new ArrayList<>(c.tensors())));
    kernels.one("SequenceEmpty", SequenceKernels::empty);
    kernels.one("SequenceAt", c -> c.sequence(0).items().get(place(c, 1, false)));
    kernels.one("SequenceErase", SequenceKernels::erase);
    kernels.one("SequenceInsert", SequenceKernels::insert);
    kernels.one("SequenceLength", c -> Tensor.scalar((long) c.sequence(0).items().size()));
    kernels.one("ConcatFromSequence", SequenceKernels::concat);
    kernels.one("SplitToSequence", SequenceKernels::split);
    kernels.one("Optional", SequenceKernels::optional);
    kernels.one("OptionalHasElement", c -> Tensor.scalar(hasElement(c)));
    kernels.one("OptionalGetElement", SequenceKernels::element);
  }

  /** A sequence of at least one item, of the type of the first without its shape. */
  static SequenceDatum sequence(List<Datum> items) {
    ValueType type = items.get(0).type();
    return new SequenceDatum(
        type instanceof TensorType t ? t.withShape(Shape.UNKNOWN) : type, items);
  }

  private static Datum empty(KernelContext c) {
    ElementType type =
        ElementType.of(Math.toIntExact(c.intAttribute("dtype", ElementType.FLOAT.code())));
    return new SequenceDatum(TensorType.of(type, Shape.UNKNOWN), List.of());
  }

  /** A place in the sequence; negative ones count from the back, where an absent one is. */
  private static int place(KernelContext c, int input, boolean behindLast) {
    int size = c.sequence(0).items().size();
    long at = c.longInput(input, behindLast ? size : -1);
    long place = at < 0 ? at + size : at;
    if (place < 0 || place > (behindLast ? size : size - 1)) {
      throw new EvaluationException(
          "position " + at + " is not in a sequence of " + size + " items");
    }
    return (int) place;
  }

  private static Datum erase(KernelContext c) {
    List<Datum> items = new ArrayList<>(c.sequence(0).items());
    items.remove(place(c, 1, false));
    return new SequenceDatum(c.sequence(0).elementType(), items);
  }

  private static Datum insert(KernelContext c) {
    List<Datum> items = new ArrayList<>(c.sequence(0).items());
    items.add(place(c, 2, true), c.tensor(1));
    return new SequenceDatum(c.sequence(0).elementType(), items);
  }

  private static List<Tensor> tensors(SequenceDatum sequence) {
    List<Tensor> tensors = new ArrayList<>();
    sequence.items().forEach(item -> tensors.add(KernelContext.dense(item, "an item")));
    return tensors;
  }

  private static Datum concat(KernelContext c) {
    List<Tensor> items = tensors(c.sequence(0));
    if (items.isEmpty()) {
      throw new EvaluationException("an empty sequence has nothing to join");
    }
    int rank = items.get(0).rank();
    return c.flag("new_axis")
        ? stack(items, Dims.axis(c.intAttribute("axis"), rank + 1))
        : ShapeKernels.concat(items, Dims.axis(c.intAttribute("axis"), rank));
  }

  /** Tensors of one shape along a new axis. */
  static Tensor stack(List<Tensor> items, int axis) {
    List<Tensor> parts = new ArrayList<>();
    for (Tensor item : items) {
      long[] dims = item.dims();
      long[] longer = new long[dims.length + 1];
      System.arraycopy(dims, 0, longer, 0, axis);
      longer[axis] = 1;
      System.arraycopy(dims, axis, longer, axis + 1, dims.length - axis);
      parts.add(item.reshape(longer));
    }
    return ShapeKernels.concat(parts, axis);
  }

  /** Into parts of given sizes, parts of one size, or single places whose axis may be left out. */
  private static Datum split(KernelContext c) {
    Tensor x = c.tensor(0);
    int axis = Dims.axis(c.intAttribute("axis", 0), x.rank());
    long size = x.dim(axis);
    long[] sizes;
    if (!c.has(1)) {
      sizes = Dims.fill((int) size, 1);
    } else if (c.tensor(1).rank() == 0) {
      long part = c.longs(1)[0];
      if (part < 1) {
        throw new EvaluationException("parts cannot be of size " + part);
      }
      long count = (size + part - 1) / part;
      sizes = Dims.fill((int) count, part);
      if (count > 0) {
        sizes[(int) count - 1] = size - part * (count - 1);
      }
    } else {
      sizes = c.longs(1);
    }
    boolean drop = !c.has(1) && c.intAttribute("keepdims", 1) == 0;
    List<Datum> items = new ArrayList<>();
    for (Tensor part : MovementKernels.split(x, axis, sizes)) {
      items.add(drop ? part.reshape(ReductionKernels.withoutAxis(part.dims(), axis, false)) : part);
    }
    return new SequenceDatum(TensorType.of(x.elementType(), Shape.UNKNOWN), items);
  }

  private static Datum optional(KernelContext c) {
    if (c.has(0)) {
      Datum value = c.input(0);
      ValueType type = value.type();
      return new OptionalDatum(
          type instanceof TensorType t ? t.withShape(Shape.UNKNOWN) : type, value);
    }
    AttributeValue type = c.attribute("type");
    if (type instanceof AttributeValue.Type given) {
      return new OptionalDatum(given.value(), null);
    }
    throw new EvaluationException("neither a value nor its type is given");
  }

  private static boolean hasElement(KernelContext c) {
    return c.has(0) && !(c.input(0) instanceof OptionalDatum o && o.value() == null);
  }

  private static Datum element(KernelContext c) {
    if (!(c.input(0) instanceof OptionalDatum optional)) {
      return c.input(0);
    }
    Datum value = optional.value();
    if (value == null) {
      throw new EvaluationException("the optional has no value");
    }
    return value;
  }
}
