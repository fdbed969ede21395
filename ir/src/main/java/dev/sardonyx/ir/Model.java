package dev.sardonyx.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A graph with all it needs to be understood: the versions of the operators it uses, functions of
 * its own, and where it comes from.
 *
 * @param irVersion the version of ONNX's file format it asks for
 * @param opsetImports the operator versions, one a domain
 * @param producerName the tool that made the model
 * @param producerVersion that tool's version
 * @param domain who the model belongs to, as a reverse domain name
 * @param modelVersion the model's own version
 * @param graph the main graph
 * @param functions operators defined by the model
 * @param training how to train it, mostly empty
 */
public record Model(
    long irVersion,
    List<OpsetImport> opsetImports,
    String producerName,
    String producerVersion,
    String domain,
    long modelVersion,
    Graph graph,
    List<Function> functions,
    List<TrainingInfo> training,
    Metadata metadata) {
  public Model {
    opsetImports = List.copyOf(opsetImports);
    functions = List.copyOf(functions);
    training = List.copyOf(training);
  }

  /** A model of ONNX's own operators at a version, with the IR version that goes with it. */
  public static Model of(Graph graph, long opset) {
    return new Model(
        OnnxRelease.irVersionFor(opset),
        List.of(OpsetImport.onnx(opset)),
        "sardonyx",
        "",
        "",
        0,
        graph,
        List.of(),
        List.of(),
        Metadata.EMPTY);
  }

  /** The imported version of a domain, under either spelling of ONNX's own. */
  public OptionalLong opset(String ofDomain) {
    return OpsetImport.version(opsetImports, ofDomain);
  }

  /** The model with other contents, by the same producer. */
  private Model copy(
      long withIrVersion,
      List<OpsetImport> withImports,
      Graph withGraph,
      List<Function> withFunctions,
      List<TrainingInfo> withTraining,
      Metadata withMetadata) {
    return new Model(
        withIrVersion,
        withImports,
        producerName,
        producerVersion,
        domain,
        modelVersion,
        withGraph,
        withFunctions,
        withTraining,
        withMetadata);
  }

  public Model withGraph(Graph changed) {
    return copy(irVersion, opsetImports, changed, functions, training, metadata);
  }

  /** With an IR version that has such functions. */
  public Model withFunctions(List<Function> changed) {
    long needed = changed.stream().mapToLong(Function::firstIrVersion).max().orElse(0);
    return copy(Math.max(irVersion, needed), opsetImports, graph, changed, training, metadata);
  }

  public Model withTraining(List<TrainingInfo> changed) {
    return copy(irVersion, opsetImports, graph, functions, changed, metadata);
  }

  public Model withMetadata(Metadata changed) {
    return copy(irVersion, opsetImports, graph, functions, training, changed);
  }

  /** The model under other versions of the file format and the operators. */
  public Model withVersions(long changedIrVersion, List<OpsetImport> changedImports) {
    return copy(changedIrVersion, changedImports, graph, functions, training, metadata);
  }

  public Model withProducer(String changedName, String changedVersion) {
    return new Model(
        irVersion,
        opsetImports,
        changedName,
        changedVersion,
        domain,
        modelVersion,
        graph,
        functions,
        training,
        metadata);
  }

  /**
   * The model declaring that it imports a domain at a version, in place of any version declared
   * before. Its nodes stay as they are, so their meaning may change: this converts nothing.
   */
  public Model withOpsetImport(String ofDomain, long version) {
    List<OpsetImport> changed = new ArrayList<>(opsetImports);
    String canonical = OpsetImport.canonical(ofDomain);
    changed.removeIf(i -> OpsetImport.canonical(i.domain()).equals(canonical));
    changed.add(OpsetImport.of(ofDomain, version));
    return withVersions(irVersion, changed);
  }
}
