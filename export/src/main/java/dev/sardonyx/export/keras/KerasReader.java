package dev.sardonyx.export.keras;

import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.pass.Passes;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads Keras files into the IR, in pure Java: {@code .keras} of Keras 3 and {@code .h5} of Keras
 * 1, 2, tf.keras and Keras 3.
 *
 * <pre>{@code
 * Model model = KerasReader.standard().read(Path.of("net.keras"));
 * }</pre>
 *
 * <p>The model has the same inputs and outputs as in Keras: layouts, names and element types are
 * the same, and the batch size is the symbol {@code N}. Inside, convolutions, pooling and the like
 * are channels-first, as ONNX requires. What only training needs (dropout, augmentation,
 * optimizers, losses) is left out.
 *
 * <p>A model with layers that ONNX cannot express is refused, and the exception names all of them.
 * A custom layer is read by a custom reader:
 *
 * <pre>{@code
 * KerasReader reader =
 *     KerasReader.standard()
 *         .withLayer(
 *             "Shift",
 *             LayerReader.keepingMask(
 *                 layer -> {
 *                   Value shift = layer.variable("shift", layer.lastDim());
 *                   return layer.builder().add(layer.input(), shift);
 *                 }));
 * }</pre>
 */
public final class KerasReader {
  private final Limits limits;
  private final Map<String, LayerReader> own;

  private KerasReader(Limits limits, Map<String, LayerReader> own) {
    this.limits = limits;
    this.own = Map.copyOf(own);
  }

  /** A reader of Keras's own layers, within {@link Limits#standard}. */
  public static KerasReader standard() {
    return new KerasReader(Limits.standard(), Map.of());
  }

  /**
   * The same reader with other limits: on the bytes of the file and of each weight, and on the
   * depth of nesting.
   */
  public KerasReader withLimits(Limits changed) {
    return new KerasReader(changed, own);
  }

  /**
   * The same reader with a reader for a custom class of layers, or another one for one of Keras's
   * classes.
   *
   * @param className the class's name in Python, without module and package
   */
  public KerasReader withLayer(String className, LayerReader reader) {
    Map<String, LayerReader> more = new HashMap<>(own);
    more.put(className, reader);
    return new KerasReader(limits, more);
  }

  /**
   * Reads a model.
   *
   * @throws KerasFormatException if the file is not a Keras model, or contradicts itself
   * @throws UnsupportedModelException if layers cannot be expressed, naming all of them and why
   * @throws IOException if it cannot be read
   */
  public Model read(Path file) throws IOException {
    requireFile(file);
    Model model;
    try (KerasFile opened = KerasFile.open(file, limits)) {
      model = new GraphReading(new LayerReaders(own), limits).read(opened);
    } catch (BrokenFile e) {
      throw new KerasFormatException(file.toString(), String.valueOf(e.getMessage()), e);
    } catch (LimitExceededException e) {
      throw new KerasFormatException(file.toString(), "is refused. " + e.getMessage(), e);
    } catch (LayerRefusal e) {
      throw new UnsupportedModelException(
          file + ": " + Printable.line(String.valueOf(e.getMessage())), e);
    } catch (UnsupportedModelException e) {
      throw new UnsupportedModelException(
          file + ": " + Printable.line(String.valueOf(e.getMessage())), e);
    } catch (FileNotFoundException e) {
      throw new FileSystemException(file.toString(), null, "cannot be read");
    }
    return Passes.named("transpose-pushing").apply(model).model();
  }

  /** Why a class of Keras's layers is refused; empty if it is read. */
  static Optional<String> refusal(String className) {
    return new LayerReaders(Map.of()).refusal(className);
  }

  /** The class names of the layers that can be read. */
  public static List<String> layerNames() {
    return new LayerReaders(Map.of()).names();
  }

  private static void requireFile(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString(), null, "does not exist");
    }
    if (Files.isDirectory(file)) {
      throw new FileSystemException(
          file.toString(),
          null,
          "is a folder, not a .keras or .h5 file; a SavedModel is converted by saving it as .keras");
    }
  }
}
