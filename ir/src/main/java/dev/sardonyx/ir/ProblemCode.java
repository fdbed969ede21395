package dev.sardonyx.ir;

/**
 * The kinds of problems a model can have. Codes are stable: 1xx names and order, 2xx operators, 3xx
 * types and shapes, 4xx the model as a whole, 5xx initializers and annotations.
 */
public enum ProblemCode {
  DUPLICATE_VALUE(
      101,
      "Two things define a value of one name",
      "Each value has one producer: a graph input, an initializer, or one output of one node (static"
          + " single assignment). A name that is defined twice, in the same graph or again inside"
          + " a subgraph, leaves open which of the two a node means.",
      "Rename one of the two values, and the nodes that are meant to use it."),
  UNDEFINED_VALUE(
      102,
      "A node uses a value that nothing defines",
      "The name is no graph input, no initializer, and no output of any node, nor of the graphs around"
          + " it. Often a node was removed, or a name misspelt.",
      "Define the value, or correct the name. An input that is left out is an empty name."),
  UNSORTED(
      103,
      "A node stands before the node it depends on",
      "ONNX wants nodes in topological order: each after those whose outputs it uses.",
      "Sort the graph; the pass TopologicalSort does it without changing what the graph computes."),
  CYCLE(
      104,
      "Nodes depend on each other in a cycle",
      "A node needs, directly or through others, its own output, so none of them can run first.",
      "Break the cycle: one of the nodes it names should use another value. What runs repeatedly"
          + " belongs into a Loop or Scan."),
  UNDEFINED_OUTPUT(
      105,
      "A graph output is not computed",
      "The graph promises a value that is neither a node's output nor an input or initializer.",
      "Correct the output's name, or add the node that computes it."),
  EMPTY_NAME(
      106,
      "Something that needs a name has none",
      "Graphs, graph inputs, graph outputs and initializers are known by their names. Only an optional"
          + " input or output of a node may be empty, which means that it is left out.",
      "Give it a name that is unique in the graph."),
  DUPLICATE_OUTPUT(
      107,
      "A graph gives back one value twice",
      "Callers get outputs by name, so the second output of the same name cannot be told from the"
          + " first.",
      "Remove one, or pass the value through an Identity node of another name."),
  DUPLICATE_NODE_NAME(
      108,
      "Two nodes have the same name",
      "Node names only serve people and tools, and may be empty; but a name says which node is"
          + " meant, so that ONNX Runtime and others refuse a graph in which two share one.",
      "Rename one, or empty both; the pass that names nodes gives unique names."),

