package dev.sardonyx.samples;

import java.io.PrintWriter;
import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx completion}: a script with which a shell completes commands and options. */
@Command(
    name = "completion",
    description = {
      "Prints a script with which a shell completes commands, options and their values.",
      "bash and zsh: source <(sardonyx completion bash). fish: sardonyx completion fish | source.",
      "Exit status: 0 printed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class CompletionCommand implements Runnable {
  /** What can be completed in. */
  enum Shell {
    BASH,
    ZSH,
    FISH;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
  private Shell shell;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    out.print(script(shell));
    out.flush();
  }

  /**
   * Picocli's script turns zsh's emulation of bash's completion on. Where zsh has found it as a
   * file of its search path, it is a function that is called to complete already.
   */
  private static String zsh(CommandLine whole) {
    String name = whole.getCommandName();
    return """
        #compdef %1$s
        %2$s
        if [[ "${funcstack[1]}" == "_%1$s" ]]; then
          _bash_complete -o default -F _complete_%1$s
        fi
        """
        .formatted(name, AutoComplete.bash(name, whole).strip());
  }

  /** The script for a shell. */
  static String script(Shell shell) {
    CommandLine whole = Sardonyx.commandLine();
    return switch (shell) {
      case BASH -> AutoComplete.bash(whole.getCommandName(), whole);
      case ZSH -> zsh(whole);
      case FISH -> FishCompletion.of(whole.getCommandSpec());
    };
  }
}
