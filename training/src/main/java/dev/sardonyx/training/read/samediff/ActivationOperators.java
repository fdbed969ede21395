package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.training.read.ActivationReadings;
import java.util.stream.LongStream;

/** Activation functions and their slopes. */
final class ActivationOperators {
  private ActivationOperators() {}

  private interface Formula {
    Value of(GraphBuilder b, Value x);
  }

  static void add(OperatorTable.Builder table) {
    plain(table, "sigmoid", GraphBuilder::sigmoid);
    plain(table, "tanh", GraphBuilder::tanh);
    plain(table, "softplus", GraphBuilder::softplus);
    plain(table, "softsign", GraphBuilder::softsign);
    plain(table, "selu", GraphBuilder::selu);
    plain(table, "swish", (b, x) -> b.mul(x, b.sigmoid(x)));
    plain(table, "gelu", (b, x) -> b.mul(x, b.sigmoid(b.mul(x, b.scalarLike(x, 1.702)))));
    plain(table, "precise_gelu", ActivationReadings::preciseGelu);
    plain(table, "hard_sigmoid", (b, x) -> b.hardSigmoid(x, 0.2f, 0.5f));
    plain(table, "hardtanh", (b, x) -> b.clip(x, -1, 1));
    plain(table, "logsigmoid", (b, x) -> b.neg(b.softplus(b.neg(x))));
    plain(table, "rectified_tanh", (b, x) -> b.relu(b.tanh(x)));
    plain(table, "rational_tanh", ActivationReadings::rationalTanh);
    plain(table, "hardtanhderivative", ActivationOperators::hardTanhSlope);
    plain(table, "softsignderivative", ActivationOperators::softSignSlope);
    table.one("elu", site -> site.b().elu(site.x(), (float) site.number(0)));
    table.one("relu", ActivationOperators::relu);
    table.one("relu6", site -> site.b().min(relu(site), site.like(site.x(), 6)));
    table.one("leakyrelu", site -> site.b().leakyRelu(site.x(), (float) site.scalar()));
    table.one("leakyreluderivative", ActivationOperators::leakySlope);
    table.one("crelu", ActivationOperators::concatenated);
    table.one("prelu", ActivationOperators::prelu);
    table.one("softmax", site -> site.b().softmax(site.x(), lastOr(site)));
    table.one("log_softmax", site -> site.b().logSoftmax(site.x(), lastOr(site)));
    table.one("sigmoid_bp", ActivationOperators::sigmoidSlope);
    table.one("softmax_bp", ActivationOperators::softmaxSlope);
  }

  private static void plain(OperatorTable.Builder table, String name, Formula formula) {
    table.one(name, site -> formula.of(site.b(), site.converted(0)));
  }

  private static long lastOr(OperatorSite site) {
    return site.hasInteger(0) ? site.integer(0) : -1;
  }

  private static Value hardTanhSlope(GraphBuilder b, Value x) {
    Value isInside = b.lessOrEqual(b.abs(x), b.scalarLike(x, 1));
    return b.castLike(isInside, x);
  }

  private static Value softSignSlope(GraphBuilder b, Value x) {
    Value below = b.add(b.abs(x), b.scalarLike(x, 1));
    return b.reciprocal(b.mul(below, below));
  }

  /** At least the cutoff. */
  private static Value relu(OperatorSite site) {
    GraphBuilder b = site.b();
    Value x = site.x();
    double cutoff = site.scalar();
    return cutoff == 0 ? b.relu(x) : b.max(x, site.like(x, cutoff));
  }

  private static Value leakySlope(OperatorSite site) {
    Value isAbove = site.b().greaterOrEqual(site.x(), site.like(site.x(), 0));
    return site.b().where(isAbove, site.like(site.x(), 1), site.scalarLike(site.x()));
  }

  /** Of x and of -x, one behind the other along the last axis. */
  private static Value concatenated(OperatorSite site) {
    GraphBuilder b = site.b();
    return b.relu(b.concat(-1, site.x(), b.neg(site.x())));
  }

  /** Slopes of the axes behind the first, with size 1 along axes that share them. */
  private static Value prelu(OperatorSite site) {
    int behind = site.rank(site.x()) - 1;
    Value slope = site.in(1);
    if (site.rank(slope) != behind) {
      throw site.refuse(
          "its slopes %s are not of all axes but the first".formatted(site.shape(slope)));
    }
    boolean isShared =
        LongStream.of(site.integers()).allMatch(axis -> site.size(slope, (int) axis - 1) == 1);
    if (!isShared) {
      throw site.refuse("its slopes have more than one element along a shared axis");
    }
    return site.b().pRelu(site.x(), slope);
  }

  private static Value sigmoidSlope(OperatorSite site) {
    GraphBuilder b = site.b();
    Value y = b.sigmoid(site.x());
    return b.mul(site.in(1), b.mul(y, b.sub(site.like(y, 1), y)));
  }

  private static Value softmaxSlope(OperatorSite site) {
    GraphBuilder b = site.b();
    long axis = lastOr(site);
    Value y = b.softmax(site.x(), axis);
    Value product = b.mul(y, site.in(1));
    return b.sub(product, b.mul(y, b.reduceSum(product, true, axis)));
  }
}
