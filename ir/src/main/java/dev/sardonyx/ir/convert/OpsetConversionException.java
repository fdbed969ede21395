package dev.sardonyx.ir.convert;

import static java.util.stream.Collectors.joining;

import java.util.List;

/** A model cannot be said in an opset; the message lists the nodes and why. */
public final class OpsetConversionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // a list of records of strings; exceptions are not sent anywhere
  private final List<Refusal> refusals;

  OpsetConversionException(String target, List<Refusal> refusals) {
    super(
        "The model cannot be said in "
            + target
            + ": "
            + refusals.stream().map(Refusal::toString).collect(joining("\n")));
    this.refusals = List.copyOf(refusals);
  }

  /** All nodes that are in the way, in the order of the model. */
  public List<Refusal> refusals() {
    return refusals;
  }
}
