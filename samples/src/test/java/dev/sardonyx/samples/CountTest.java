package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.build.GraphBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One of a thing is not said in the plural. */
class CountTest {
  private static final Pattern ONE_OF_MANY = Pattern.compile("\\b1 (?!pass)[a-z]+s\\b");

  @TempDir private Path folder;

  @Test
  void oneAndSeveral() {
    assertEquals("1 node", Count.of(1, "node"));
    assertEquals("0 nodes", Count.of(0, "node"));
    assertEquals("1,203 nodes", Count.of(1203, "node"));
  }

  /** A model of which there is one of everything. */
  @Test
  void noCommandSaysOneNodes() throws IOException {
    GraphBuilder b = GraphBuilder.of("g");
    var x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(1)));
    b.output(b.relu(x), "y");
    Path model = folder.resolve("one.onnx");
    OnnxExport.of(b.buildModel()).write(model);
    for (List<String> arguments :
        List.of(
            List.of("inspect", model.toString()),
            List.of("inspect", "--layers", model.toString()),
            List.of("check", model.toString()),
            List.of("check", "--target", "opset-13", model.toString()),
            List.of("verify", model.toString()),
            List.of("diff", model.toString(), model.toString()),
            List.of("convert", model.toString(), folder.resolve("two.onnx").toString()))) {
      CommandRun run = CommandRun.of(arguments.toArray());
      String said = run.out() + run.err();
      assertTrue(said.lines().noneMatch(l -> ONE_OF_MANY.matcher(l).find()), said);
    }
  }
}
