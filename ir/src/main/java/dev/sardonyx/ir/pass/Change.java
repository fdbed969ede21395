package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Constant;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a pass changed. Nodes and initializers are told apart by name, so that the changes
 * of a model say what each new node came from. Texts are made when they are asked for, since there
 * may be as many changes as nodes.
 */
public final class Change {
  /** What is told of a change. */
  interface Story {
    String what();

    default List<String> from() {
      return List.of();
    }

    default List<String> to() {
      return List.of();
    }
  }

  private record Replacement(String before, String after) implements Story {
    @Override
    public String what() {
      return "replaced initializer " + before + " by " + after;
    }

    @Override
    public List<String> from() {
      return List.of("initializer " + before);
    }

    @Override
    public List<String> to() {
      return List.of("initializer " + after);
    }
  }

  private final String pass;
  private final String graph;
  private final Story story;

  private Change(String pass, String graph, Story story) {
    this.pass = pass;
    this.graph = graph;
    this.story = story;
  }

  static Change told(String pass, String graph, Story story) {
    return new Change(pass, graph, story);
  }

  /** A change that neither adds nor removes anything. */
  public static Change of(String pass, String graph, String what) {
    return new Change(pass, graph, () -> what);
  }

  /** The same, with a text that is made only when it is asked for. */
  public static Change of(String pass, String graph, Supplier<String> what) {
    return new Change(pass, graph, what::get);
  }

  /** An initializer for which another one stands. */
  static Change of(String pass, String graph, Constant constant, String by) {
    return new Change(pass, graph, new Replacement(constant.name(), by));
  }

  /** The pass's name. */
  public String pass() {
    return pass;
  }

  /** The graph or function, as a path of names from the main graph. */
  public String graph() {
    return graph;
  }

  /** What was done, such as {@code removed Identity identity1}. */
  public String what() {
    return story.what();
  }

  /**
   * What is there no more: nodes such as {@code Identity identity1}, and initializers such as
   * {@code initializer w}.
   */
  public List<String> from() {
    return story.from();
  }

  /** What took its place, or was added. */
  public List<String> to() {
    return story.to();
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof Change other
        && pass.equals(other.pass)
        && graph.equals(other.graph)
        && what().equals(other.what())
        && from().equals(other.from())
        && to().equals(other.to());
  }

  @Override
  public int hashCode() {
    return Objects.hash(pass, graph, what());
  }

  @Override
  public String toString() {
    return pass + " in " + graph + ": " + what();
  }
}
