package dev.sardonyx.samples;

import dev.sardonyx.ir.op.OperatorDefinition;
import dev.sardonyx.ir.op.OperatorSchema;

/** A random operator of which only the signature is known. */
public final class Jitter implements OperatorDefinition {
  @Override
  public OperatorSchema schema() {
    return OperatorSchema.of(
        "com.example.random",
        "Jitter",
        3,
        schema ->
            schema
                .input("x", "T")
                .output("y", "T")
                .types("T", "tensor(float)")
                .randomness(OperatorSchema.Randomness.ALWAYS));
  }
}
