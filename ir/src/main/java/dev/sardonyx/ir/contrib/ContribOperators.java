package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.op.OperatorDefinition;
import dev.sardonyx.ir.op.OperatorLibrary;
import dev.sardonyx.ir.op.OperatorSchema;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What ONNX Runtime has beside ONNX's operators: the signatures of all operators of {@code
 * com.microsoft}, and the meaning of those that its optimizer, its quantiser and the exporters
 * around it write. They are told by what they are in ONNX's own operators.
 */
public final class ContribOperators implements OperatorLibrary {
  private static final String RESOURCE = "contrib-operators.txt";

  /** The domain of ONNX Runtime's own operators. */
  static final String MICROSOFT = "com.microsoft";

  private final Map<String, ContribForm> forms = new HashMap<>();

  /** For the service loader. */
  public ContribOperators() {
    // One line a family.
    ActivationForms.addTo(this);
    ProductForms.addTo(this);
    NormalizationForms.addTo(this);
    EmbeddingForms.addTo(this);
    AttentionForms.addTo(this);
    RotaryForms.addTo(this);
    QuantizedForms.addTo(this);
    QuantizedLayerForms.addTo(this);
    BlockQuantizedForms.addTo(this);
    DiffusionForms.addTo(this);
    RecurrentForms.addTo(this);
    EarlyForms.addTo(this);
  }

  /** A form for an operator of {@code com.microsoft}. */
  void add(String operator, ContribForm form) {
    add(MICROSOFT, operator, form);
  }

  /** A form for an operator of {@code com.microsoft} with one result. */
  void one(String operator, ContribForm.One form) {
    add(operator, node -> List.of(form.of(node)));
  }

  void add(String domain, String operator, ContribForm form) {
    if (forms.put(domain + ":" + operator, form) != null) {
      throw new IllegalStateException("Two forms for operator " + operator);
    }
  }

  /** The operators that have a form, as domain, colon and name. */
  Set<String> formed() {
    return Set.copyOf(forms.keySet());
  }

  @Override
  public List<OperatorDefinition> definitions() {
    return OperatorSchema.parse(read()).stream().map(this::definition).toList();
  }

  private OperatorDefinition definition(OperatorSchema schema) {
    if (schema.name().equals(Inverse.NAME)) {
      return new Inverse(schema);
    }
    ContribForm form = forms.get(schema.domain() + ":" + schema.name());
    return form == null ? new Signature(schema) : new FormedOperator(schema, form);
  }

  /** An operator of which no more is known. */
  private record Signature(OperatorSchema schema) implements OperatorDefinition {}

  private static String read() {
    try (InputStream in = ContribOperators.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
