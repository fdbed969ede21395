/** Reads ONNX files into the IR and writes the IR as ONNX files. */
@NullMarked
package dev.sardonyx.export;

import org.jspecify.annotations.NullMarked;
