package dev.sardonyx.samples;

import dev.sardonyx.runtime.session.Accelerator;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The option of all commands that run ONNX Runtime. */
@SuppressWarnings("NullAway.Init")
final class AcceleratorOption {
  @Option(
      names = "--accelerator",
      paramLabel = "ACCELERATOR",
      completionCandidates = AcceleratorNames.class,
      defaultValue = "auto",
      description =
          "What ONNX Runtime computes on: auto, cpu, cuda, tensorrt, ...; cuda:1 is the second"
              + " device (default: ${DEFAULT-VALUE}).")
  private String name;

  /** For the shell's completion. */
  static final class AcceleratorNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return known().iterator();
    }
  }

  private static List<String> known() {
    List<String> known = new ArrayList<>(List.of("auto"));
    for (Accelerator accelerator : Accelerator.values()) {
      known.add(accelerator.id());
    }
    return known;
  }

  /** A name that {@link Accelerator#of} takes, whether or not it loads here. */
  String name(CommandSpec spec) {
    return require(spec, name);
  }

  /** The same for a name of several. */
  static String require(CommandSpec spec, String name) {
    List<String> known = known();
    if (!known.contains(name.split(":", 2)[0].toLowerCase(Locale.ROOT))) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--accelerator': '%s' is not one of %s"
              .formatted(name, String.join(", ", known)));
    }
    if (!name.matches("[^:]*(:\\d{1,4})?")) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--accelerator': '%s' names no device by a number, as cuda:1"
                  .formatted(name)
              + " does");
    }
    String id = name.split(":", 2)[0].toLowerCase(Locale.ROOT);
    if (name.contains(":") && (id.equals("auto") || id.equals("cpu"))) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--accelerator': '%s', but %s has no devices to choose from"
              .formatted(name, id));
    }
    return name;
  }
}
