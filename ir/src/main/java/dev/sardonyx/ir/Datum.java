package dev.sardonyx.ir;

/**
 * A value at run time, what a backend takes and gives: a tensor, a sparse tensor, a sequence, an
 * optional, or a map.
 */
public sealed interface Datum permits TensorData, SequenceDatum, OptionalDatum, MapDatum {
  /** The type, with fixed dimensions. */
  ValueType type();
}
