package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Value;
import java.util.List;

/** Comparison and logic. Two operands broadcast; the results are boolean. */
public interface LogicOps extends OperatorBuilder {
  /** {@code a == b} (ONNX {@code Equal}). */
  default Value equal(Value a, Value b) {
    return node("Equal", List.of(a, b));
  }

  /** {@code a < b} (ONNX {@code Less}). */
  default Value less(Value a, Value b) {
    return node("Less", List.of(a, b));
  }

  /** {@code a > b} (ONNX {@code Greater}). */
  default Value greater(Value a, Value b) {
    return node("Greater", List.of(a, b));
  }

  /** Both (ONNX {@code And}). */
  default Value and(Value a, Value b) {
    return node("And", List.of(a, b));
  }

  /** Either (ONNX {@code Or}). */
  default Value or(Value a, Value b) {
    return node("Or", List.of(a, b));
  }

  /** One and not the other (ONNX {@code Xor}). */
  default Value xor(Value a, Value b) {
    return node("Xor", List.of(a, b));
  }

  /** {@code a <= b} (ONNX {@code LessOrEqual}; before opset 12 of older operators). */
  default Value lessOrEqual(Value a, Value b) {
    return opset() >= 12 ? node("LessOrEqual", List.of(a, b)) : or(less(a, b), equal(a, b));
  }

  /** {@code a >= b} (ONNX {@code GreaterOrEqual}; before opset 12 of older operators). */
  default Value greaterOrEqual(Value a, Value b) {
    return opset() >= 12 ? node("GreaterOrEqual", List.of(a, b)) : or(greater(a, b), equal(a, b));
  }

  /** The opposite (ONNX {@code Not}). */
  default Value not(Value x) {
    return node("Not", List.of(x));
  }

  /** Whether an element is not a number; opset 9 on (ONNX {@code IsNaN}). */
  default Value isNaN(Value x) {
    return node("IsNaN", List.of(x));
  }

  /** Whether an element is infinite; opset 10 on (ONNX {@code IsInf}). */
  default Value isInf(Value x) {
    return node("IsInf", List.of(x));
  }

  /** All bits flipped; opset 18 on (ONNX {@code BitwiseNot}). */
  default Value bitwiseNot(Value x) {
    return node("BitwiseNot", List.of(x));
  }

  /** Bits set in both; opset 18 on (ONNX {@code BitwiseAnd}). */
  default Value bitwiseAnd(Value a, Value b) {
    return node("BitwiseAnd", List.of(a, b));
  }

  /** Bits set in either; opset 18 on (ONNX {@code BitwiseOr}). */
  default Value bitwiseOr(Value a, Value b) {
    return node("BitwiseOr", List.of(a, b));
  }

  /** Bits set in one and not the other; opset 18 on (ONNX {@code BitwiseXor}). */
  default Value bitwiseXor(Value a, Value b) {
    return node("BitwiseXor", List.of(a, b));
  }

  /** {@code a} where the condition holds, else {@code b} (ONNX {@code Where}, opset 9 on). */
  default Value where(Value condition, Value a, Value b) {
    return node("Where", List.of(condition, a, b));
  }
}
