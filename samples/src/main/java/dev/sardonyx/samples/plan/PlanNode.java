package dev.sardonyx.samples.plan;

import dev.sardonyx.samples.Spelling;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A part of a plan.
 *
 * @param file the plan
 * @param name the keys that lead to it, such as {@code training.epochs}; empty for the whole
 */
record PlanNode(Path file, String name, Node node) {
  /** An error at this place. */
  PlanException wrong(String what) {
    return wrong(what, null);
  }

  PlanException wrong(String what, @Nullable Throwable cause) {
    Mark mark = node.getStartMark().orElse(null);
    String place =
        mark == null
            ? ""
            : "line %d, column %d: ".formatted(mark.getLine() + 1, mark.getColumn() + 1);
    String subject = name.isEmpty() ? "the plan" : name;
    String message = "%s: %s%s %s".formatted(file, place, subject, what);
    return cause == null ? new PlanException(message) : new PlanException(message, cause);
  }

  private PlanException isNot(String wanted) {
    return wrong("is " + content() + ", not " + wanted);
  }

  private String content() {
    if (node instanceof ScalarNode scalar) {
      return isNothing() ? "empty" : "'" + scalar.getValue() + "'";
    }
    return node instanceof SequenceNode ? "a list" : "a list of keys and values";
  }

  boolean isText() {
    return node instanceof ScalarNode && !isNothing();
  }

  boolean isList() {
    return node instanceof SequenceNode;
  }

  boolean isMap() {
    return node instanceof MappingNode;
  }

  private boolean isNothing() {
    return node instanceof ScalarNode scalar
        && (scalar.getTag().equals(Tag.NULL) || scalar.getValue().isEmpty());
  }

  /** A text that is not empty. */
  String text() throws PlanException {
    if (!isText()) {
      throw isNot("a text");
    }
    return ((ScalarNode) node).getValue();
  }

  /** What a word may have meant that is none of those that are right, or else all of these. */
  static String instead(String wrong, Collection<String> right) {
    String question = Spelling.question(wrong, right);
    return question.isEmpty() ? "; there are " + String.join(", ", right) : question;
  }

  /** One of some words. */
  String word(List<String> right) throws PlanException {
    String word = text();
    if (!right.contains(word)) {
      throw wrong("is '" + word + "', which it cannot be" + instead(word, right));
    }
    return word;
  }

  boolean flag() throws PlanException {
    if (isText() && node.getTag().equals(Tag.BOOL)) {
      return Boolean.parseBoolean(((ScalarNode) node).getValue().toLowerCase(Locale.ROOT));
    }
    throw isNot("true or false");
  }

  /** A whole number from a least one on. */
  int count(int least) throws PlanException {
    return (int) whole(least, Integer.MAX_VALUE);
  }

  long whole(long least, long most) throws PlanException {
    String wanted = "a whole number" + (least > Long.MIN_VALUE ? ", " + least + " or more" : "");
    try {
      long number = Long.parseLong(isText() ? text() : "");
      if (number < least) {
        throw isNot(wanted);
      }
      if (number > most) {
        throw isNot("at most " + most);
      }
      return number;
    } catch (NumberFormatException e) {
      throw isNot(wanted);
    }
  }

  /** What a number has to be. */
  enum Bounds {
    POSITIVE("a positive number"),
    NOT_NEGATIVE("a number, 0 or more"),
    SHARE("a number from 0 to below 1"),
    ANY("a number");

    private final String words;

    Bounds(String words) {
      this.words = words;
    }

    /** DL4J computes in floats, where 1e39 is infinite and 1e-50 nothing. */
    private boolean holds(double number) {
      float single = (float) number;
      return Float.isFinite(single)
          && switch (this) {
            case POSITIVE -> single > 0;
            case NOT_NEGATIVE -> number >= 0;
            case SHARE -> number >= 0 && number < 1;
            case ANY -> true;
          };
    }
  }

  boolean isNumber() throws PlanException {
    return isText() && text().matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");
  }

  double number(Bounds range) throws PlanException {
    if (!isNumber() || !range.holds(Double.parseDouble(text()))) {
      throw isNot(range.words);
    }
    return Double.parseDouble(text());
  }

  /** A file or folder; a relative one is in the folder of the plan. */
  Path path() throws PlanException {
    try {
      Path path = Path.of(text());
      Path folder = file.getParent();
      return folder == null ? path : folder.resolve(path);
    } catch (InvalidPathException e) {
      throw wrong("is '" + text() + "', no name of a file", e);
    }
  }

  /** The parts of a list, or a single one. */
  List<PlanNode> list() throws PlanException {
    if (isText() || isMap()) {
      return List.of(this);
    }
    if (!(node instanceof SequenceNode sequence)) {
      throw isNot("a list");
    }
    List<PlanNode> parts = new ArrayList<>();
    for (Node part : sequence.getValue()) {
      parts.add(new PlanNode(file, name + "[" + (parts.size() + 1) + "]", part));
    }
    return parts;
  }

  List<String> texts() throws PlanException {
    List<String> texts = new ArrayList<>();
    for (PlanNode part : list()) {
      texts.add(part.text());
    }
    return texts;
  }

  List<Double> numbers(Bounds range) throws PlanException {
    List<Double> numbers = new ArrayList<>();
    for (PlanNode part : list()) {
      numbers.add(part.number(range));
    }
    return numbers;
  }

  /** Keys and values, of which only some keys are right. */
  PlanMap map(String... keys) throws PlanException {
    PlanMap map = map();
    map.requireKeys(List.of(keys));
    return map;
  }

  /** Keys and values, whatever the keys. */
  PlanMap map() throws PlanException {
    if (!(node instanceof MappingNode mapping)) {
      throw isNot("a list of keys and values");
    }
    Map<String, PlanNode> values = new LinkedHashMap<>();
    Map<String, PlanNode> keys = new LinkedHashMap<>();
    for (NodeTuple entry : mapping.getValue()) {
      PlanNode key = new PlanNode(file, name, entry.getKeyNode());
      if (!key.isText()) {
        throw key.wrong("has a key that is no word");
      }
      String word = key.text();
      String full = name.isEmpty() ? word : name + "." + word;
      if (values.put(word, new PlanNode(file, full, entry.getValueNode())) != null) {
        throw key.wrong("has the key '" + word + "' twice");
      }
      keys.put(word, key);
    }
    return new PlanMap(this, values, keys);
  }
}
