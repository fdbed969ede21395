package dev.sardonyx.runtime.isolated;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The main class of the process that a backend runs in. It serves the parent's requests until the
 * parent ends.
 *
 * <p>Arguments: the port the parent listens at, the class of the backend or of what supplies it,
 * and what its constructor takes, if that is a text. The first line of standard input is the token
 * by which the parent recognises the process.
 */
final class ChildMain {
  private final String className;

  /** What the constructor takes, or null if it takes nothing. */
  private final @Nullable String argument;

  private @Nullable Backend backend;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final Map<Integer, PreparedModel> prepared = new HashMap<>();

  private ChildMain(
      String className, @Nullable String argument, DataInputStream in, DataOutputStream out) {
    this.className = className;
    this.argument = argument;
    this.in = in;
    this.out = out;
  }

  public static void main(String[] arguments) throws Exception {
    byte[] token = System.in.readNBytes(Child.TOKEN_BYTES);
    int port = Integer.parseInt(arguments[0]);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      DataOutputStream out =
          new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
      out.write(token);
      out.flush();
      DataInputStream in =
          new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
      new ChildMain(arguments[1], arguments.length > 2 ? arguments[2] : null, in, out).serve();
    }
    // Do not wait for threads that never end.
    Runtime.getRuntime().halt(0);
  }

  /** Made with the first question, whose answer then says why it cannot be made. */
  private Backend backend() {
    Backend made = backend;
    if (made == null) {
      try {
        Class<?> type = Class.forName(className);
        Object instance =
            argument == null
                ? type.getDeclaredConstructor().newInstance()
                : type.getDeclaredConstructor(String.class).newInstance(argument);
        made = (Backend) (instance instanceof Supplier<?> supplier ? supplier.get() : instance);
      } catch (InvocationTargetException e) {
        throw new IllegalStateException(className + " cannot be made: " + e.getCause(), e);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(className + " cannot be made: " + e, e);
      }
      backend = made;
    }
    return made;
  }

  private void serve() throws IOException {
    try {
      while (true) {
        answer(Message.of(in.readByte()));
        out.flush();
      }
    } catch (EOFException gone) {
      // The parent has closed the connection.
    }
  }

  /** Reads a message to its end, does what it says, and answers. */
  private void answer(Message message) throws IOException {
    switch (message) {
      case NAME -> answer(() -> backend().name(), name -> DatumCodec.writeText(out, name));
      case PREPARE -> {
        int number = in.readInt();
        byte[] model = DatumCodec.readBytes(in);
        Options options = new Options(DatumCodec.readTexts(in), in.readInt());
        answer(
            () -> {
              prepared.put(number, backend().prepare(read(model), options));
              return number;
            },
            done -> {});
      }
      case RUN -> {
        int number = in.readInt();
        Map<String, Datum> inputs = DatumCodec.readAll(in);
        answer(
            () -> requirePrepared(number).run(inputs),
            outputs -> DatumCodec.writeAll(out, outputs));
      }
      case CLOSE -> {
        PreparedModel model = prepared.remove(in.readInt());
        answer(
            () -> {
              if (model != null) {
                model.close();
              }
              return "";
            },
            done -> {});
      }
      case WHY_UNSUPPORTED -> {
        byte[] model = DatumCodec.readBytes(in);
        answer(
            () -> backend().whyUnsupported(read(model)).orElse(""),
            reason -> DatumCodec.writeText(out, reason));
      }
      case OBSERVABLE -> {
        byte[] model = DatumCodec.readBytes(in);
        answer(
            () -> backend().observableValues(read(model)),
            names -> DatumCodec.writeTexts(out, names));
      }
      default -> throw new IllegalStateException("not a question: " + message);
    }
  }

  private PreparedModel requirePrepared(int number) {
    PreparedModel model = prepared.get(number);
    if (model == null) {
      throw new IllegalStateException("there is no model " + number);
    }
    return model;
  }

  private static Model read(byte[] model) {
    try {
      return OnnxReader.read(model);
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Writes what was asked for. */
  private interface Writing<T> {
    void write(T value) throws IOException;
  }

  private <T> void answer(Supplier<T> question, Writing<T> writing) throws IOException {
    T value;
    try {
      value = question.get();
    } catch (RuntimeException | Error e) {
      Failure.write(out, e);
      return;
    }
    out.writeByte(Message.DONE.number());
    writing.write(value);
  }
}
