package dev.sardonyx.runtime.input;

import dev.sardonyx.export.OnnxData;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Values as the ONNX backend suite has them. */
final class ProtobufFormat implements InputFormat {
  @Override
  public List<String> endings() {
    return List.of(".pb");
  }

  @Override
  public Datum read(Path file, String entry, Input input) throws IOException {
    return OnnxData.read(file, input.type());
  }
}
