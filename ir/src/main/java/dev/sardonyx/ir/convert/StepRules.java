package dev.sardonyx.ir.convert;

/** A version step with the rules that take a node across it. */
record StepRules(VersionStep step, StepRule up, StepRule down) {
  StepRule rule(boolean upward) {
    return upward ? up : down;
  }

  Effect effect(boolean upward) {
    return upward ? step.up() : step.down();
  }
}
