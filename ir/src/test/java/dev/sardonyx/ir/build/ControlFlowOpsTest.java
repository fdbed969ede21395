package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.SAME;
import static dev.sardonyx.ir.build.TypedMethods.method;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ControlFlowOps.LoopStep;
import dev.sardonyx.ir.build.ControlFlowOps.ScanStep;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link ControlFlowOps}. */
class ControlFlowOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    return TypedMethods.tests(
        ControlFlowOps.class,
        method(
            "ifThenElse",
            7,
            SAME,
            (b, x) -> b.ifThenElse(isPositive(b, x), t -> t.neg(x), e -> e.exp(x))),
        method(
            "ifThenElseAll",
            7,
            "float[2,4,?,?]",
            (b, x) ->
                b.ifThenElseAll(
                        isPositive(b, x),
                        t -> List.of(t.neg(x), t.globalMaxPool(x)),
                        e -> List.of(e.exp(x), e.tanh(x)))
                    .get(1)),
        method(
            "loop",
            7,
            SAME,
            (b, x) ->
                b.loop(
                        3,
                        List.of(x),
                        (body, i, go, state) -> LoopStep.of(go, body.add(state.get(0), x)))
                    .get(0)),
        method(
            "loop",
            7,
            "float[?,2,4,6,6]",
            (b, x) -> {
              Value limit = b.constant(100f);
              return b.loop(
                      b.constant(20L),
                      isPositive(b, b.abs(x)),
                      List.of(b.abs(x)),
                      (body, i, go, state) -> {
                        Value next = body.add(state.get(0), state.get(0));
                        Value most = body.reduceMax(next, false);
                        return LoopStep.of(body.less(most, limit), next).collecting(next);
                      })
                  .get(1);
            }),
        method(
            "scan",
            9,
            SAME,
            (b, x) ->
                b.scan(
                        List.of(b.squeeze(b.slice(x, 0, 0, 1), 0)),
                        List.of(x),
                        (body, state, slices) -> {
                          Value sum = body.add(state.get(0), slices.get(0));
                          return new ScanStep(List.of(sum), List.of(sum));
                        })
                    .get(1)));
  }

  private static Value isPositive(GraphBuilder b, Value x) {
    return b.greater(b.reduceMean(x, false), b.constant(0f));
  }
}
