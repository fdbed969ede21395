package dev.sardonyx.runtime;

import dev.sardonyx.export.Target;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.convert.OpsetConversion;
import dev.sardonyx.ir.convert.OpsetConversionException;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A backend for models of any opset. A model that the backend inside does not take is converted by
 * {@link OpsetConversion}, which keeps what it computes: to the nearest opset that the backend
 * knows, and from there to older ones until it takes the model. A runtime may lack the kernels of
 * an operator's newest version and have those of an older one.
 *
 * <p>A model that the backend takes is run as it is, also if it then fails or computes something
 * else. Values that the conversion replaces cannot be asked for.
 *
 * @param inner runs the models
 * @param target which opsets and which version of the file format it takes
 */
public record ConvertingBackend(Backend inner, Target target) implements Backend {
  /** ONNX Runtime. */
  public static ConvertingBackend of(OrtBackend backend) {
    return new ConvertingBackend(backend, OrtBackend.TARGET);
  }

  @Override
  public String name() {
    return inner.name() + ", converting";
  }

  /**
   * A model as the backend inside runs it, which need not be the one that was asked for.
   *
   * @param prepared to be closed by the caller
   */
  public record Fitted(Model model, PreparedModel prepared) {}

  /**
   * @throws UnsupportedModelException if the backend inside takes the model in no opset, with the
   *     reason why it does not take it in the nearest
   */
  @Override
  public PreparedModel prepare(Model model, Options options) {
    return fit(model, options).prepared();
  }

  /** Like {@link #prepare}, and tells what became of the model. */
  public Fitted fit(Model model, Options options) {
    UnsupportedModelException refusal;
    try {
      return new Fitted(model, inner.prepare(model, options));
    } catch (UnsupportedModelException e) {
      refusal = e;
    }
    long opset = model.opset("").orElse(0);
    if (opset < OpsetConversion.OLDEST_SOURCE || !Checker.check(model).isValid()) {
      throw refusal;
    }
    Set<Set<String>> tried = new HashSet<>();
    long oldest = Math.max(target.oldestOpset(), OpsetConversion.OLDEST);
    long nearest = Math.max(oldest, Math.min(target.newestOpset(), opset));
    if (nearest == opset) {
      tried.add(versions(model, opset));
    }
    for (long version = nearest; version >= oldest; version--) {
      try {
        Model converted = version == opset ? model : converted(model, version);
        if (tried.add(versions(converted, version))) {
          return new Fitted(converted, inner.prepare(converted, options));
        }
      } catch (OpsetConversionException e) {
        break;
      } catch (UnsupportedModelException e) {
        refusal = version == nearest ? e : refusal;
      }
    }
    throw refusal;
  }

  private Model converted(Model model, long opset) {
    Model converted = OpsetConversion.to(opset).apply(model).model();
    return converted.irVersion() > target.newestIrVersion()
        ? converted.withVersions(target.newestIrVersion(), converted.opsetImports())
        : converted;
  }

  /** The operators, each with the version that it has in an opset. */
  private static Set<String> versions(Model model, long opset) {
    return model.graph().nodes().stream()
        .map(
            node ->
                OperatorCatalogue.standard()
                    .find(node, model.opset(node.domain()).orElse(opset))
                    .map(OperatorSchema::toString)
                    .orElse(node.operator()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    try {
      fit(model, Options.DEFAULT).prepared().close();
      return Optional.empty();
    } catch (UnsupportedModelException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public List<String> observableValues(Model model) {
    if (inner.supports(model)) {
      return inner.observableValues(model);
    }
    Fitted fitted = fit(model, Options.DEFAULT);
    fitted.prepared().close();
    Set<String> asked =
        model.graph().nodes().stream()
            .map(Node::outputs)
            .flatMap(List::stream)
            .map(Result::name)
            .collect(Collectors.toSet());
    return inner.observableValues(fitted.model()).stream().filter(asked::contains).toList();
  }
}
