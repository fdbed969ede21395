package dev.sardonyx.export.files;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * A program that writes a model of 4 GiB of weights that are made as they are asked for, reads it,
 * checks it, looks at each of its bytes, and writes it once more: FOLDER.
 */
public final class FourGigabytes {
  private static final int SIDE = 4096;
  private static final int LAYERS = 64; // of 64 MiB each
  private static final int PIECE = 1 << 20;

  private FourGigabytes() {}

  /** Numbers that tell where in which layer they are. */
  private record Made(int layer) implements TensorSource {
    @Override
    public long byteSize() {
      return 4L * SIDE * SIDE;
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
      ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < length; i++) {
        bytes.put(i, at(offset + i));
      }
      return bytes.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private byte at(long position) {
      long word = (position >> 2) * 0x9E3779B97F4A7C15L + layer * 0xBF58476D1CE4E5B9L;
      return position % 4 == 3 ? 0x3C : (byte) (word >>> 40 + 8 * (position & 3)); // small floats
    }
  }

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    GraphBuilder b = GraphBuilder.of("large");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(1, SIDE)));
    for (int i = 0; i < LAYERS; i++) {
      Tensor weights = Tensor.of(ElementType.FLOAT, new long[] {SIDE, SIDE}, new Made(i));
      x = b.matMul(x, b.constant("w" + i, weights));
    }
    b.output(x, "y");
    Path first = folder.resolve("first.onnx");
    OnnxWriter.write(b.buildModel(), first, ExternalData.beside());

    Path second = folder.resolve("second.onnx");
    OnnxWriter.write(Checker.require(OnnxReader.read(first)), second, ExternalData.beside());
    Model read = Checker.require(OnnxReader.read(second));
    for (Constant constant : read.graph().constants()) {
      require((Tensor) constant.data(), Integer.parseInt(constant.name().substring(1)));
    }
  }

  private static void require(Tensor tensor, int layer) {
    Made made = new Made(layer);
    for (long at = 0; at < tensor.byteSize(); at += PIECE) {
      if (!tensor.source().slice(at, PIECE).equals(made.slice(at, PIECE))) {
        throw new IllegalStateException("layer " + layer + " differs after byte " + at);
      }
    }
  }
}