  UNKNOWN_OPERATOR(
      201,
      "The domain has no such operator",
      "No version of the domain has an operator of this name, and the model defines no function of"
          + " it.",
      "Check the spelling (names are case-sensitive) and the node's domain."),
  UNKNOWN_DOMAIN(
      202,
      "An operator of a domain nobody here knows",
      "The node is passed through unchanged, but neither its inputs nor its outputs can be checked.",
      "Nothing, if the runtime you export to has the operator. Otherwise define it as a function of"
          + " the model."),
  MISSING_OPSET_IMPORT(
      203,
      "A domain is used that the model does not import",
      "A model (and each of its functions) states for every domain it uses which version of its"
          + " operators is meant.",
      "Add the domain and a version to the opset imports."),
  OPERATOR_TOO_NEW(
      204,
      "The operator does not exist yet in the imported version",
      "The domain has an operator of this name only from a later version on.",
      "Import a later version of the domain, or express the node by older operators."),
  DEPRECATED_OPERATOR(
      205,
      "The operator no longer exists in the imported version",
      "The domain has removed the operator; runtimes refuse it at this version.",
      "Use the operator that replaced it (Upsample: Resize, Scatter: ScatterElements), or import an"
          + " older version."),
  INPUT_COUNT(
      206,
      "A node has too few or too many inputs",
      "The operator's signature says how many inputs it takes.",
      "Compare with the operator's signature at the imported version; older versions often took as"
          + " attributes what newer ones take as inputs."),
  OUTPUT_COUNT(
      207,
      "A node has too few or too many outputs",
      "The operator's signature says how many outputs it gives.",
      "Compare with the operator's signature at the imported version."),
  MISSING_INPUT(
      208,
      "A required input is left out",
      "The input's name is empty, which is allowed for optional inputs only.",
      "Name the value to use."),
  UNKNOWN_ATTRIBUTE(
      209,
      "The operator has no such attribute",
      "Runtimes refuse attributes they do not know, or ignore them silently.",
      "Check the spelling and the imported version; attributes come and go between versions."),
  MISSING_ATTRIBUTE(
      210,
      "A required attribute is missing",
      "The operator cannot work without it and has no default for it. Where a call of a function"
          + " lacks one, the nodes inside that refer to it go by their own defaults.",
      "Add the attribute."),
  ATTRIBUTE_TYPE(
      211,
      "An attribute has the wrong type",
      "An attribute's type (INT, INTS, FLOAT, STRING, ...) is part of the operator's signature; a"
          + " single INT is not a list of one.",
      "Give the attribute the expected type."),
  DUPLICATE_ATTRIBUTE(
      212,
      "A node has two attributes of one name",
      "Which of the two counts differs between runtimes.",
      "Remove one."),
  ATTRIBUTE_REFERENCE(
      213,
      "A reference to a function attribute that does not exist",
      "Only inside a function may an attribute refer to one of the function's own attributes, and"
          + " only to one that the function declares.",
      "Declare the attribute in the function, or give a value in place of the reference."),
  MISSING_OUTPUT(
      214,
      "A result that is always computed has no name",
      "The output's name is empty, which is allowed for optional outputs only; runtimes crash when"
          + " they write a result that is not there.",
      "Give the output a name of its own, even if nothing uses it."),

  INPUT_TYPE(
      301,
      "An input has a type the operator does not take",
      "The operator's signature lists the element types each input may have.",
      "Insert a Cast, or import a version of the operator that takes the type."),
  TYPE_BINDING(
      302,
      "Values that must have the same type have different ones",
      "Inputs that share a type parameter in the operator's signature have one type; ONNX never"
          + " converts silently.",
      "Insert a Cast for one of them."),
  SHAPE_MISMATCH(
      303,
      "Shapes do not fit each other",
      "The shapes of the node's inputs, or a shape and an attribute, contradict each other.",
      "Follow both values back to where their shapes come from; the message names them."),
  RANK(
      304,
      "A value has the wrong number of dimensions",
      "The operator takes inputs of another rank.",
      "Reshape, Squeeze or Unsqueeze the value."),
  ATTRIBUTE_VALUE(
      305,
      "An attribute or constant operand has a value the operator does not take",
      "For example an axis beyond the rank, or a mode that the operator does not have.",
      "Give it a value in the range the message states."),
  DECLARED_TYPE(
      306,
      "A declared type contradicts the type that follows from the graph",
      "The model says of a value another element type, rank or size than its producer gives it.",
      "Correct or remove the declaration; inference finds the right one."),
  MISSING_TYPE(
      307,
      "An input or output of the main graph has no type or no shape",
      "Callers could not know what to give. Inputs and outputs of the main graph state at least the"
          + " kind and element type of their values, tensors their rank too; of an output runtimes"
          + " find it out, and of a rank that is not told they take any, but ONNX's checker refuses"
          + " the file.",
      "Declare the type; dimensions may stay open."),
  NEGATIVE_DIMENSION(
      308,
      "A declared dimension is negative",
      "No tensor has it. Some exporters write -1 where a size is not known; runtimes differ in what"
          + " they make of it. Here it counts as unknown.",
      "Give the dimension a name such as N, which says that it may have any size."),
  STALE_DIMENSION(
      309,
      "A number is declared where the dimension varies",
      "The model's inputs leave the dimension open, as a symbol such as N, but a value that depends"
          + " on it is declared with one number, often that of the example the model was exported"
          + " from. The number is only true for inputs of that size, so inference does not use it;"
          + " other runtimes may.",
      "Declare the dimension as a symbol, or remove the declared type and infer it anew (the pass"
          + " InferTypes)."),

