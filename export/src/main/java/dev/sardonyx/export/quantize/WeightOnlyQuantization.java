package dev.sardonyx.export.quantize;

import dev.sardonyx.export.Target;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.convert.OpsetConversion;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.PassResult;
import dev.sardonyx.ir.pass.Passes;

/**
 * Weights of 4 or 8 bits, while everything is computed in floating point as before: for large
 * models, whose time goes into reading weights. The constant matrices of MatMul and Gemm and the
 * tables of Gather are cut into blocks along the dimension that is summed over (of a table, along
 * its rows), and each block gets a scale and, unless it is symmetric, a zero point.
 *
 * <p>A node stays as it is if it would not get smaller, or has no form in the {@link Format}; the
 * {@link WeightReport} gives the reasons. Functions are inlined first.
 *
 * <pre>{@code
 * QuantizedModel small = WeightOnlyQuantization.of(4).quantize(model);
 * System.out.println(small.report());
 * }</pre>
 *
 * @param bits 4 or 8
 * @param blockSize elements that share a scale: a power of two from 16 to 256
 * @param symmetric whether blocks have no zero points
 * @param search how scales are found
 * @param format in which operators the weights are dequantised
 * @param accuracyLevel what MatMulNBits may compute in: 0 for what the runtime chooses, 1 for
 *     float, 2 for float16, 3 for bfloat16, 4 for int8, which is fastest and quantises the other
 *     operand, too
 * @param nodes which nodes may be touched
 */
public record WeightOnlyQuantization(
    int bits,
    int blockSize,
    boolean symmetric,
    ScaleSearch search,
    Format format,
    int accuracyLevel,
    NodeSelection nodes)
    implements Pass {

  /** The operators that dequantise weights. */
  public enum Format {
    /** ONNX Runtime's own MatMulNBits and GatherBlockQuantized ({@code com.microsoft}). */
    CONTRIB,
    /**
     * ONNX's DequantizeLinear with {@code block_size}, of opset 21, before the operators as they
     * were; older models are converted to it. Scales are positive.
     */
    STANDARD
  }

  /** The opset since which DequantizeLinear knows blocks, and types of 4 bits. */
  static final int BLOCKS = 21;

  static final String CONTRIB_DOMAIN = "com.microsoft";

  /**
   * @throws IllegalArgumentException if there is no such size of elements or blocks
   */
  public WeightOnlyQuantization {
    if (bits != 4 && bits != 8) {
      throw new IllegalArgumentException("Weights have 4 or 8 bits, not " + bits);
    }
    if (blockSize < 16 || blockSize > 256 || Integer.bitCount(blockSize) != 1) {
      throw new IllegalArgumentException(
          "Blocks have 16, 32, 64, 128 or 256 elements, not " + blockSize);
    }
    if (accuracyLevel < 0 || accuracyLevel > 4) {
      throw new IllegalArgumentException("The accuracy level is from 0 to 4, not " + accuracyLevel);
    }
  }

  /** Symmetric blocks of 32 weights in MatMulNBits, with the best scales. */
  public static WeightOnlyQuantization of(int bits) {
    return new WeightOnlyQuantization(
        bits, 32, true, ScaleSearch.LEAST_SQUARES, Format.CONTRIB, 0, NodeSelection.ALL);
  }

  public WeightOnlyQuantization withBlockSize(int elements) {
    return new WeightOnlyQuantization(
        bits, elements, symmetric, search, format, accuracyLevel, nodes);
  }

  /** With a zero point for each block: more accurate, and 4 or 8 bits a block larger. */
  public WeightOnlyQuantization withZeroPoints() {
    return new WeightOnlyQuantization(bits, blockSize, false, search, format, accuracyLevel, nodes);
  }

  public WeightOnlyQuantization withSearch(ScaleSearch changed) {
    return new WeightOnlyQuantization(
        bits, blockSize, symmetric, changed, format, accuracyLevel, nodes);
  }

  public WeightOnlyQuantization withFormat(Format changed) {
    return new WeightOnlyQuantization(
        bits, blockSize, symmetric, search, changed, accuracyLevel, nodes);
  }

  /** With the level of accuracy that MatMulNBits has to keep, from 0 to 4. */
  public WeightOnlyQuantization withAccuracyLevel(int level) {
    return new WeightOnlyQuantization(bits, blockSize, symmetric, search, format, level, nodes);
  }

  public WeightOnlyQuantization withNodes(NodeSelection selection) {
    return new WeightOnlyQuantization(
        bits, blockSize, symmetric, search, format, accuracyLevel, selection);
  }

  /** In the format that a target can run. */
  public WeightOnlyQuantization forTarget(Target target) {
    boolean contrib = !target.lacks().contains(Target.Feature.CONTRIB_OPERATORS);
    return withFormat(contrib ? Format.CONTRIB : Format.STANDARD);
  }

  /**
   * The model with the weights quantised, and what became of each.
   *
   * @throws IllegalArgumentException if a pattern of the selection matches no node
   */
  public QuantizedModel quantize(Model model) {
    WeightReport.Draft report = new WeightReport.Draft(model);
    if (!model.training().isEmpty()) {
      return QuantizedModel.of(model, PassResult.unchanged(model), report);
    }
    Pass plain = Passes.named("fixed-defaults").andThen(Passes.named("function-inlining"));
    Model inlined = plain.apply(model).model();
    Model typed = Passes.named("infer-types").apply(inlined).model();
    nodes.requireMatches(typed);
    PassResult result =
        Pass.of("weight-only-quantization", new WeightOnlyTransform(this, report).transform())
            .apply(prepared(typed));
    return QuantizedModel.of(model, result, report);
  }

  private Model prepared(Model model) {
    if (format == Format.CONTRIB) {
      return importingContrib(model);
    }
    return model.opset("").orElse(BLOCKS) < BLOCKS
        ? OpsetConversion.to(BLOCKS).apply(model).model()
        : model;
  }

  static Model importingContrib(Model model) {
    return model.opset(CONTRIB_DOMAIN).isPresent()
        ? model
        : model.withOpsetImport(CONTRIB_DOMAIN, 1);
  }

  @Override
  public PassResult apply(Model model) {
    return quantize(model).result();
  }
}
