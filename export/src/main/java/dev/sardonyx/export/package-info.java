/**
 * Reads ONNX files into the IR and writes the IR as ONNX files.
 *
 * <pre>{@code
 * Model model = OnnxReader.read(Path.of("model.onnx"));
 * OnnxExport.of(model)
 *     .target(Target.named("onnxruntime-cpu-1.28"))
 *     .externalData(ExternalData.beside())
 *     .write(Path.of("other.onnx"));
 * }</pre>
 *
 * <p>{@link dev.sardonyx.export.OnnxReader} maps the file, so that weights are read when they are
 * looked at, and finds weights in files beside it; a path that leads out of the model's folder is
 * refused. {@link dev.sardonyx.export.OnnxWriter} writes a model as it is: read and written
 * unchanged it is the same, unknown fields included. {@link dev.sardonyx.export.OnnxExport} makes
 * it fit a {@link dev.sardonyx.export.Target} first (opset, version of the file format, what the
 * runtime lacks), and refuses what cannot be expressed, naming the nodes. Files are written whole
 * or not at all; from 2 GiB on the weights have to be {@link dev.sardonyx.export.ExternalData
 * external}.
 *
 * <p>{@link dev.sardonyx.export.Safetensors} exchanges weights alone. Other formats have packages
 * of their own: {@link dev.sardonyx.export.keras}, {@link dev.sardonyx.export.trees}, {@link
 * dev.sardonyx.export.text}.
 */
@NullMarked
package dev.sardonyx.export;

import org.jspecify.annotations.NullMarked;
