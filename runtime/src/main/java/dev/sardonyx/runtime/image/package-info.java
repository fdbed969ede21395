/** Images as the tensors that networks expect. */
@NullMarked
package dev.sardonyx.runtime.image;

import org.jspecify.annotations.NullMarked;
