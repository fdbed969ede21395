package dev.sardonyx.ir.convert;

import static dev.sardonyx.ir.ElementType.BFLOAT16;
import static dev.sardonyx.ir.ElementType.BOOL;
import static dev.sardonyx.ir.ElementType.DOUBLE;
import static dev.sardonyx.ir.ElementType.FLOAT;
import static dev.sardonyx.ir.ElementType.FLOAT16;
import static dev.sardonyx.ir.ElementType.FLOAT8E4M3FN;
import static dev.sardonyx.ir.ElementType.FLOAT8E4M3FNUZ;
import static dev.sardonyx.ir.ElementType.FLOAT8E5M2;
import static dev.sardonyx.ir.ElementType.FLOAT8E5M2FNUZ;
import static dev.sardonyx.ir.ElementType.INT16;
import static dev.sardonyx.ir.ElementType.INT32;
import static dev.sardonyx.ir.ElementType.INT4;
import static dev.sardonyx.ir.ElementType.INT64;
import static dev.sardonyx.ir.ElementType.INT8;
import static dev.sardonyx.ir.ElementType.UINT16;
import static dev.sardonyx.ir.ElementType.UINT32;
import static dev.sardonyx.ir.ElementType.UINT4;
import static dev.sardonyx.ir.ElementType.UINT64;
import static dev.sardonyx.ir.ElementType.UINT8;

import dev.sardonyx.ir.ElementType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** In which other element types an operator gives the same results, cast there and back. */
enum CastKind {
  /** Elements are moved, chosen or compared: any type that holds each of them. */
  EXACT,
  /** Sums and products, of integers modulo their width: a wider type of the same kind. */
  RING,
  /** Computed in float and rounded, as runtimes do with the narrow floats. */
  FLOATS,
  /** In no other. */
  NONE;

  private static final Set<String> MOVING =
      Set.of(
          ("Compress Concat ConstantOfShape DepthToSpace Expand Flatten Gather GatherElements"
                  + " GatherND Identity MaxUnpool NonZero OneHot Pad Reshape ReverseSequence"
                  + " ScatterElements ScatterND Shape Size Slice SpaceToDepth Split Squeeze Tile TopK"
                  + " Transpose Unique Unsqueeze Where Trilu"
                  + " Abs ArgMax ArgMin Clip Equal Greater GreaterOrEqual Less LessOrEqual Max MaxPool"
                  + " Min ReduceMax ReduceMin Relu Sign IsInf IsNaN Neg")
              .split(" ", -1));
  private static final Set<String> RINGS =
      Set.of("Add Sub Mul Div Sum MatMul Gemm ReduceSum PRelu CumSum".split(" ", -1));
  private static final Set<String> NEVER =
      Set.of(
          ("Cast CastLike If Loop Scan Constant Optional OptionalGetElement OptionalHasElement"
                  + " SplitToSequence EyeLike RandomNormal RandomNormalLike RandomUniform"
                  + " RandomUniformLike Multinomial Bernoulli QLinearMatMul")
              .split(" ", -1));

  static CastKind of(String operator) {
    return MOVING.contains(operator)
        ? EXACT
        : RINGS.contains(operator) ? RING : NEVER.contains(operator) ? NONE : FLOATS;
  }

  /** The types that can stand for a type, the nearest first. */
  List<ElementType> standIns(ElementType type) {
    return switch (this) {
      case EXACT -> holding(type);
      case RING ->
          type.isInteger()
              ? holding(type).stream().filter(ElementType::isInteger).toList()
              : narrowFloat(type);
      case FLOATS -> narrowFloat(type);
      case NONE -> List.of();
    };
  }

  private static List<ElementType> narrowFloat(ElementType type) {
    return type == BFLOAT16 || type == FLOAT16 ? List.of(FLOAT) : List.of();
  }

  /** All types that hold every element of a type. */
  private static List<ElementType> holding(ElementType type) {
    return switch (type) {
      case BOOL -> List.of(UINT8, INT32, FLOAT);
      case INT4 -> List.of(INT8, INT16, INT32, FLOAT16, FLOAT);
      case UINT4 -> List.of(UINT8, INT8, INT32, FLOAT16, FLOAT);
      case INT8 -> List.of(INT16, INT32, INT64, FLOAT16, FLOAT, DOUBLE);
      case UINT8 -> List.of(INT16, UINT16, INT32, UINT32, INT64, FLOAT16, FLOAT, DOUBLE);
      case INT16 -> List.of(INT32, INT64, FLOAT, DOUBLE);
      case UINT16 -> List.of(INT32, UINT32, INT64, FLOAT, DOUBLE);
      case INT32 -> List.of(INT64, DOUBLE);
      case UINT32 -> List.of(INT64, UINT64, DOUBLE);
      case FLOAT16, BFLOAT16 -> List.of(FLOAT, DOUBLE);
      case FLOAT -> List.of(DOUBLE);
      default -> isFloat8(type) ? List.of(FLOAT16, FLOAT) : List.of();
    };
  }

  private static boolean isFloat8(ElementType type) {
    return EnumSet.of(FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ).contains(type);
  }
}
