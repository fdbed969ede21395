package dev.sardonyx.ir;

import java.util.List;

/** A named constant of a node, such as the strides of a convolution. */
public record Attribute(String name, AttributeValue value, Metadata metadata) {
  public static Attribute of(String name, AttributeValue value) {
    return new Attribute(name, value, Metadata.EMPTY);
  }

  public static Attribute ofInt(String name, long value) {
    return of(name, new AttributeValue.Int(value));
  }

  public static Attribute ofFloat(String name, float value) {
    return of(name, new AttributeValue.Float(value));
  }

  public static Attribute ofString(String name, String value) {
    return of(name, new AttributeValue.String(value));
  }

  public static Attribute ofInts(String name, long... values) {
    return of(name, new AttributeValue.Ints(values));
  }

  public static Attribute ofFloats(String name, float... values) {
    return of(name, new AttributeValue.Floats(values));
  }

  public static Attribute ofStrings(String name, String... values) {
    return of(name, new AttributeValue.Strings(List.of(values)));
  }

  public static Attribute ofTensor(String name, Tensor value) {
    return of(name, new AttributeValue.Tensor(value));
  }

  public static Attribute ofGraph(String name, Graph value) {
    return of(name, new AttributeValue.Graph(value));
  }

  public static Attribute ofType(String name, ValueType value) {
    return of(name, new AttributeValue.Type(value));
  }

  /** Inside a function: the value of the function's attribute of the given name. */
  public static Attribute ofReference(String name, String attribute, AttributeType type) {
    return of(name, new AttributeValue.Reference(attribute, type));
  }

  public AttributeType type() {
    return value.type();
  }

  public Attribute withValue(AttributeValue changed) {
    return new Attribute(name, changed, metadata);
  }
}
