package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.PassResult;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Locales of a model's text operators that mean the same as the ones they name, for machines that
 * lack those: ONNX Runtime loads no StringNormalizer whose locale (by default {@code en_US.UTF-8})
 * is not installed, not even one that leaves case alone.
 */
final class TextLocales {
  /** Locales with Unicode's default case mapping; every machine has at least one of them. */
  static final List<String> UNICODE = List.of("C.UTF-8", "en_US.UTF-8", "en-US");

  /** Languages with their own case rules for the letter i and its dot. */
  private static final Set<String> OWN_CASE_RULES = Set.of("az", "crh", "ku", "tr", "tt", "lt");

  private TextLocales() {}

  /**
   * The model with another locale wherever that changes no text; empty if there is no such place.
   */
  static Optional<Model> withLocale(Model model, String locale) {
    Attribute named = Attribute.ofString("locale", locale);
    Pass pass =
        Pass.of(
            "locale",
            (node, to) -> {
              if (node.is("StringNormalizer") && means(node, locale)) {
                to.change(node.withAttribute(named));
              }
            });
    PassResult result = pass.apply(model);
    return result.isChanged() ? Optional.of(result.model()) : Optional.empty();
  }

  private static boolean means(Node node, String locale) {
    if (node.stringAttribute("locale", "").equals(locale)) {
      return false;
    }
    boolean changesCase = !node.stringAttribute("case_change_action", "NONE").equals("NONE");
    boolean ignoresCase = node.intAttribute("is_case_sensitive", 0) == 0;
    return (!changesCase && !ignoresCase) || hasUnicodeCase(node);
  }

  private static boolean hasUnicodeCase(Node node) {
    Optional<Attribute> locale = node.attribute("locale");
    if (locale.isEmpty()) {
      return true;
    }
    if (!(locale.get().value() instanceof AttributeValue.String name)) {
      return false;
    }
    String language = name.value().split("[-_.@]", 2)[0].toLowerCase(Locale.ROOT);
    return !OWN_CASE_RULES.contains(language);
  }
}
