package dev.sardonyx.export.text;

import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Printable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/** The words with a meaning in the text form, and quotes that distinguish names from them. */
final class Words {
  private static final Set<String> RESERVED = new HashSet<>();
  private static final Map<String, AttributeType> ATTRIBUTE_TYPES = new HashMap<>();

  static {
    RESERVED.addAll(List.of("seq", "map", "optional", "sparse_tensor", "opaque"));
    RESERVED.addAll(List.of("nan", "inf", "infinity"));
    for (ElementType type : ElementType.values()) {
      RESERVED.add(type.onnxName());
    }
    for (AttributeType type : AttributeType.values()) {
      if (type != AttributeType.UNDEFINED) {
        ATTRIBUTE_TYPES.put(attributeType(type), type);
      }
    }
  }

  private Words() {}

  static boolean isIdentifierStart(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
  }

  static boolean isIdentifierPart(char c) {
    return isIdentifierStart(c) || c >= '0' && c <= '9';
  }

  static boolean isIdentifier(String text) {
    return !text.isEmpty()
        && isIdentifierStart(text.charAt(0))
        && text.chars().allMatch(c -> isIdentifierPart((char) c));
  }

  /** Whether the word can be the beginning of a type. */
  static boolean isType(String word) {
    return !word.isEmpty()
        && RESERVED.contains(word)
        && !word.equals("nan")
        && !word.startsWith("inf");
  }

  /** A name, in quotes if it would not be read as a name otherwise. */
  static String name(String name) {
    return isIdentifier(name) && !RESERVED.contains(name.toLowerCase(Locale.ROOT))
        ? name
        : quotedName(name);
  }

  /** A name at a place where no type can stand: in quotes only if it is not an identifier. */
  static String word(String name) {
    return isIdentifier(name) ? name : quotedName(name);
  }

  /** A name: unquoted if it consists of identifiers with dots between them, otherwise in quotes. */
  static String dotted(String name) {
    for (String part : name.split("\\.", -1)) {
      if (!isIdentifier(part)) {
        return quotedName(name);
      }
    }
    return name;
  }

  /**
   * Whether ONNX's parser takes the word for a graph's name where an attribute's value is expected:
   * it must be neither a type nor a number such as {@code inf}, nor begin with such a number and an
   * underscore.
   */
  static boolean isGraphName(String name) {
    if (!isIdentifier(name) || isType(name)) {
      return false;
    }
    int letters = 0;
    while (letters < name.length() && Character.isLetter(name.charAt(letters))) {
      letters++;
    }
    return FloatText.special(name.substring(0, letters)).isEmpty()
        || letters < name.length() && Character.isDigit(name.charAt(letters));
  }

  /** A name in quotes, on one line, with invisible characters escaped. */
  static String quotedName(String name) {
    return quoted(name, Printable::isPlain);
  }

  /**
   * A string in quotes. Line ends and tabs stay as they are, since ONNX's syntax has no escapes for
   * them; other control characters are escaped, for the sake of terminals.
   */
  static String quoted(String text) {
    return quoted(text, Words::isText);
  }

  private static boolean isText(int codePoint) {
    return codePoint == '\n'
        || codePoint == '\t'
        || Printable.isPlain(codePoint)
        || Character.getType(codePoint) == Character.FORMAT;
  }

  private static String quoted(String text, IntPredicate literal) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    int at = 0;
    while (at < text.length()) {
      int character = text.codePointAt(at);
      at += Character.charCount(character);
      if (!literal.test(character)) {
        for (char unit : Character.toChars(character)) {
          quoted.append(String.format(Locale.ROOT, "\\u{%04x}", (int) unit));
        }
        continue;
      }
      if (character == '"' || character == '\\') {
        quoted.append('\\');
      }
      quoted.appendCodePoint(character);
    }
    return quoted.append('"').toString();
  }

  static String attributeType(AttributeType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  static Optional<AttributeType> attributeTypeNamed(String word) {
    return Optional.ofNullable(ATTRIBUTE_TYPES.get(word));
  }
}
