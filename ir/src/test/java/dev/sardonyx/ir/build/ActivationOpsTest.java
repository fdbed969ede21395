package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.SAME;
import static dev.sardonyx.ir.build.TypedMethods.floats;
import static dev.sardonyx.ir.build.TypedMethods.method;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link ActivationOps}. */
class ActivationOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    return TypedMethods.tests(
        ActivationOps.class,
        method("relu", 7, SAME, (b, x) -> b.relu(x)),
        method("sigmoid", 7, SAME, (b, x) -> b.sigmoid(x)),
        method("tanh", 7, SAME, (b, x) -> b.tanh(x)),
        method("softplus", 7, SAME, (b, x) -> b.softplus(x)),
        method("softsign", 7, SAME, (b, x) -> b.softsign(x)),
        method("leakyRelu", 7, SAME, (b, x) -> b.leakyRelu(x, 0.1f)),
        method("pRelu", 7, SAME, (b, x) -> b.pRelu(x, floats(b, 4, 1, 1))),
        method("elu", 7, SAME, (b, x) -> b.elu(x, 0.5f)),
        method("selu", 7, SAME, (b, x) -> b.selu(x)),
        method("celu", 12, SAME, (b, x) -> b.celu(x, 0.5f)),
        method("gelu", 9, SAME, (b, x) -> b.gelu(x)),
        method("hardSigmoid", 7, SAME, (b, x) -> b.hardSigmoid(x, 0.3f, 0.4f)),
        method("hardSwish", 7, SAME, (b, x) -> b.hardSwish(x)),
        method("swish", 7, SAME, (b, x) -> b.swish(x, 1.5f)),
        method("mish", 7, SAME, (b, x) -> b.mish(x)),
        method("thresholdedRelu", 10, SAME, (b, x) -> b.thresholdedRelu(x, 0.5f)),
        method("clip", 7, SAME, (b, x) -> b.clip(x, -0.5, 0.25)),
        method("softmax", 7, SAME, (b, x) -> b.softmax(x, 1)),
        method("softmax", 7, SAME, (b, x) -> b.softmax(x)),
        method("logSoftmax", 7, SAME, (b, x) -> b.logSoftmax(x, -2)),
        method("hardmax", 7, SAME, (b, x) -> b.hardmax(x, 1)));
  }
}
