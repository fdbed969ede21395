package dev.sardonyx.ir.op;

import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import org.jspecify.annotations.Nullable;

/**
 * A formal attribute of an operator.
 *
 * @param defaultValue what an absent attribute means, or null if absence has a meaning of its own
 */
public record AttributeSchema(
    String name, AttributeType type, boolean required, @Nullable AttributeValue defaultValue) {}
