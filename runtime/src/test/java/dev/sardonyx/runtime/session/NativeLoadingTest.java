package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The messages are those of the JVM on a folder that is mounted noexec. */
class NativeLoadingTest {
  private static String refused(String file) {
    return file + ": " + file + ": failed to map segment from shared object";
  }

  @Test
  void aFolderThatProgramsMayNotRunFromIsNamedWithTheSettingForAnother() {
    assertEquals(
        Optional.of(
            "no program may run from the folder /home/u/.cache/sardonyx/onnxruntime-1-linux-x64 (it"
                + " may be mounted noexec): name another for the libraries by"
                + " JAVA_OPTS=-Dsardonyx.cache=FOLDER"),
        NativeLoading.advice(
            refused("/home/u/.cache/sardonyx/onnxruntime-1-linux-x64/libonnxruntime.so")));
    assertTrue(
        NativeLoading.advice(refused("/home/u/.javacpp/cache/openblas.jar/libjniopenblas.so"))
            .orElseThrow()
            .endsWith("JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=FOLDER"));
    assertTrue(
        NativeLoading.advice(refused("/cache/onnxruntime-java123/libonnxruntime4j_jni.so"))
            .orElseThrow()
            .endsWith("JAVA_OPTS=-Djava.io.tmpdir=FOLDER"));
  }

  @Test
  void anotherFailureHasNoSuchAdvice() {
    assertEquals(
        Optional.empty(), NativeLoading.advice("no jnind4jcpu in java.library.path: /usr/lib"));
    assertEquals(
        Optional.empty(),
        NativeLoading.advice("/a/libx.so: libgomp.so.1: cannot open shared object file"));
  }
}
