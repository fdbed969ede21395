/**
 * Backends in a process of their own, for models that may crash, hang or eat up native code: what
 * ends the process is an exception here.
 */
@NullMarked
package dev.sardonyx.runtime.isolated;

import org.jspecify.annotations.NullMarked;