  IR_VERSION(
      401,
      "The IR version is missing, not known, or too old for what the model uses",
      "The IR version states which features of the file format a reader must know: initializers"
          + " that are no inputs need 4, functions need 8, overloads need 10.",
      "Set the IR version that goes with the opset; the exporter does it by itself."),
  NO_OPSET_IMPORT(
      402,
      "The model imports no operators",
      "Without an opset import no node has a meaning.",
      "Import a version of ONNX's own domain."),
  DUPLICATE_OPSET_IMPORT(
      403,
      "A domain is imported twice",
      "The two imports leave open which version counts; \"\" and \"ai.onnx\" are one domain.",
      "Keep one of the two."),
  OPSET_VERSION(
      404,
      "There is no such version of the domain",
      "Versions begin at 1 and go up to the newest that this Sardonyx knows.",
      "Correct the version, or use a Sardonyx that knows the newer operators."),
  DUPLICATE_FUNCTION(
      405,
      "Two functions define one operator",
      "Domain, name and overload together name a function.",
      "Remove one, or tell them apart by overload."),
  RECURSIVE_FUNCTION(
      406,
      "A function calls itself",
      "Functions are expanded where they are called, so none may contain itself, not even through"
          + " others.",
      "Break the cycle; what runs repeatedly belongs into a Loop or Scan."),
  FUNCTION_SIGNATURE(
      407,
      "A function's own inputs, outputs or attributes are wrong",
      "Names are unique, and each output is computed by the body or is one of the inputs.",
      "Correct the function's lists."),
  LIMIT(
      410,
      "The model takes more than a limit allows",
      "Graphs, function calls or types nest deeper than the limit depth of Limits, which keeps models"
          + " from taking the whole machine. Nothing else about the model has been looked at.",
      "If the model is meant to be like that, give higher limits to whoever reads, checks or runs"
          + " it."),

  FUNCTION_OPSET(
      408,
      "A function means other operators than the model",
      "The function and the model import different versions of a domain, between which an operator"
          + " that the function uses has changed. Runtimes that expand functions where they are"
          + " called know one version of a domain only.",
      "Import the same version in the function and in the model."),
  FILE_FORM(
      409,
      "The file says something twice, or leaves out what it must say",
      "ONNX's messages have several places for a tensor's elements, an attribute's value or a"
          + " value's type. Where more than one is filled, or one that is needed is not, readers"
          + " differ in what they take, or refuse the file.",
      "Write the model anew from its source; removing the superfluous field mends the file, too."),

  SPARSE_TENSOR(
      501,
      "A sparse tensor contradicts itself",
      "Indices are int64, [NNZ] or [NNZ, rank], ascending, unique and within the dense shape.",
      "Write the indices anew from the dense tensor."),
  QUANTIZATION(
      502,
      "A quantisation annotation names a value that does not exist",
      "The annotated value and its scale and zero point are values of the graph.",
      "Correct the names, or remove the annotation.");

  private final int number;
  private final String title;
  private final String explanation;
  private final String remedy;

  ProblemCode(int number, String title, String explanation, String remedy) {
    this.number = number;
    this.title = title;
    this.explanation = explanation;
    this.remedy = remedy;
  }

  /** Such as {@code SX-303}. */
  public String id() {
    return "SX-" + number;
  }

  /** What is wrong, in one line. */
  public String title() {
    return title;
  }

  /** Why it is wrong. */
  public String explanation() {
    return explanation;
  }

  /** What to do about it. */
  public String remedy() {
    return remedy;
  }

  /** The page on the code: title, explanation, remedy. */
  public String page() {
    return id() + ": " + title + "\n\n" + explanation + "\n\nWhat to do: " + remedy + "\n";
  }
}
