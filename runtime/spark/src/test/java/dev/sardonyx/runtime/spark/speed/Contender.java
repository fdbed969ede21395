package dev.sardonyx.runtime.spark.speed;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** One way of scoring the table with one number of executors, and how long it took. */
final class Contender {
  /**
   * The whole table once.
   *
   * @param processorSeconds of all threads of the executors
   */
  record Turn(double seconds, double processorSeconds) {}

  private final String name;
  private final ContenderProcess process;
  private final List<Turn> turns = new ArrayList<>();

  Contender(String name, ContenderProcess process) {
    this.name = name;
    this.process = process;
  }

  String name() {
    return name;
  }

  ContenderProcess process() {
    return process;
  }

  void takeTurn(boolean counts) throws IOException {
    String[] answer = process.ask(name).get(0).split(" ", -1);
    if (counts) {
      turns.add(new Turn(Double.parseDouble(answer[0]), Double.parseDouble(answer[1])));
    }
  }

  /** Some rows' outputs by id. */
  Map<Long, float[]> values() throws IOException {
    Map<Long, float[]> values = new TreeMap<>();
    for (String line : process.ask("values " + name)) {
      String[] words = line.split(" ", -1);
      float[] row = new float[words.length - 1];
      for (int i = 0; i < row.length; i++) {
        row[i] = Float.parseFloat(words[i + 1]);
      }
      values.put(Long.valueOf(words[0]), row);
    }
    return values;
  }

  double median(ToDoubleFunction<Turn> figure) {
    double[] sorted = turns.stream().mapToDouble(figure).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  double least(ToDoubleFunction<Turn> figure) {
    return turns.stream().mapToDouble(figure).min().orElseThrow();
  }

  @Override
  public String toString() {
    return name + ", executors: " + process.executors();
  }
}
