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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Param;

/**
 * DJL with its engine for ONNX Runtime on requests that are gathered as {@link BatchedServingBench}
 * does, and joined by hand: DJL Serving, which gathers alike, is not on Maven Central, and DJL's
 * own {@code batchPredict} needs a second engine to join arrays of ONNX Runtime's. Compiled with
 * -Pdjl alone.
 */
public class DjlBatchedServingBench extends ServingBench {
  @Param({"0", "1000"})
  public long delayMicros;

  @Override
  Server open(ServedModel served) throws Exception {
    return new Batched(served, delayMicros);
  }

  private static final class Batched implements Server {
    private final ServedModel served;
    private final long delayNanos;
    private final Path file = Files.createTempFile("served", ".onnx");
    private final ZooModel<NDList, NDList> model;
    private final BlockingQueue<CompletableFuture<float[]>> waiting = new LinkedBlockingQueue<>();
    private final Thread worker = new Thread(this::work, "djl-batch");

    Batched(ServedModel served, long delayMicros) throws Exception {
      this.served = served;
      this.delayNanos = TimeUnit.MICROSECONDS.toNanos(delayMicros);
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
      worker.setDaemon(true);
      worker.start();
    }

    @Override
    public float[] answer() throws Exception {
      CompletableFuture<float[]> answer = new CompletableFuture<>();
      waiting.add(answer);
      return answer.get();
    }

    private void work() {
      try (Predictor<NDList, NDList> predictor = model.newPredictor()) {
        while (true) {
          compute(predictor, gathered());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private List<CompletableFuture<float[]>> gathered() throws InterruptedException {
      List<CompletableFuture<float[]>> batch = new ArrayList<>();
      batch.add(waiting.take());
      long end = System.nanoTime() + delayNanos;
      while (batch.size() < BatchedServingBench.ROWS) {
        CompletableFuture<float[]> next =
            waiting.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (next == null) {
          break;
        }
        batch.add(next);
      }
      return batch;
    }

    private void compute(
        Predictor<NDList, NDList> predictor, List<CompletableFuture<float[]>> batch) {
      try (NDManager manager = model.getNDManager().newSubManager()) {
        long[] dims = served.dims().clone();
        dims[0] = batch.size();
        Shape shape = new Shape(dims);
        NDList input =
            new NDList(
                served.floats() != null
                    ? manager.create(joined(served.floats(), batch.size()), shape)
                    : manager.create(joined(served.longs(), batch.size()), shape));
        try (NDList output = predictor.predict(input)) {
          float[] all = output.get(0).toFloatArray();
          int row = all.length / batch.size();
          for (int i = 0; i < batch.size(); i++) {
            batch.get(i).complete(Arrays.copyOfRange(all, i * row, (i + 1) * row));
          }
        }
      } catch (Exception e) {
        batch.forEach(answer -> answer.completeExceptionally(e));
      }
    }

    private static float[] joined(float[] row, int rows) {
      float[] all = new float[row.length * rows];
      for (int i = 0; i < rows; i++) {
        System.arraycopy(row, 0, all, i * row.length, row.length);
      }
      return all;
    }

    private static long[] joined(long[] row, int rows) {
      long[] all = new long[row.length * rows];
      for (int i = 0; i < rows; i++) {
        System.arraycopy(row, 0, all, i * row.length, row.length);
      }
      return all;
    }

    @Override
    public void close() throws Exception {
      worker.interrupt();
      worker.join();
      model.close();
      Files.delete(file);
    }
  }
}
