package dev.sardonyx.samples;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ScopeType;

/** The {@code sardonyx} command line: the root of its commands. */
@Command(
    name = "sardonyx",
    description = "Carries neural networks from the JVM to every ONNX runtime.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Sardonyx.Version.class,
    subcommands = {})
public final class Sardonyx {

  private Sardonyx() {}

  /** Runs the command line and exits with its status: 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command line, ready to execute. A command's error is one line on standard error. */
  static CommandLine commandLine() {
    return new CommandLine(new Sardonyx());
  }

  /** Prints the versions the build wrote into {@code build.properties}. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      Properties build = new Properties();
      try (InputStream in = Sardonyx.class.getResourceAsStream("build.properties")) {
        if (in == null) {
          throw new IllegalStateException("build.properties is missing from the sardonyx jar");
        }
        build.load(in);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return new String[] {
        "sardonyx " + build.getProperty("version"),
        "DL4J " + build.getProperty("dl4j"),
        "ONNX Runtime " + build.getProperty("onnxruntime"),
        "Java ${java.version} (${java.vm.name}), ${os.name} ${os.arch}"
      };
    }
  }
}
