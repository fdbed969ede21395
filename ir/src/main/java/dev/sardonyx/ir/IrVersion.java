package dev.sardonyx.ir;

/**
 * The versions of ONNX's file format, each named for something it brought. A model that has it
 * needs this version at least.
 */
public final class IrVersion {
  /** Imports of operator sets. */
  public static final long OPSET_IMPORTS = 3;

  /** Initializers that are not graph inputs, so that no caller can replace them. */
  public static final long SEPARATE_INITIALIZERS = 4;

  /** Annotations of quantised tensors. */
  public static final long QUANTIZATION = 5;

  /** Initializers and attributes that are sparse tensors. */
  public static final long SPARSE_TENSORS = 6;

  /** Graphs for training. */
  public static final long TRAINING = 7;

  /** Functions of the model's own. */
  public static final long FUNCTIONS = 8;

  /** Values that are optionals or sparse tensors. */
  public static final long OPTIONAL_TYPES = 8;

  /** Defaults for attributes of functions. */
  public static final long FUNCTION_DEFAULTS = 9;

  /** Overloads of functions and declared types of their values. */
  public static final long FUNCTION_OVERLOADS = 10;

  /** Properties of nodes, graphs, functions, values and tensors. */
  public static final long METADATA = 10;

  private IrVersion() {}

  /** The newest version known. */
  public static long newest() {
    return OnnxRelease.newest().irVersion();
  }

  /** The first version that has an element type. */
  public static long of(ElementType type) {
    return switch (type) {
      case BFLOAT16 -> 4;
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ -> 9;
      case UINT4, INT4 -> 10;
      case FLOAT4E2M1 -> 11;
      case FLOAT8E8M0 -> 12;
      case UINT2, INT2 -> 13;
      case FLOAT6E2M3, FLOAT6E3M2 -> 14;
      default -> 1;
    };
  }
}
