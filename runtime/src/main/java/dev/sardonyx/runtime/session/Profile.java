package dev.sardonyx.runtime.session;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.sardonyx.ir.Printable;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the time of a session's runs went, and which provider computed each node. Nodes are those
 * of the graph as ONNX Runtime has rewritten it.
 *
 * @param nodes from the costliest to the cheapest
 */
public record Profile(List<NodeTime> nodes) {
  private static final String KERNEL = "_kernel_time";

  /** The name of an event, as ONNX Runtime places it. */
  private static final Pattern NAME =
      Pattern.compile("(\"name\" :)\"(.*?)\"(,\"args\" : \\{)", Pattern.DOTALL);

  /**
   * What one node took in all runs.
   *
   * @param node its name
   * @param operator its operator
   * @param provider the execution provider, such as {@code CPUExecutionProvider}
   * @param runs how often it ran
   * @param micros microseconds in all
   */
  public record NodeTime(String node, String operator, String provider, long runs, long micros) {}

  public Profile {
    nodes = List.copyOf(nodes);
  }

  /**
   * Reads a file that ONNX Runtime has written.
   *
   * @throws IOException if it cannot be read, or is no profile
   */
  public static Profile read(Path file) throws IOException {
    try {
      return of(JsonParser.parseString(quoted(Files.readString(file))).getAsJsonArray());
    } catch (JsonParseException | IllegalStateException | ClassCastException e) {
      throw new IOException(
          file + ": is no profile of ONNX Runtime's, which is an array of events in JSON", e);
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": is no profile of ONNX Runtime's, but no text in UTF-8", e);
    }
  }

  /** ONNX Runtime writes names as they are, with quotes, backslashes and control characters. */
  private static String quoted(String json) {
    return NAME.matcher(json)
        .replaceAll(
            event ->
                Matcher.quoteReplacement(
                    event.group(1) + new JsonPrimitive(event.group(2)) + event.group(3)));
  }

  private static Profile of(JsonArray events) {
    Map<String, NodeTime> byNode = new LinkedHashMap<>();
    for (JsonElement element : events) {
      JsonObject event = element.getAsJsonObject();
      String name = text(event, "name");
      if (text(event, "cat").equals("Node") && name.endsWith(KERNEL)) {
        JsonObject args = event.getAsJsonObject("args");
        String node = name.substring(0, name.length() - KERNEL.length());
        NodeTime once =
            new NodeTime(
                node,
                text(args, "op_name"),
                text(args, "provider"),
                1,
                event.get("dur").getAsLong());
        byNode.merge(node + "@" + once.provider(), once, Profile::sum);
      }
    }
    List<NodeTime> nodes = new ArrayList<>(byNode.values());
    nodes.sort(Comparator.comparingLong(NodeTime::micros).reversed());
    return new Profile(nodes);
  }

  private static NodeTime sum(NodeTime a, NodeTime b) {
    return new NodeTime(
        a.node(), a.operator(), a.provider(), a.runs() + b.runs(), a.micros() + b.micros());
  }

  private static String text(JsonObject object, String key) {
    JsonElement value = object.get(key);
    return value == null ? "" : value.getAsString();
  }

  /** Microseconds of all nodes. */
  public long micros() {
    return nodes.stream().mapToLong(NodeTime::micros).sum();
  }

  /** How many nodes each provider computed. */
  public Map<String, Long> nodesByProvider() {
    Map<String, Long> counts = new LinkedHashMap<>();
    nodes.forEach(node -> counts.merge(node.provider(), 1L, Long::sum));
    return counts;
  }

  /** The nodes that the CPU computed, in a session on another provider: the fallbacks. */
  public List<NodeTime> onCpu() {
    return nodes.stream().filter(node -> node.provider().equals("CPUExecutionProvider")).toList();
  }

  /** A table, one line a node. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("micros  share  runs  provider  operator  node\n");
    double all = Math.max(1, micros());
    for (NodeTime node : nodes) {
      text.append(
          String.format(
              Locale.ROOT,
              "%d  %.1f %%  %d  %s  %s  %s%n",
              node.micros(),
              100 * node.micros() / all,
              node.runs(),
              node.provider(),
              Printable.line(node.operator()),
              Printable.line(node.node())));
    }
    return text.toString();
  }
}
