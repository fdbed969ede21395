package dev.sardonyx.export;

import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a model comes from. An export writes it into the model's metadata.
 *
 * <table>
 * <caption>Keys in {@code metadata_props}</caption>
 * <tr><td>{@code sardonyx.source}</td><td>what was exported, such as a network's name or a
 * file</td></tr>
 * <tr><td>{@code sardonyx.training.KEY}</td><td>how it was trained: data, epochs, batch size, seed,
 * loss, accuracy</td></tr>
 * <tr><td>{@code sardonyx.parity.KEY}</td><td>how its outputs compare with the original's: backend,
 * rows, maximal absolute error, agreement, result</td></tr>
 * <tr><td>{@code sardonyx.target}</td><td>the {@link Target} it was exported for</td></tr>
 * </table>
 *
 * @param producer the tool that made the model ({@code producer_name})
 * @param producerVersion its version
 * @param source what was exported; empty if not known
 * @param training how it was trained; empty if not known
 * @param parity how it was verified; empty if it was not
 */
public record Provenance(
    String producer,
    String producerVersion,
    String source,
    Map<String, String> training,
    Map<String, String> parity) {
  /** The prefix of every key. */
  public static final String PREFIX = "sardonyx.";

  public Provenance {
    training = Collections.unmodifiableMap(new LinkedHashMap<>(training));
    parity = Collections.unmodifiableMap(new LinkedHashMap<>(parity));
  }

  /** The provenance of a model that Sardonyx made. */
  public static Provenance of(String source) {
    return new Provenance("sardonyx", Version.current(), source, Map.of(), Map.of());
  }

  public Provenance withTraining(Map<String, String> changed) {
    return new Provenance(producer, producerVersion, source, changed, parity);
  }

  public Provenance withParity(Map<String, String> changed) {
    return new Provenance(producer, producerVersion, source, training, changed);
  }

  /** The model with this provenance, which replaces any that it had. */
  Model applyTo(Model model, Target target) {
    Map<String, String> properties = new LinkedHashMap<>(model.metadata().properties());
    properties.keySet().removeIf(key -> key.startsWith(PREFIX));
    if (!source.isEmpty()) {
      properties.put(PREFIX + "source", source);
    }
    training.forEach((key, value) -> properties.put(PREFIX + "training." + key, value));
    parity.forEach((key, value) -> properties.put(PREFIX + "parity." + key, value));
    properties.put(PREFIX + "target", target.name());
    Metadata metadata = model.metadata();
    return model
        .withProducer(producer, producerVersion)
        .withMetadata(new Metadata(metadata.docString(), properties, metadata.residue()));
  }
}
