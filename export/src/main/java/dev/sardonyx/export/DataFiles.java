package dev.sardonyx.export;

import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.TensorSource;
import java.util.ArrayList;
import java.util.List;

/** The external data files that are written with a model: one for all tensors, or one for each. */
final class DataFiles implements TensorWriter.Placement {
  static final String SUFFIX = ".data";

  private final String base;
  private final ExternalData options;
  private final List<DataFile> files = new ArrayList<>();

  /**
   * @param base what the names of the files begin with
   */
  DataFiles(String base, ExternalData options) {
    this.base = base;
    this.options = options;
  }

  List<DataFile> files() {
    return files;
  }

  @Override
  public boolean place(TensorSource source, boolean initializer, TensorProto.Builder message) {
    if (!(initializer || options.attributes())
        || source.byteSize() < options.threshold()
        || source.byteSize() == 0) {
      return false;
    }
    if (files.isEmpty() || options.filePerTensor()) {
      files.add(new DataFile(nextName(), options));
    }
    files.get(files.size() - 1).add(source, message);
    return true;
  }

  private String nextName() {
    if (options.fileName() != null) {
      return options.fileName();
    }
    return base + (options.filePerTensor() ? "." + files.size() : "") + SUFFIX;
  }
}
