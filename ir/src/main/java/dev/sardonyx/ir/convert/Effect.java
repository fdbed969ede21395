package dev.sardonyx.ir.convert;

/** What the converter does with nodes of an operator that a version of its domain changed. */
public enum Effect {
  /** The operator comes into being, or goes, with the version, so that no node can be there. */
  NONE("no such operator before"),
  /** The node stays as it is. */
  NUMBER("nothing but the number"),
  /** Element types that one version lacks are cast to one that it has, if that loses nothing. */
  TYPES("types cast"),
  /** Attributes that one version lacks go if they have the meaning of not being there. */
  ATTRIBUTES("attributes without effect dropped"),
  ATTRIBUTES_TO_INPUTS("attributes to inputs"),
  /** What is a constant input becomes an attribute. */
  INPUTS_TO_ATTRIBUTES("constant inputs to attributes"),
  /** The node says the same with other inputs and attributes. */
  REWRITTEN("rewritten"),
  /** Other operators stand for the node. */
  DECOMPOSED("decomposed"),
  /** The converter knows no way. */
  REFUSED("refused");

  private final String text;

  Effect(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
