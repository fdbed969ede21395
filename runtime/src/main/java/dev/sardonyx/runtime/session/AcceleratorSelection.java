package dev.sardonyx.runtime.session;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The accelerator that was taken, and why better ones were not.
 *
 * @param provider one that has loaded and computed on this machine
 * @param refused accelerators that were tried before it
 */
public record AcceleratorSelection(Provider provider, List<AcceleratorSelection.Refused> refused) {
  public AcceleratorSelection {
    refused = List.copyOf(refused);
  }

  /** The CPU, without trying any other. */
  public static AcceleratorSelection cpu() {
    return new AcceleratorSelection(new Provider.Cpu(), List.of());
  }

  public Accelerator accelerator() {
    return provider.accelerator();
  }

  /** The number of its device, from 0. */
  public int device() {
    return provider.device();
  }

  /** Why an accelerator was not taken. */
  public record Refused(Accelerator accelerator, String reason) {
    @Override
    public String toString() {
      return accelerator + ": " + reason;
    }
  }

  /** Such as {@code CUDA:1}; the device is left out if it is the first. */
  public String label() {
    return provider.label();
  }

  /**
   * The accelerator and, in brackets, why others were not taken; those with the same reason
   * together.
   */
  @Override
  public String toString() {
    Map<String, List<String>> byReason = new LinkedHashMap<>();
    for (Refused refusal : refused) {
      byReason
          .computeIfAbsent(refusal.reason(), reason -> new ArrayList<>())
          .add(refusal.accelerator().toString());
    }
    return byReason.isEmpty()
        ? label()
        : label()
            + byReason.entrySet().stream()
                .map(entry -> String.join(", ", entry.getValue()) + ": " + entry.getKey())
                .collect(Collectors.joining("; ", " (", ")"));
  }
}
