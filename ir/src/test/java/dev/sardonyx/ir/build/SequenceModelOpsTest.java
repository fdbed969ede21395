package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.SAME;
import static dev.sardonyx.ir.build.TypedMethods.floats;
import static dev.sardonyx.ir.build.TypedMethods.method;

import dev.sardonyx.ir.Value;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link SequenceModelOps}. */
class SequenceModelOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    RecurrentOptions both =
        RecurrentOptions.DEFAULT.withDirection(RecurrentOptions.Direction.BIDIRECTIONAL);
    return TypedMethods.tests(
        SequenceModelOps.class,
        method(
            "lstm",
            7,
            "float[8,1,6,5]",
            (b, x) ->
                b.lstm(
                        steps(b, x),
                        floats(b, 1, 20, 6),
                        floats(b, 1, 20, 5),
                        RecurrentOptions.DEFAULT.withBias(floats(b, 1, 40)))
                    .steps()),
        method(
            "lstm",
            7,
            "float[2,6,5]",
            (b, x) ->
                b.lstm(steps(b, x), floats(b, 2, 20, 6), floats(b, 2, 20, 5), both).lastCell()),
        method(
            "gru",
            7,
            "float[1,6,5]",
            (b, x) ->
                b.gru(
                        steps(b, x),
                        floats(b, 1, 15, 6),
                        floats(b, 1, 15, 5),
                        RecurrentOptions.DEFAULT.withInitialHidden(floats(b, 1, 6, 5)),
                        true)
                    .lastHidden()),
        method(
            "rnn",
            7,
            "float[8,1,6,5]",
            (b, x) ->
                b.rnn(
                        steps(b, x),
                        floats(b, 1, 5, 6),
                        floats(b, 1, 5, 5),
                        RecurrentOptions.DEFAULT.withActivations("Relu"))
                    .steps()),
        method("attention", 23, SAME, (b, x) -> b.attention(x, x, x, null, true)));
  }

  private static Value steps(GraphBuilder b, Value x) {
    return b.reshape(x, 8, 6, 6);
  }
}
