/** The graph IR: an immutable description of a network that knows no file format and no runtime. */
@NullMarked
package dev.sardonyx.ir;

import org.jspecify.annotations.NullMarked;
