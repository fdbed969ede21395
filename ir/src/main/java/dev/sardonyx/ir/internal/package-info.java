/** Tables that the IR's own rooms look names up in. Not part of the API. */
@NullMarked
package dev.sardonyx.ir.internal;

import org.jspecify.annotations.NullMarked;
