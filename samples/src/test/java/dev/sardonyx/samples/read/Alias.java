package dev.sardonyx.samples.read;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

/** Layers under the second names that DL4J has for some: empty subclasses without builders. */
final class Alias {
  private Alias() {}

  /** The fresh layer with all settings of another one, of its superclass. */
  static <L> L of(L fresh, Object settings) {
    try {
      for (Class<?> c = settings.getClass(); c != Object.class; c = c.getSuperclass()) {
        for (Field field : c.getDeclaredFields()) {
          if (!Modifier.isStatic(field.getModifiers())) {
            field.setAccessible(true);
            field.set(fresh, field.get(settings));
          }
        }
      }
      return fresh;
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
