package dev.sardonyx.runtime.spark;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A random model of one to three inputs and outputs, and how its rows lie: any element types,
 * dimensions of numbers, symbols and nothing known, the rows' dimension in any place, or a number
 * of rows. Each output is an input that has been turned, cast, added, repeated or looked up.
 */
final class RandomScoring {
  private static final String ROWS = "N";
  private static final List<String> SYMBOLS = List.of("S", "T");
  private static final List<ElementType> TYPES =
      List.of(
          ElementType.FLOAT,
          ElementType.DOUBLE,
          ElementType.FLOAT16,
          ElementType.BFLOAT16,
          ElementType.INT8,
          ElementType.INT16,
          ElementType.INT32,
          ElementType.INT64,
          ElementType.UINT8,
          ElementType.UINT16,
          ElementType.UINT32,
          ElementType.UINT64,
          ElementType.BOOL,
          ElementType.STRING);

  /** Entries of the table that an input of indices looks up. */
  static final int TABLE = 8;

  private final Random random;
  private final GraphBuilder b = GraphBuilder.of("rows");
  private final int rows;
  private final List<RandomColumn> inputs = new ArrayList<>();
  private final List<Made> outputs = new ArrayList<>();
  private final Map<String, List<Long>> padded = new HashMap<>();
  private final boolean namesAxis;

  /**
   * A value of the graph.
   *
   * @param dims without the rows; null where it is not known which
   * @param axis of the rows
   */
  record Made(String name, Value value, List<Dim> dims, int axis) {
    ElementType type() {
      return ((TensorType) value.type()).elementType();
    }

    private Made with(Value changed, List<Dim> own, int rowsAxis) {
      return new Made(name, changed, own, rowsAxis);
    }
  }

