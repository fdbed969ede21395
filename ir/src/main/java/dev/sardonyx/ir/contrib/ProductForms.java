package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Convolutions and matrix products with what follows them. */
final class ProductForms {
  private ProductForms() {}

  static void addTo(ContribOperators operators) {
    operators.one("FusedConv", ProductForms::fusedConv);
    operators.one("FusedGemm", ProductForms::fusedGemm);
    operators.one("FusedMatMul", ProductForms::fusedMatMul);
    operators.one("TransposeMatMul", ProductForms::fusedMatMul);
    operators.one("MatMulInteger16", ProductForms::matMulInteger16);
    operators.one("CDist", ProductForms::distances);
  }

  private static Value fusedConv(ContribNode n) {
    StandardOps to = n.to();
    Value y =
        to.node(
            "Conv",
            OperatorBuilder.inputs(n.in(0), n.in(1), n.optional(2)),
            n.attributesBut("activation", "activation_params"));
    Value sum = n.has(3) ? to.add(y, n.in(3)) : y;
    return ActivationForms.apply(to, n.text("activation", ""), sum, n.numbers("activation_params"));
  }

  private static Value fusedGemm(ContribNode n) {
    StandardOps to = n.to();
    Value y =
        to.node(
            "Gemm",
            OperatorBuilder.inputs(n.in(0), n.in(1), n.optional(2)),
            n.attributesBut(
                "activation", "activation_alpha", "activation_beta", "activation_gamma"));
    return ActivationForms.apply(to, n.text("activation", ""), y, parameters(n));
  }

  /** Those that are given, up to the first that is not. */
  private static float[] parameters(ContribNode n) {
    int count = n.hasAttribute("activation_beta") ? 2 : n.hasAttribute("activation_alpha") ? 1 : 0;
    float[] all = {n.number("activation_alpha", 0), n.number("activation_beta", 0)};
    return Arrays.copyOf(all, count);
  }

  private static Value fusedMatMul(ContribNode n) {
    StandardOps to = n.to();
    Value a = turned(n, 0, n.flag("transBatchA"), n.flag("transA"));
    Value b = turned(n, 1, n.flag("transBatchB"), n.flag("transB"));
    Value product = to.matMul(a, b);
    float alpha = n.number("alpha", 1);
    return alpha == 1 ? product : to.mul(product, to.scalarLike(product, alpha));
  }

  /** Matrices whose rows may stand before the batch, and which may be transposed. */
  private static Value turned(ContribNode n, int input, boolean batch, boolean transposed) {
    Value x = n.in(input);
    if (!batch && !transposed || n.rank(input) < 2) {
      return x;
    }
    int rank = n.rank(input);
    long[] perm = IntStream.range(0, rank).mapToLong(i -> i).toArray();
    if (batch) {
      for (int i = 0; i < rank - 1; i++) {
        perm[i] = (i + 1L) % (rank - 1L);
      }
    }
    if (transposed) {
      long last = perm[rank - 1];
      perm[rank - 1] = perm[rank - 2];
      perm[rank - 2] = last;
    }
    return n.to().transpose(x, perm);
  }

  private static Value matMulInteger16(ContribNode n) {
    StandardOps to = n.to();
    boolean isUnsigned = n.type(0) == ElementType.UINT16 && n.type(1) == ElementType.UINT16;
    ElementType wide = isUnsigned ? ElementType.UINT32 : ElementType.INT32;
    return to.matMul(to.cast(n.in(0), wide), to.cast(n.in(1), wide));
  }

  /** Of the rows of two matrices: Euclid's, or its square. */
  private static Value distances(ContribNode n) {
    StandardOps to = n.to();
    Value difference = to.sub(to.unsqueeze(n.in(0), 1), to.unsqueeze(n.in(1), 0));
    Value square = to.reduceSum(to.mul(difference, difference), false, -1);
    return n.text("metric", "sqeuclidean").equals("sqeuclidean") ? square : to.sqrt(square);
  }
}
