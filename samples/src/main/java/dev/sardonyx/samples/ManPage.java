package dev.sardonyx.samples;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A command's help as a page for man, in the macros of roff's "man" package.
 *
 * <p>Source: man-pages(7) for the sections, groff_char(7) for the characters that are written other
 * than they look.
 */
final class ManPage {
  private final StringBuilder page = new StringBuilder();

  private ManPage() {}

  /** The page's name, such as {@code sardonyx-verify}. */
  static String name(CommandSpec spec) {
    return spec.qualifiedName("-");
  }

  /** The page. */
  static String of(CommandSpec spec) {
    ManPage written = new ManPage();
    written.head(spec);
    written.options(spec);
    written.related(spec);
    return written.page.toString();
  }

  private void head(CommandSpec spec) {
    String[] description = spec.usageMessage().description();
    line(
        ".TH \"%s\" \"1\" \"\" \"sardonyx %s\" \"Sardonyx\""
            .formatted(
                escaped(name(spec).toUpperCase(Locale.ROOT)), escaped(BuildVersions.sardonyx())));
    // No hyphens, which would be taken for parts of options, and no stretched spaces.
    line(".nh");
    line(".ad l");
    line(".SH NAME");
    String summary = description.length == 0 ? spec.name() : text(description[0]);
    line(escaped(name(spec)) + " \\- " + escaped(summary.replaceAll("\\.$", "")));
    line(".SH SYNOPSIS");
    String synopsis = new Help(spec, Help.defaultColorScheme(Ansi.OFF)).synopsis(0);
    line(body(synopsis));
    line(".SH DESCRIPTION");
    for (String paragraph : description) {
      line(".PP");
      line(body(paragraph));
    }
  }

  private void options(CommandSpec spec) {
    line(".SH OPTIONS");
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      entry(parameter.paramLabel(), parameter.description());
    }
    for (OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        String value = option.arity().max() == 0 ? "" : "=" + option.paramLabel();
        entry(String.join(", ", option.names()) + value, option.description());
      }
    }
  }

  private void entry(String term, String[] description) {
    line(".TP");
    line(".B " + escaped(term));
    // An entry without a text would take the next macro for its own.
    line(description.length == 0 ? "\\&" : body(String.join(" ", description)));
  }

  /** The commands below and the one above. */
  private void related(CommandSpec spec) {
    if (!spec.subcommands().isEmpty()) {
      line(".SH COMMANDS");
      spec.subcommands()
          .values()
          .forEach(
              sub ->
                  entry(
                      sub.getCommandName(),
                      Arrays.stream(sub.getCommandSpec().usageMessage().description())
                          .limit(1)
                          .toArray(String[]::new)));
    }
    String pages =
        spec.subcommands().values().stream()
            .map(sub -> name(sub.getCommandSpec()))
            .collect(Collectors.joining(", "));
    String above = spec.parent() == null ? "" : name(spec.parent());
    String all = above.isEmpty() || pages.isEmpty() ? above + pages : above + ", " + pages;
    if (!all.isEmpty()) {
      line(".SH SEE ALSO");
      line(body(all));
    }
  }

  private void line(String text) {
    page.append(text).append('\n');
  }

  /** A description as picocli prints it, on one line. */
  static String text(String description) {
    return description.formatted().replaceAll("\\s+", " ").strip();
  }

  /** Text of a paragraph. A line that began with a full stop or quote would be a macro. */
  private static String body(String description) {
    return "\\&" + escaped(text(description));
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\\' -> escaped.append("\\e");
                case '-' -> escaped.append("\\-");
                case '\'' -> escaped.append("\\(aq");
                case '"' -> escaped.append("\\(dq");
                case '`' -> escaped.append("\\(ga");
                case '^' -> escaped.append("\\(ha");
                case '~' -> escaped.append("\\(ti");
                default -> {
                  if (c < 0x7f) {
                    escaped.append((char) c);
                  } else {
                    escaped.append("\\[u%04X]".formatted(c));
                  }
                }
              }
            });
    return escaped.toString();
  }
}
