package dev.sardonyx.samples;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The script with which the fish shell completes a command line, which picocli does not write.
 *
 * <p>Source: fish's documentation, "complete" and "commandline".
 */
final class FishCompletion {
  private final StringBuilder script = new StringBuilder();
  private final String program;

  private FishCompletion(String program) {
    this.program = program;
  }

  /** The script for a program with commands. */
  static String of(CommandSpec root) {
    FishCompletion completion = new FishCompletion(root.name());
    completion.script.append(
        """
        # Completion of %1$s for fish.
        # Whether the words that are no options begin with some commands, and with none of its own.
        function __%1$s_at
            set -l words
            for word in (commandline -opc)[2..-1]
                string match -q -- '-*' $word; or set -a words $word
            end
            set -l path (string match -v -- '!*' $argv)
            test (count $words) -ge (count $path); or return 1
            for i in (seq (count $path))
                test $words[$i] = $path[$i]; or return 1
            end
            set -l next (math (count $path) + 1)
            test (count $words) -ge $next; or return 0
            not contains -- !$words[$next] $argv
        end
        """
            .formatted(root.name()));
    completion.command(root, List.of());
    return completion.script.toString();
  }

  /** The lines of a command and those below it. */
  private void command(CommandSpec spec, List<String> path) {
    StringBuilder condition = new StringBuilder("__" + program + "_at");
    path.forEach(name -> condition.append(' ').append(name));
    spec.subcommands().keySet().forEach(name -> condition.append(" !").append(name));
    if (!spec.subcommands().isEmpty() && spec.positionalParameters().isEmpty()) {
      line(condition, "-f");
    }
    for (CommandLine sub : spec.subcommands().values()) {
      CommandSpec below = sub.getCommandSpec();
      line(condition, "-a " + below.name() + described(below.usageMessage().description()));
    }
    for (OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        line(condition, names(option) + values(option) + described(option.description()));
      }
    }
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      String candidates = candidates(parameter);
      if (!candidates.isEmpty()) {
        line(condition, "-f -a " + quoted(candidates));
      }
    }
    for (CommandLine sub : spec.subcommands().values()) {
      List<String> below = new ArrayList<>(path);
      below.add(sub.getCommandName());
      command(sub.getCommandSpec(), below);
    }
  }

  private void line(CharSequence condition, String what) {
    script
        .append("complete -c ")
        .append(program)
        .append(" -n '")
        .append(condition)
        .append("' ")
        .append(what)
        .append('\n');
  }

  private static String names(OptionSpec option) {
    List<String> names = new ArrayList<>();
    for (String name : option.names()) {
      names.add(name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1));
    }
    return String.join(" ", names);
  }

  /** Of what an option's value is one: some words, files, or anything. */
  private static String values(OptionSpec option) {
    if (option.arity().max() == 0) {
      return "";
    }
    String candidates = candidates(option);
    if (!candidates.isEmpty()) {
      return " -x -a " + quoted(candidates);
    }
    return isFile(option) ? " -r -F" : " -x";
  }

  private static boolean isFile(ArgSpec argument) {
    List<Class<?>> types = List.of(argument.typeInfo().getAuxiliaryTypes());
    return types.contains(Path.class) || types.contains(File.class);
  }

  private static String candidates(ArgSpec argument) {
    List<String> words = new ArrayList<>();
    if (argument.completionCandidates() != null) {
      argument.completionCandidates().forEach(words::add);
    }
    return String.join(" ", words);
  }

  /** The first sentence of a description. */
  private static String described(String[] description) {
    return description.length == 0
        ? ""
        : " -d " + quoted(ManPage.text(description[0]).replaceAll("\\.( .*)?$", ""));
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
