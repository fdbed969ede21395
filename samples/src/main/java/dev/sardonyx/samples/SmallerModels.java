package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.quantize.CrossLayerEqualization;
import dev.sardonyx.export.quantize.DynamicQuantization;
import dev.sardonyx.export.quantize.NodeSelection;
import dev.sardonyx.export.quantize.QuantizationOptions;
import dev.sardonyx.export.quantize.QuantizedModel;
import dev.sardonyx.export.quantize.WeightOnlyQuantization;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.input.MadeUpInputs;
import dev.sardonyx.runtime.quantize.CalibratedModel;
import dev.sardonyx.runtime.quantize.Calibration;
import dev.sardonyx.runtime.quantize.MixedPrecision;
import dev.sardonyx.runtime.quantize.Quantizer;
import dev.sardonyx.runtime.quantize.SignalToNoise;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The README's smaller models, of one that is read. */
public final class SmallerModels {
  private SmallerModels() {}

  /**
   * @param args a model to read, and files to write the smaller ones into
   */
  public static void main(String[] args) throws IOException {
    // README: from here
    Model model = OnnxReader.read(Path.of(args[0]));

    // Weights of 4 bits, which are computed with in float: an eighth of the size
    QuantizedModel four =
        WeightOnlyQuantization.of(4)
            .withBlockSize(32)
            .withNodes(NodeSelection.ALL.excluding("head*"))
            .quantize(model);
    System.out.println(four.report()); // bytes before and after, signal to noise, what was kept
    OnnxExport.of(four.model()).write(Path.of(args[1]));

    // Products in 8 bits, with ranges that are found in every run
    OnnxExport.of(DynamicQuantization.of().quantize(model).model()).write(Path.of(args[2]));

    // All in 8 bits, with ranges found on data; as many layers in float as 30 dB ask for
    List<Map<String, Datum>> batches =
        List.of(MadeUpInputs.of(model, Map.of(), 1), MadeUpInputs.of(model, Map.of(), 2));
    Model equal = new CrossLayerEqualization().apply(model).model();
    CalibratedModel calibrated = Quantizer.of(equal).calibrate(batches, Calibration.minMax());
    SignalToNoise metric = SignalToNoise.of(OrtBackend.cpu(), model, batches); // or an accuracy
    MixedPrecision.Found found =
        MixedPrecision.of(calibrated, QuantizationOptions.cpu(), metric).reach(30);
    System.out.println(found);
    OnnxExport.of(found.quantized().model()).write(Path.of(args[3]));
    // README: to here
  }
}
