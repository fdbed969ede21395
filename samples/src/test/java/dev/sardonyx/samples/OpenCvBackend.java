package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.Target;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_dnn;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_dnn.Net;

/** OpenCV's DNN module: floats in, floats out. It may end the process. */
public final class OpenCvBackend implements Backend {
  /** For a process of its own. */
  public static final class Supply implements Supplier<Backend> {
    @Override
    public Backend get() {
      return new OpenCvBackend();
    }
  }

  @Override
  public String name() {
    return "OpenCV";
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    List<String> reasons = OnnxExport.of(model).target(Target.openCv()).whyUnsupported();
    return reasons.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", reasons));
  }

  @Override
  public PreparedModel prepare(Model model, Options options) {
    byte[] file = OnnxExport.of(model).target(Target.openCv()).toBytes();
    try (BytePointer bytes = new BytePointer(file)) {
      return new Prepared(model, opencv_dnn.readNetFromONNX(bytes, file.length));
    } catch (RuntimeException e) {
      throw new UnsupportedModelException(reason(e), e);
    }
  }

  private static String reason(RuntimeException e) {
    String said = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
    return said.replaceFirst("OpenCV\\S* \\S*/", "");
  }

  private record Prepared(Model model, Net net) implements PreparedModel {
    @Override
    public Outputs run(Map<String, ? extends Datum> inputs) {
      List<Mat> given = new ArrayList<>();
      try {
        for (Input input : model.graph().inputs()) {
          given.add(mat((Tensor) inputs.get(input.name())));
          net.setInput(given.get(given.size() - 1), input.name(), 1, new Scalar());
        }
        Map<String, Datum> outputs = new LinkedHashMap<>();
        for (Output output : model.graph().outputs()) {
          try (Mat result = net.forward(output.name())) {
            outputs.put(output.name(), tensor(result));
          }
        }
        return Outputs.of(outputs);
      } catch (RuntimeException e) {
        throw new IllegalStateException(reason(e), e);
      } finally {
        given.forEach(Mat::close);
      }
    }

    private static Mat mat(Tensor tensor) {
      int[] shape = Arrays.stream(tensor.dims()).mapToInt(Math::toIntExact).toArray();
      try (FloatPointer elements = new FloatPointer(tensor.toFloats());
          Mat view = new Mat(shape, opencv_core.CV_32F, elements)) {
        return view.clone();
      }
    }

    /** Not by createBuffer(), whose size is that of the memory OpenCV reuses. */
    private static Tensor tensor(Mat result) {
      long[] dims = new long[result.dims()];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = result.size(i);
      }
      float[] elements = new float[Math.toIntExact(result.total())];
      if (result.type() != opencv_core.CV_32F) {
        throw new IllegalStateException("a result of type " + result.type());
      }
      new FloatPointer(result.data()).get(elements);
      return Tensor.of(ElementType.FLOAT, dims, Tensor.ofFloats(elements, elements.length).bytes());
    }

    @Override
    public void close() {
      net.close();
    }
  }
}
