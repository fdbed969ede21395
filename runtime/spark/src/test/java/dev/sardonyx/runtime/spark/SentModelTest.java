package dev.sardonyx.runtime.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.twitter.chill.EmptyScalaKryoInstantiator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.spark.util.SizeEstimator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models on their way to other processes, by either of Spark's serializers. */
class SentModelTest {
  private static final byte[] WEIGHTS = new byte[1 << 20];

  @TempDir private Path folder;

  @BeforeEach
  void start() {
    Cluster.inProcess(); // which has a folder for files
  }

  private SentModel model(String name) throws IOException {
    new Random(7).nextBytes(WEIGHTS);
    Path file = Files.writeString(folder.resolve(name + ".onnx"), "a model");
    Path weights = Files.write(folder.resolve(name + ".data"), WEIGHTS);
    return new SentModel(name, folder, List.of(file, weights));
  }

  private static SentModel byJava(SentModel model) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(model);
      out.writeObject("what follows");
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      SentModel read = (SentModel) in.readObject();
      assertEquals("what follows", in.readObject());
      return read;
    }
  }

  private void assertArrived(SentModel read, String name) throws IOException {
    assertEquals(name, read.name());
    assertTrue(!read.folder().equals(folder), () -> "the files are in " + read.folder());
    assertEquals("a model", Files.readString(read.folder().resolve(name + ".onnx")));
    assertArrayEquals(WEIGHTS, Files.readAllBytes(read.folder().resolve(name + ".data")));
  }

  @Test
  void filesArriveAsFiles() throws Exception {
    SentModel read = byJava(model("sent"));
    assertArrived(read, "sent");
    assertTrue(SizeEstimator.estimate(read) < WEIGHTS.length / 8, "weights are no objects");
    // From there it can go on, and the files are not written twice.
    Path weights = read.folder().resolve("sent.data");
    Object key = Files.readAttributes(weights, "unix:ino").get("ino");
    assertArrived(byJava(read), "sent");
    assertEquals(key, Files.readAttributes(weights, "unix:ino").get("ino"));
  }

  /** Kryo knows no records, nor what writeObject does, unless it is told. */
  @Test
  void kryoSendsThemToo() throws IOException {
    Kryo kryo = new EmptyScalaKryoInstantiator().newKryo();
    Output out = new Output(1 << 16, -1);
    kryo.writeClassAndObject(out, model("kryo"));
    assertArrived((SentModel) kryo.readClassAndObject(new Input(out.toBytes())), "kryo");
  }
}
