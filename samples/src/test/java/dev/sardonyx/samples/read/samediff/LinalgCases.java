package dev.sardonyx.samples.read.samediff;

import java.util.List;
import org.nd4j.autodiff.samediff.ops.SDLinalg;
import org.nd4j.linalg.api.buffer.DataType;

/** Matrices. */
final class LinalgCases {
  private LinalgCases() {}

  static List<OperatorCase> all() {
    OperatorCases cases = new OperatorCases(SDLinalg.class);
    cases
        .of("matmul", b -> linalg(b).matmul(b.x(2, 3), b.weights(3, 4)))
        .of("mmul", b -> linalg(b).mmul(b.x(2, 3), b.weights(3, 4)))
        .of("cross", b -> linalg(b).cross(b.x(4, 3), b.x(4, 3)))
        .of("diag", b -> linalg(b).diag(b.x(4)))
        .of("diag_part", b -> linalg(b).diag_part(b.x(4, 4)))
        .of("matrixDeterminant", b -> linalg(b).matrixDeterminant(b.x(3, 3)))
        .of(
            "logdet",
            b ->
                linalg(b)
                    .logdet(
                        b.sd()
                            .mmul(b.sd().transpose(b.x(4, 3)), b.x(4, 3))
                            .mul(0)
                            .add(b.sd().math().eye(3))
                            .mul(2)))
        .all("matrixBandPart", b -> linalg(b).matrixBandPart(b.x(4, 5), 1, 2))
        .of("tri", b -> b.x(3, 4).add(linalg(b).tri(3, 4)))
        .of(
            "tri",
            "from another diagonal",
            b -> b.x(3, 4).add(linalg(b).tri(DataType.FLOAT, 3, 4, 1)))
        .of("triu", b -> linalg(b).triu(b.x(3, 4)))
        .of("triu", "from another diagonal", b -> linalg(b).triu(b.x(3, 4), 1))
        .refused("cholesky", b -> linalg(b).cholesky(b.x(3, 3)))
        .brokenAll("eig", "", b -> linalg(b).eig(b.x(3, 3)))
        .refused("lstsq", b -> linalg(b).lstsq(b.x(3, 3), b.x(3, 2), 0.5))
        .refused("lu", b -> linalg(b).lu(b.x(3, 3)))
        .refused("matrixInverse", b -> linalg(b).matrixInverse(b.x(3, 3)))
        .refusedAll("qr", "", b -> linalg(b).qr(b.x(3, 3)))
        .refused("solve", b -> linalg(b).solve(b.x(3, 3), b.x(3, 2)))
        .refused(
            "triangularSolve", b -> linalg(b).triangularSolve(b.x(3, 3), b.x(3, 2), true, false))
        .refused("svd", b -> linalg(b).svd(b.x(3, 3), false, false));
    return cases.list();
  }

  private static SDLinalg linalg(Bench b) {
    return b.sd().linalg();
  }
}
