package dev.sardonyx.export.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Collects text and breaks lines between the items of long lists. */
final class TextOut {
  private static final int WIDTH = 100;
  private static final int PIECE = 1 << 16;

  private final Appendable sink;
  private final StringBuilder pending = new StringBuilder();
  private int column;
  private int indent;
  private boolean lineEnded;

  TextOut(Appendable sink, int indent) {
    this.sink = sink;
    this.indent = indent;
    this.column = indent;
  }

  int indent() {
    return indent;
  }

  TextOut indent(int more) {
    indent += more;
    return this;
  }

  /** Adds text. If the text before ends with a line end, as comments do, no second one is added. */
  TextOut add(String added) {
    String text = added;
    if (lineEnded && !text.isEmpty()) {
      text = text.startsWith("\n") ? text.substring(1) : " ".repeat(indent) + text.stripLeading();
    }
    if (text.isEmpty()) {
      return this;
    }
    lineEnded = text.endsWith("\n");
    pending.append(text);
    int lineEnd = text.lastIndexOf('\n');
    column = lineEnd < 0 ? column + text.length() : text.length() - lineEnd - 1;
    if (pending.length() > PIECE) {
      flush();
    }
    return this;
  }

  /** Begins a line. */
  TextOut line() {
    return add("\n" + " ".repeat(indent));
  }

  /** Adds items with commas between them, beginning a line where the next does not fit. */
  TextOut items(List<String> items) {
    for (int i = 0; i < items.size(); i++) {
      item(items.get(i), i == 0);
    }
    return this;
  }

  void item(String item, boolean first) {
    if (!first) {
      add(",");
    }
    int lineEnd = item.indexOf('\n');
    int length = lineEnd < 0 ? item.length() : lineEnd;
    if (column + length + 2 > WIDTH && column > indent + 4) {
      add("\n" + " ".repeat(indent + 4));
    } else if (!first) {
      add(" ");
    }
    add(item);
  }

  void flush() {
    try {
      sink.append(pending);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    pending.setLength(0);
  }
}
