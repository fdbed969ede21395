package dev.sardonyx.samples;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.Safetensors;
import dev.sardonyx.export.Target;
import dev.sardonyx.export.keras.KerasReader;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.export.text.ModelPrinter;
import dev.sardonyx.export.trees.XgboostReader;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.precision.HalfPrecision;
import java.io.IOException;
import java.nio.file.Path;

/** The examples of the README of export. */
public final class ReadingAndWriting {
  private ReadingAndWriting() {}

  /**
   * Reads and writes models in each way.
   *
   * @param args an ONNX file whose last layer is dense1, a Keras file, one of XGBoost, and a folder
   *     to write to
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[3]);
    readAndWrite(Path.of(args[0]), folder);
    otherFormats(Path.of(args[1]), Path.of(args[2]), folder);
    weights(OnnxReader.read(Path.of(args[0])), folder);
    text(OnnxReader.read(Path.of(args[0])));
  }

  private static void readAndWrite(Path file, Path folder) throws IOException {
    Model model = OnnxReader.read(file); // the weights stay on the disk until they are looked at
    System.out.println(model.graph().inputs().get(0).type());
    OnnxExport.of(model)
        .target(Target.named("onnxruntime-cpu-1.28"))
        .precision(HalfPrecision.of(ElementType.FLOAT16).keepNodes("dense1"))
        .externalData(ExternalData.beside()) // needed from 2 GiB on
        .write(folder.resolve("half.onnx"));
  }

  private static void otherFormats(Path keras, Path booster, Path folder) throws IOException {
    OnnxExport.of(KerasReader.standard().read(keras)).write(folder.resolve("keras.onnx"));
    OnnxExport.of(XgboostReader.standard().read(booster)).write(folder.resolve("booster.onnx"));
  }

  private static void weights(Model model, Path folder) throws IOException {
    Path shared = folder.resolve("weights.safetensors");
    Safetensors.of(model).write(shared);
    Model tuned = Safetensors.read(shared).into(model).model(); // by the initializers' names
    System.out.println(tuned.graph().equals(model.graph()));
  }

  private static void text(Model model) {
    Model again = ModelParser.parse(ModelPrinter.print(model)); // ONNX's own text syntax
    System.out.println(again.graph().equals(model.graph()));
    System.out.println(ModelPrinter.printAbbreviated(model, 4)); // 4 elements of each weight
  }
}