  RandomScoring(Random random) {
    this.random = random;
    this.rows = random.nextInt(5) == 0 ? 1 + random.nextInt(4) : 0;
    for (String symbol : SYMBOLS) {
      if (random.nextInt(3) == 0) {
        padded.put(symbol, random.nextBoolean() ? List.of() : List.of(2L, 4L));
      }
    }
    List<Made> given = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      given.add(input("in" + i));
    }
    boolean isFirst = given.stream().allMatch(each -> each.axis() == 0);
    namesAxis = rows == 0 && (!isFirst || random.nextInt(4) == 0);
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      outputs.add(output("out" + i, given));
    }
  }

  private Made input(String name) {
    ElementType type = pick(TYPES);
    List<Dim> own = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      own.add(
          switch (random.nextInt(5)) {
            case 0 -> Dim.symbol("S");
            case 1 -> Dim.symbol("T");
            case 2 -> random.nextInt(3) == 0 ? Dim.UNKNOWN : Dim.of(1);
            default -> Dim.of(1 + random.nextInt(3));
          });
    }
    int axis = rows > 0 || random.nextInt(3) > 0 ? 0 : random.nextInt(own.size() + 1);
    List<Dim> whole = new ArrayList<>(own);
    whole.add(axis, rows > 0 ? Dim.of(rows) : Dim.symbol(ROWS));
    boolean isIndex = type == ElementType.INT64 && random.nextBoolean();
    double fill = random.nextInt(3) == 0 ? random.nextInt(TABLE) : 0;
    fill = type == ElementType.STRING || type == ElementType.BOOL ? 0 : fill;
    inputs.add(new RandomColumn(random, name, type, own, axis, isIndex, fill));
    Made made = new Made(name, b.input(name, TensorType.of(type, Shape.of(whole))), own, axis);
    if (isIndex) {
      float[] table = new float[TABLE];
      IntStream.range(0, TABLE).forEach(i -> table[i] = (float) random.nextGaussian());
      Value found = b.gather(b.constant(Tensor.ofFloats(table, TABLE)), made.value(), 0);
      return made.with(found, own, axis);
    }
    return made;
  }

  private Made output(String name, List<Made> given) {
    Made made = pick(given);
    if (random.nextInt(3) == 0) {
      made = sum(made, pick(given));
    }
    for (int steps = random.nextInt(4); steps > 0; steps--) {
      made =
          switch (random.nextInt(4)) {
            case 0 -> turned(made);
            case 1 -> deeper(made);
            case 2 -> repeated(made);
            default -> cast(made);
          };
    }
    if (made.type() == ElementType.UINT64) {
      made = made.with(b.cast(made.value(), ElementType.INT64), made.dims(), made.axis());
    }
    b.output(made.value(), name);
    return new Made(name, made.value(), made.dims(), made.axis());
  }

  private Made sum(Made a, Made other) {
    boolean isFit =
        a.dims().equals(other.dims())
            && !a.dims().contains(Dim.UNKNOWN)
            && a.axis() == other.axis()
            && a.type() == other.type()
            && List.of(ElementType.FLOAT, ElementType.DOUBLE, ElementType.INT64).contains(a.type());
    return isFit ? a.with(b.add(a.value(), other.value()), a.dims(), a.axis()) : a;
  }

  /** The first dimension stays where it is a number of rows. */
  private Made turned(Made made) {
    int rank = made.dims().size() + 1;
    List<Long> perm = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
    Collections.shuffle(rows > 0 ? perm.subList(1, rank) : perm, random);
    List<Dim> whole = whole(made);
    List<Dim> turned = new ArrayList<>(perm.stream().map(p -> whole.get(p.intValue())).toList());
    int axis = perm.indexOf((long) made.axis());
    turned.remove(axis);
    return made.with(
        b.transpose(made.value(), perm.stream().mapToLong(p -> p).toArray()), turned, axis);
  }

  private List<Dim> whole(Made made) {
    List<Dim> whole = new ArrayList<>(made.dims());
    whole.add(made.axis(), Dim.symbol(ROWS));
    return whole;
  }

  private Made deeper(Made made) {
    if (made.dims().size() > 3) {
      return made;
    }
    int at = (rows > 0 ? 1 : 0) + random.nextInt(made.dims().size() + (rows > 0 ? 1 : 2));
    List<Dim> whole = whole(made);
    whole.add(at, Dim.of(1));
    int axis = at <= made.axis() ? made.axis() + 1 : made.axis();
    whole.remove(axis);
    return made.with(b.unsqueeze(made.value(), at), whole, axis);
  }

  private Made repeated(Made made) {
    List<Integer> fixed =
        IntStream.range(0, made.dims().size())
            .filter(i -> made.dims().get(i).isFixed())
            .boxed()
            .toList();
    if (fixed.isEmpty()) {
      return made;
    }
    int own = pick(fixed);
    List<Dim> dims = new ArrayList<>(made.dims());
    dims.set(own, Dim.of(2 * ((Dim.Fixed) dims.get(own)).size()));
    int at = own < made.axis() ? own : own + 1;
    return made.with(b.concat(at, made.value(), made.value()), dims, made.axis());
  }

  /** To a type that holds all numbers of the first, for what others become is not defined. */
  private Made cast(Made made) {
    List<ElementType> wider =
        switch (made.type()) {
          case BOOL -> List.of(ElementType.UINT8, ElementType.DOUBLE, ElementType.INT64);
          case INT8, UINT8 -> List.of(ElementType.INT16, ElementType.FLOAT16, ElementType.FLOAT);
          case INT16, UINT16 -> List.of(ElementType.INT32, ElementType.FLOAT);
          case INT32, UINT32 -> List.of(ElementType.INT64, ElementType.DOUBLE);
          case FLOAT16, BFLOAT16 -> List.of(ElementType.FLOAT, ElementType.DOUBLE);
          case FLOAT -> List.of(ElementType.DOUBLE, ElementType.FLOAT16, ElementType.BFLOAT16);
          default -> List.of(made.type());
        };
    ElementType to = pick(wider);
    return to == made.type() ? made : made.with(b.cast(made.value(), to), made.dims(), made.axis());
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  Model model() {
    return b.buildModel();
  }

  /** How many rows a run takes exactly; 0 for any number. */
  int rows() {
    return rows;
  }

  List<RandomColumn> inputs() {
    return inputs;
  }

  List<Made> outputs() {
    return outputs;
  }

  Map<String, List<Long>> padded() {
    return padded;
  }

  /** Whether arrays of no elements show how large all other dimensions are. */
  boolean canBeEmpty(Dim dim) {
    return inputs.stream()
        .noneMatch(
            input ->
                input.dims().contains(dim)
                    && input.dims().stream().filter(each -> !each.isFixed()).count() > 1);
  }

  /** The transformer, with parameters that its rows need and others that do not matter. */
  void configure(OnnxTransformer transformer) {
    if (namesAxis) {
      transformer.setBatchAxis(ROWS);
    }
    padded.forEach(
        (symbol, sizes) -> {
          boolean isThere =
              inputs.stream().anyMatch(each -> each.dims().contains(Dim.symbol(symbol)));
          if (isThere) {
            transformer.setPadding(symbol, sizes.stream().mapToLong(size -> size).toArray());
          }
        });
    for (RandomColumn each : inputs) {
      if (each.fill() != 0) {
        transformer.setFill(each.name(), each.fill());
      }
    }
    transformer.setBatchSize(1 + random.nextInt(5));
    List<RandomColumn> shuffled = new ArrayList<>(inputs);
    Collections.shuffle(shuffled, random);
    shuffled.forEach(each -> transformer.setInput(each.name(), each.column()));
    outputs.forEach(each -> transformer.setOutput(each.name(), each.name() + " y", form(each)));
  }

  private OutputForm form(Made output) {
    List<OutputForm> forms = new ArrayList<>(List.of(OutputForm.ARRAY));
    if (output.dims().size() == 1 && output.type() != ElementType.STRING) {
      forms.add(OutputForm.VECTOR);
    }
    if (output.dims().stream().allMatch(Dim.of(1)::equals)) {
      forms.add(OutputForm.SCALAR);
    }
    return pick(forms);
  }
}
