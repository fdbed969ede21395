package dev.sardonyx.export.trees;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads models of XGBoost or LightGBM under any name: which of them a file is, its first bytes say.
 *
 * <pre>{@code
 * Model model = TreeModels.read(Path.of("booster.model"));
 * }</pre>
 */
public final class TreeModels {
  private TreeModels() {}

  /**
   * Whether a file is of XGBoost or LightGBM, or a pickle, which often holds their models. That it
   * can be read is not said; what {@link #read} says of it is to the point.
   *
   * @throws IOException if the file cannot be read
   */
  public static boolean recognizes(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return switch (TreeContent.of(in.readNBytes(TreeContent.START))) {
        case XGBOOST_JSON, XGBOOST_UBJSON, XGBOOST_BINARY, LIGHTGBM, PICKLE -> true;
        default -> false;
      };
    }
  }

  /**
   * Reads a model as {@link XgboostReader#standard} or {@link LightGbmReader#standard} does.
   *
   * @throws TreeFormatException if the file is not a model, or contradicts itself
   * @throws UnsupportedModelException if it has what ONNX's trees cannot say
   * @throws IOException if it cannot be read
   */
  public static Model read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return XgboostReader.standard().read(file); // says what it is; a pipe can be read once only
    }
    try (InputStream in = Files.newInputStream(file)) {
      return TreeContent.of(in.readNBytes(TreeContent.START)) == TreeContent.LIGHTGBM
          ? LightGbmReader.standard().read(file)
          : XgboostReader.standard().read(file);
    }
  }
}
