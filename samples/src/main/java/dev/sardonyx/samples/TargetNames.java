package dev.sardonyx.samples;

import dev.sardonyx.export.Target;
import java.util.Iterator;

/** The names of all targets, for the shell's completion. */
final class TargetNames implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return Target.names().iterator();
  }
}
