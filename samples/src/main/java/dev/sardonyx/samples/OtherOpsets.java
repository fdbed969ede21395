package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.Operators;
import dev.sardonyx.export.Target;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.convert.OpsetConversion;
import dev.sardonyx.ir.convert.OpsetConversionException;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.ir.pass.Passes;
import java.util.EnumSet;

/** The README's conversions of a model for other opsets and runtimes. */
public final class OtherOpsets {
  private OtherOpsets() {}

  public static void main(String[] args) {
    Model model = Networks.transformerEncoder().withVocabulary(50).withOpset(24).build(1);
    // README: from here
    Model older = OpsetConversion.to(13).apply(model).model(); // Gelu, Attention, ... decomposed
    System.out.println(older.opset("").getAsLong() + ": " + older.graph().nodes().size());
    try {
      OpsetConversion.to(8).apply(model);
    } catch (OpsetConversionException e) {
      e.refusals().forEach(System.out::println); // node, reason, lowest opset that can
    }

    // onnxruntime-1.14 to -1.28, -cpu, -web, -webgpu, coreml, openvino, opencv, tensorrt-8, opset-7
    OnnxExport export = OnnxExport.of(model).target(Target.named("tensorrt-8"));
    System.out.println(export.whyUnsupported()); // [] or all that is in the way
    System.out.println(export.toModel().opset("").getAsLong());

    // One of your own; what it lacks is decomposed or refused, and its dimensions are fixed
    Target mine =
        Target.of("mine-2", 9, 17)
            .withOperators(Operators.allBut("Einsum GridSample"))
            .without(EnumSet.of(Target.Feature.CONTROL_FLOW, Target.Feature.OPEN_DIMENSIONS));
    OnnxExport fixed = OnnxExport.of(model).fixDimension("N", 1).fixDimension("T", 16);
    System.out.println(fixed.target(mine).toModel().graph().inputs().get(0).type());

    // What ONNX Runtime's optimizer and quantiser write (com.microsoft), in ONNX's own operators
    GraphBuilder b = GraphBuilder.of("fused");
    b.output(b.node("com.microsoft.QuickGelu", b.input("x", TensorType.of(ElementType.FLOAT, 2))));
    Model standard = Passes.named("standard-operators").apply(b.buildModel()).model();
    standard.graph().nodes().forEach(n -> System.out.println(n.operator())); // Mul, Sigmoid, Mul
    // README: to here
  }
}
