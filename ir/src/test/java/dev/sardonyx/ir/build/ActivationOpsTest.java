package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.SAME;
import static dev.sardonyx.ir.build.TypedMethods.floats;
import static dev.sardonyx.ir.build.TypedMethods.of;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link ActivationOps}. */
class ActivationOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    return TypedMethods.tests(
        ActivationOps.class,
        of("relu", 7, SAME, (b, x) -> b.relu(x)),
        of("sigmoid", 7, SAME, (b, x) -> b.sigmoid(x)),
        of("tanh", 7, SAME, (b, x) -> b.tanh(x)),
        of("softplus", 7, SAME, (b, x) -> b.softplus(x)),
        of("softsign", 7, SAME, (b, x) -> b.softsign(x)),
        of("leakyRelu", 7, SAME, (b, x) -> b.leakyRelu(x, 0.1f)),
        of("pRelu", 7, SAME, (b, x) -> b.pRelu(x, floats(b, 4, 1, 1))),
        of("elu", 7, SAME, (b, x) -> b.elu(x, 0.5f)),
        of("selu", 7, SAME, (b, x) -> b.selu(x)),
        of("celu", 12, SAME, (b, x) -> b.celu(x, 0.5f)),
        of("gelu", 9, SAME, (b, x) -> b.gelu(x)),
        of("hardSigmoid", 7, SAME, (b, x) -> b.hardSigmoid(x, 0.3f, 0.4f)),
        of("hardSwish", 7, SAME, (b, x) -> b.hardSwish(x)),
        of("swish", 7, SAME, (b, x) -> b.swish(x, 1.5f)),
        of("mish", 7, SAME, (b, x) -> b.mish(x)),
        of("thresholdedRelu", 10, SAME, (b, x) -> b.thresholdedRelu(x, 0.5f)),
        of("clip", 7, SAME, (b, x) -> b.clip(x, -0.5, 0.25)),
        of("softmax", 7, SAME, (b, x) -> b.softmax(x, 1)),
        of("softmax", 7, SAME, (b, x) -> b.softmax(x)),
        of("logSoftmax", 7, SAME, (b, x) -> b.logSoftmax(x, -2)),
        of("hardmax", 7, SAME, (b, x) -> b.hardmax(x, 1)));
  }
}
