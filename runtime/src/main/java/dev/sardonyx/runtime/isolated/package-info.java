/**
 * Backends in a process of their own, for models on which native code may crash, hang or run out of
 * memory: what ends that process is an exception in this one.
 */
@NullMarked
package dev.sardonyx.runtime.isolated;

import org.jspecify.annotations.NullMarked;
