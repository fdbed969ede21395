package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.runtime.input.InputFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code run} prints and writes: what it writes, it reads as an input. */
final class RunCommandTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void write() throws IOException {
    model = folder.resolve("model.onnx");
    OnnxWriter.write(
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            g (float[N,4] x) => (float[N,4] y, bool[N,4] big)
            <float half = {0.5}>
            {
              y = Sigmoid (x)
              big = Greater (y, half)
            }
            """),
        model);
  }

  @Test
  void outputsAreFilesThatAreInputsAgain() throws IOException {
    Path x = Files.writeString(folder.resolve("x.json"), "[[-1, 0, 1, 2], [3, -3, 0, 0]]");
    Path json = folder.resolve("y.json");
    Path npy = folder.resolve("y.npy");
    Path pb = folder.resolve("y.pb");
    Path png = folder.resolve("y.png");
    Path big = folder.resolve("big.json");
    for (Path file : new Path[] {json, npy, pb, png}) {
      CommandRun.of("run", "--input", "x=" + x, "--output", "y=" + file, model).expect(0);
    }
    CommandRun run =
        CommandRun.of("run", "--input", "x=" + x, "--output", "big=" + big, "--top", 2, model);
    assertTrue(run.expect(0).out().startsWith("y: float[2,4] {"), run.toString());
    assertTrue(run.out().contains("       3 "), run.toString());
    assertEquals(
        JsonParser.parseString("[[false, false, true, true], [true, false, false, false]]"),
        JsonParser.parseString(Files.readString(big)));
    Input input = Input.of("y", TensorType.of(ElementType.FLOAT, 2, 4));
    Tensor read = (Tensor) InputFile.of(npy).read(input);
    assertEquals(read, InputFile.of(json).read(input));
    assertEquals(read, InputFile.of(pb).read(input));
    assertArrayEquals(new float[] {0.26894143f, 0.5f, 0.7310586f, 0.880797f}, row(read), 1e-6f);
    BufferedImage picture = ImageIO.read(png.toFile());
    assertEquals(4, picture.getWidth());
    assertEquals(0x808080, picture.getRGB(1, 0) & 0xffffff);
  }

  private static float[] row(Tensor tensor) {
    return Arrays.copyOf(tensor.toFloats(), 4);
  }

  @Test
  void whatCannotBeRunOrWrittenIsNamed() {
    assertError("no output 'z'; it has y, big", 2, "run", "--output", "z=z.npy", model);
    assertError("ends in one of", 2, "run", "--output", "y=y.txt", model);
    assertError("no input 'z'", 1, "run", "--input", "z=z.npy", model);
    assertError("--labels goes with --top", 2, "run", "--labels", "l.txt", model);
    Path picture = folder.resolve("y.png");
    assertError("channels", 1, "run", "--dim", "N=0", "--output", "y=" + picture, model);
    assertFalse(Files.exists(picture));
  }

  @Test
  void labelsThatDoNotFitAreNamedWithTheirFile() throws IOException {
    Path two = Files.writeString(folder.resolve("two.txt"), "cat\ndog\n");
    assertError(
        two + ": has 2 labels, but rows of 'y' have", 1, "run", "--top=1", "--labels", two, model);
    Path noText = Files.write(folder.resolve("no.txt"), new byte[] {(byte) 0xff});
    assertError(noText + ": is not text in UTF-8", 1, "run", "--top=1", "--labels", noText, model);
  }

  private static void assertError(String text, int status, Object... arguments) {
    CommandRun run = CommandRun.of(arguments).expect(status);
    assertTrue(run.err().contains(text), run.toString());
    assertFalse(run.err().contains("\tat "), run.toString());
  }
}
