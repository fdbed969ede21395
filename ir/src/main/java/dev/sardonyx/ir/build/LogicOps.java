package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Value;

/** Comparison and logic. Two operands broadcast; the results are boolean. */
public interface LogicOps extends OperatorBuilder {
  /** {@code a == b} (ONNX {@code Equal}). */
  default Value equal(Value a, Value b) {
    return node("Equal", a, b);
  }

  /** {@code a < b} (ONNX {@code Less}). */
  default Value less(Value a, Value b) {
    return node("Less", a, b);
  }

  /** {@code a > b} (ONNX {@code Greater}). */
  default Value greater(Value a, Value b) {
    return node("Greater", a, b);
  }

  /** Both (ONNX {@code And}). */
  default Value and(Value a, Value b) {
    return node("And", a, b);
  }

  /** Either (ONNX {@code Or}). */
  default Value or(Value a, Value b) {
    return node("Or", a, b);
  }

  /** One and not the other (ONNX {@code Xor}). */
  default Value xor(Value a, Value b) {
    return node("Xor", a, b);
  }

  /** {@code a <= b} (ONNX {@code LessOrEqual}; before opset 12 of older operators). */
  default Value lessOrEqual(Value a, Value b) {
    return opset() >= 12 ? node("LessOrEqual", a, b) : either("Less", a, b);
  }

  /** {@code a >= b} (ONNX {@code GreaterOrEqual}; before opset 12 of older operators). */
  default Value greaterOrEqual(Value a, Value b) {
    return opset() >= 12 ? node("GreaterOrEqual", a, b) : either("Greater", a, b);
  }

  private Value either(String strict, Value a, Value b) {
    OperatorBuilder inside = inside();
    return or(inside.node(strict, a, b), inside.node("Equal", a, b));
  }

  /** The opposite (ONNX {@code Not}). */
  default Value not(Value x) {
    return node("Not", x);
  }

  /** Whether an element is not a number; opset 9 on (ONNX {@code IsNaN}). */
  default Value isNaN(Value x) {
    return node("IsNaN", x);
  }

  /** Whether an element is infinite; opset 10 on (ONNX {@code IsInf}). */
  default Value isInf(Value x) {
    return node("IsInf", x);
  }

  /** All bits flipped; opset 18 on (ONNX {@code BitwiseNot}). */
  default Value bitwiseNot(Value x) {
    return node("BitwiseNot", x);
  }

  /** Bits set in both; opset 18 on (ONNX {@code BitwiseAnd}). */
  default Value bitwiseAnd(Value a, Value b) {
    return node("BitwiseAnd", a, b);
  }

  /** Bits set in either; opset 18 on (ONNX {@code BitwiseOr}). */
  default Value bitwiseOr(Value a, Value b) {
    return node("BitwiseOr", a, b);
  }

  /** Bits set in one and not the other; opset 18 on (ONNX {@code BitwiseXor}). */
  default Value bitwiseXor(Value a, Value b) {
    return node("BitwiseXor", a, b);
  }

  /** {@code a} where the condition holds, else {@code b} (ONNX {@code Where}, opset 9 on). */
  default Value where(Value condition, Value a, Value b) {
    return node("Where", condition, a, b);
  }
}
