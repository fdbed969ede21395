package dev.sardonyx.samples.bench;

import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import dev.sardonyx.export.OnnxWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** DJL with its engine for ONNX Runtime, a predictor for each thread. Compiled with -Pdjl alone. */
public class DjlServingBench extends ServingBench {
  @Override
  Server open(ServedModel served) throws Exception {
    return new Djl(served);
  }

  private static final class Djl implements Server {
    private final ServedModel served;
    private final Path file = Files.createTempFile("served", ".onnx");
    private final ZooModel<NDList, NDList> model;
    private final Queue<Predictor<NDList, NDList>> predictors = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<Predictor<NDList, NDList>> predictor =
        ThreadLocal.withInitial(this::predictor);

    Djl(ServedModel served) throws Exception {
      this.served = served;
      Files.write(file, OnnxWriter.toBytes(served.model()));
      model =
          Criteria.builder()
              .setTypes(NDList.class, NDList.class)
              .optModelPath(file)
              .optEngine("OnnxRuntime")
              .optOption("intraOpNumThreads", "1")
              .optTranslator(new NoopTranslator())
              .build()
              .loadModel();
    }

    private Predictor<NDList, NDList> predictor() {
      Predictor<NDList, NDList> made = model.newPredictor();
      predictors.add(made);
      return made;
    }

    @Override
    public float[] answer() throws Exception {
      try (NDManager manager = model.getNDManager().newSubManager()) {
        Shape shape = new Shape(served.dims());
        NDList input =
            new NDList(
                served.floats() != null
                    ? manager.create(served.floats(), shape)
                    : manager.create(served.longs(), shape));
        try (NDList output = predictor.get().predict(input)) {
          return output.get(0).toFloatArray();
        }
      }
    }

    @Override
    public void close() throws Exception {
      predictors.forEach(Predictor::close);
      model.close();
      Files.delete(file);
    }
  }
}
