package dev.sardonyx.export;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;

/**
 * Writes the IR as ONNX files. A model that was read and not changed is written as it was,
 * including unknown fields and forms of storage; changed parts are written anew.
 *
 * <p>Writing is atomic: a new file is complete on the disk before it takes the place of an old one
 * of the same name, so that an interrupted export leaves the old file unchanged.
 */
public final class OnnxWriter {
  private OnnxWriter() {}

  /**
   * Writes a model file: tensors that were read from a data file of the same folder stay there, if
   * that file has not changed since; all others go into the model.
   *
   * @throws IOException if the file cannot be written
   * @throws UnsupportedModelException if the model does not fit into one protobuf message
   */
  public static void write(Model model, Path file) throws IOException {
    write(model, file, ExternalData.asRead());
  }

  /**
   * Writes a model file, with its tensor data where {@code externalData} says.
   *
   * <p>A data file beside the model has a name of its own, {@code MODEL.TOKEN.data}, and is
   * complete before the model that refers to it appears, so that an interrupted export harms no
   * older model or its data. The data file of a replaced model is then removed, if an export of
   * Sardonyx wrote it and no other model in the folder refers to it; no other file is ever removed.
   *
   * @throws IOException if the file cannot be written, or is a device or pipe that no data file can
   *     lie beside
   */
  public static void write(Model model, Path file, ExternalData externalData) throws IOException {
    ModelFile.write(model, file, externalData);
  }

  /**
   * Writes a model without external data into a stream, which stays open.
   *
   * @throws UnsupportedModelException if it exceeds 2 GiB
   */
  public static void write(Model model, OutputStream out) throws IOException {
    ModelBytes.of(model, KeptReferences.NONE).writeTo(out);
  }

  /**
   * The model as the bytes of a file without external data.
   *
   * @throws UnsupportedModelException if it exceeds 2 GiB
   */
  public static byte[] toBytes(Model model) {
    return ModelBytes.of(model, KeptReferences.NONE).toByteArray();
  }

  /** The model as the bytes of a file for a folder; tensors read from that folder stay there. */
  public static byte[] toBytes(Model model, Path folder) {
    return ModelBytes.of(model, new KeptReferences(folder)).toByteArray();
  }

  /**
   * The model as the bytes of a file without the elements of some of the main graph's initializers:
   * in their place are references to external data that does not exist. This is for runtimes to
   * which these tensors are passed separately, by name.
   *
   * @param handedOver the tensors of these initializers, by name
   * @throws UnsupportedModelException if the rest exceeds 2 GiB
   */
  public static byte[] toBytes(Model model, Map<String, Tensor> handedOver) {
    return ModelBytes.of(model, new HandedOver(handedOver)).toByteArray();
  }
}
