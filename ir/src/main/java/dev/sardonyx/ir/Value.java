package dev.sardonyx.ir;

/**
 * What a node may take: a graph's {@link Input}, another node's {@link Result}, or a {@link
 * Constant}. A value is known by its name, which is unique in its graph and the graphs around it
 * (static single assignment); nodes refer to it by that name.
 */
public sealed interface Value permits Input, Result, Constant {
  String name();

  ValueType type();

  Metadata metadata();
}
