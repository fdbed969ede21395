package dev.sardonyx.samples;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.samples.plan.PlannedNetwork;
import dev.sardonyx.training.data.Examples;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Data to learn from and to test on, as networks see them and as exported models take them. */
sealed interface LearningData permits ImageData, TableData {
  /** What they are, as the user named them. */
  String source();

  /** The same without parent folders, which may be private. */
  String name();

  /** What an example is, in the plural. */
  String unit();

  /** What one example is made of, and what is to be learnt. */
  String description();

  /** What in them may not be meant. */
  default List<String> notes() {
    return List.of();
  }

  Examples train();

  Examples test();

  /** What a network is for. */
  PlannedNetwork.Task task();

  /** The names of the classes in the order of their numbers; none if they have no names. */
  List<String> classNames();

  /** The numbers to predict; none if classes are to be told. */
  List<String> targets();

  /** What a test example's target really is. */
  float target(int row, int column);

  /** A trained model with what has to be done to raw inputs before it, and to answers after it. */
  Model deployed(Model trained);

  /** Test examples {@code first} to {@code last} (exclusive) as inputs of the deployed model. */
  Map<String, Tensor> inputs(Model deployed, int first, int last);

  /** What the network sees of inputs of the deployed model. */
  Tensor seen(Map<String, ? extends Datum> inputs);

  /** What the deployed model answers where the network answers this. */
  Tensor restored(Tensor answers);

  /** What whoever runs the model has to know, for its metadata. */
  Map<String, String> metadata();

  /** Facts for programs. */
  TrainResult.DataSet facts();

  /** Batches of test examples, each made when it is asked for. */
  default Iterable<Map<String, Tensor>> batches(Model deployed, int size) {
    int all = test().size();
    return () -> {
      Iterator<Map<String, Tensor>> batches =
          IntStream.iterate(0, from -> from < all, from -> from + size)
              .mapToObj(from -> inputs(deployed, from, Math.min(from + size, all)))
              .iterator();
      return batches;
    };
  }

  /** How many examples to learn from there are of each class. */
  default long[] counts() {
    long[] counts = new long[targets().isEmpty() ? (int) task().outputs() : 0];
    for (int i = 0; i < train().size() && counts.length > 0; i++) {
      counts[label(train(), i)]++;
    }
    return counts;
  }

  /** The class number of an example. */
  int label(Examples examples, int index);
}
