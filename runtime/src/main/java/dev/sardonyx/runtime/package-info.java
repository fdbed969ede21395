/** Runs models in ONNX Runtime and verifies that they give the answers they should. */
@NullMarked
package dev.sardonyx.runtime;

import org.jspecify.annotations.NullMarked;
