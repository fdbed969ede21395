package dev.sardonyx.ir;

/** Constant numbers or strings: a dense {@link Tensor} or a {@link SparseTensor}. */
public sealed interface TensorData extends Datum permits Tensor, SparseTensor {
  ElementType elementType();

  /** The fixed dimensions; the array is the caller's. */
  long[] dims();
}
