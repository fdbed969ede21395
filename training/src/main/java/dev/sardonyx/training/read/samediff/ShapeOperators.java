package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.training.NdArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.buffer.DataType;

/** Operators that move elements, tell shapes or make values from shapes. */
final class ShapeOperators {
  /** Stands for order {@code c} in the settings. */
  private static final long C_ORDER = -99;

  private ShapeOperators() {}

  static void add(OperatorTable.Builder table) {
    layouts(table);
    joined(table);
    pieces(table);
    told(table);
    made(table);
  }

  private static void layouts(OperatorTable.Builder table) {
    table.one("cast", ShapeOperators::cast);
    table.one("reshape", ShapeOperators::reshape);
    table.one("permute", ShapeOperators::permute);
    table.one("transpose", ShapeOperators::transpose);
    table.one("expand_dims", site -> site.b().unsqueeze(site.x(), settings(site, "its axis")));
    table.one("squeeze", ShapeOperators::squeeze);
    table.one("flatten", ShapeOperators::flatten);
    table.one("tile", site -> site.b().tile(site.x(), settings(site, "its repeats")));
    table.one("reverse", ShapeOperators::reverse);
    table.one("reverse_sequence", ShapeOperators::reverseSequence);
  }

  /** Whole numbers from the settings or from a constant behind the first input. */
  private static long[] settings(OperatorSite site, String what) {
    return site.has(1) ? site.longs(1, what) : site.integers();
  }

  private static Value cast(OperatorSite site) {
    ElementType to =
        NdArrays.elementType(DataType.fromInt((int) site.integer(0)))
            .orElseThrow(() -> site.refuse("the IR has no such type"));
    return site.cast(site.x(), to);
  }

  private static Value reshape(OperatorSite site) {
    GraphBuilder b = site.b();
    long[] settings = site.integers();
    boolean hasOrder = settings.length > 0 && settings[0] < -1;
    if (hasOrder && settings[0] != C_ORDER) {
      throw site.refuse("it takes elements in order 'f', which ONNX has not");
    }
    if (site.has(1)) {
      return b.reshape(site.x(), site.cast(site.in(1), ElementType.INT64));
    }
    long[] dims = hasOrder ? Arrays.copyOfRange(settings, 1, settings.length) : settings;
    if (LongStream.of(dims).anyMatch(dim -> dim == 0)) {
      throw site.refuse("its shape has a size of 0, which means another thing in ONNX");
    }
    return b.reshape(site.x(), dims);
  }

  private static Value permute(OperatorSite site) {
    int rank = site.rank(site.x());
    long[] axes = settings(site, "its axes");
    return site.b()
        .transpose(site.x(), LongStream.of(axes).map(a -> a < 0 ? a + rank : a).toArray());
  }

  private static Value transpose(OperatorSite site) {
    if (site.has(1) || site.hasInteger(0)) {
      return permute(site);
    }
    int rank = site.rank(site.x());
    return site.b().transpose(site.x(), LongStream.range(0, rank).map(i -> rank - 1 - i).toArray());
  }

  private static Value squeeze(OperatorSite site) {
    long[] axes = settings(site, "its axes");
    return axes.length == 0 ? site.b().node("Squeeze", site.x()) : site.b().squeeze(site.x(), axes);
  }

  private static Value flatten(OperatorSite site) {
    if (site.hasInteger(0) && site.integer(0) != -C_ORDER) {
      throw site.refuse("it takes elements in order 'f', which ONNX has not");
    }
    List<Value> rows = site.inputs().stream().map(x -> site.b().reshape(x, -1)).toList();
    return rows.size() == 1 ? rows.get(0) : site.b().concat(0, rows);
  }

  private static Value reverse(OperatorSite site) {
    long[] axes = settings(site, "its axes");
    if (axes.length == 0) {
      return site.x();
    }
    long[] starts = new long[axes.length];
    long[] ends = new long[axes.length];
    Arrays.fill(starts, -1);
    Arrays.fill(ends, -Long.MAX_VALUE);
    return site.b().slice(site.x(), axes, starts, ends, starts);
  }

  private static Value reverseSequence(OperatorSite site) {
    int time = site.axis(site.x(), site.integer(0));
    int batch = site.axis(site.x(), site.integer(1));
    if (time + batch != 1 || time * batch != 0) {
      throw site.refuse("ONNX reverses sequences along the first two axes only");
    }
    return site.b()
        .node(
            "ReverseSequence",
            List.of(site.x(), site.cast(site.in(1), ElementType.INT64)),
            Attribute.ofInt("time_axis", time),
            Attribute.ofInt("batch_axis", batch));
  }

  // Joined

  private static void joined(OperatorTable.Builder table) {
    table.one("concat", ShapeOperators::concat);
    table.one("stack", ShapeOperators::stack);
    table.all("meshgrid", ShapeOperators::grid);
  }

  private static List<Value> numbers(OperatorSite site) {
    ElementType type = site.types().get(0);
    return site.inputs().stream().map(x -> site.cast(x, type)).toList();
  }

  /** DL4J takes scalars for vectors of one element. */
  private static Value concat(OperatorSite site) {
    GraphBuilder b = site.b();
    List<Value> whole =
        numbers(site).stream().map(x -> site.rank(x) == 0 ? b.unsqueeze(x, 0) : x).toList();
    return b.concat(site.integer(0), whole);
  }

  private static Value stack(OperatorSite site) {
    GraphBuilder b = site.b();
    long axis = site.integer(0);
    return b.concat(axis, numbers(site).stream().map(x -> b.unsqueeze(x, axis)).toList());
  }

  /** Each vector along an axis of its own; the first two change places for Cartesian grids. */
  private static List<Value> grid(OperatorSite site) {
    GraphBuilder b = site.b();
    int rank = site.inputs().size();
    boolean isCartesian = site.hasInteger(0) && site.integer(0) != 0 && rank > 1;
    Value[] sizes = new Value[rank];
    for (int i = 0; i < rank; i++) {
      sizes[gridAxis(i, isCartesian)] = b.shape(site.in(i));
    }
    Value shape = b.concat(0, sizes);
    List<Value> all = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      all.add(b.expand(site.along(site.in(i), gridAxis(i, isCartesian), rank), shape));
    }
    return all;
  }

  private static int gridAxis(int input, boolean isCartesian) {
    return isCartesian && input < 2 ? 1 - input : input;
  }

  // Pieces

  private static void pieces(OperatorTable.Builder table) {
    table.all("unstack", ShapeOperators::unstack);
    table.all(
        "split",
        site ->
            site.b()
                .splitEvenly(
                    site.in(site.inputs().size() - 1), site.integer(1), (int) site.integer(0)));
    table.all(
        "split_v", site -> site.b().split(site.x(), site.integer(0), site.longs(1, "its sizes")));
    table.one("slice", ShapeOperators::slice);
    table.one("strided_slice", StridedSlice::read);
  }

  private static List<Value> unstack(OperatorSite site) {
    GraphBuilder b = site.b();
    long axis = site.integer(0);
    List<Value> parts = b.splitEvenly(site.x(), axis, site.types().size());
    return parts.stream().map(part -> b.squeeze(part, axis)).toList();
  }

  private static Value slice(OperatorSite site) {
    int rank = site.rank(site.x());
    long[] begin =
        site.has(1) ? site.longs(1, "its beginnings") : Arrays.copyOf(site.integers(), rank);
    long[] size =
        site.has(2)
            ? site.longs(2, "its sizes")
            : Arrays.copyOfRange(site.integers(), rank, 2 * rank);
    long[] ends = new long[rank];
    long[] steps = new long[rank];
    for (int i = 0; i < rank; i++) {
      ends[i] = size[i] < 0 ? Long.MAX_VALUE : begin[i] + size[i];
      steps[i] = 1;
    }
    return site.b().slice(site.x(), LongStream.range(0, rank).toArray(), begin, ends, steps);
  }

  // Told

  private static void told(OperatorTable.Builder table) {
    table.one("shape_of", site -> site.b().shape(site.x()));
    table.one("size", site -> site.b().size(site.x()));
    table.one("rank", site -> site.b().constant(Tensor.ofInts(new int[] {site.rank(site.x())})));
    table.one("size_at", ShapeOperators::sizeAt);
    table.one("invert_permutation", ShapeOperators::inverted);
    table.one("sequence_mask", ShapeOperators::sequenceMask);
  }

  private static Value sizeAt(OperatorSite site) {
    int axis = site.axis(site.x(), site.integer(0));
    return site.b().squeeze(site.b().shape(site.x(), axis, axis + 1L), 0);
  }

  private static Value inverted(OperatorSite site) {
    GraphBuilder b = site.b();
    Value places = site.cast(site.positions(site.x(), 0), site.type(site.x()));
    return b.scatterElements(places, site.cast(site.x(), ElementType.INT64), places, 0);
  }

  /** Whether each of the numbers from 0 to below the greatest length is below a length. */
  private static Value sequenceMask(OperatorSite site) {
    GraphBuilder b = site.b();
    Value lengths = site.cast(site.x(), ElementType.INT64);
    Value most;
    if (site.has(1)) {
      most = site.cast(site.in(1), ElementType.INT64);
    } else {
      most =
          site.hasInteger(0)
              ? b.constant(site.integer(0))
              : b.reduceMax(b.reshape(lengths, -1), false);
    }
    Value numbers = b.range(b.constant(0L), most, b.constant(1L));
    Value mask = b.less(numbers, b.unsqueeze(lengths, -1));
    return b.cast(mask, site.types().get(0));
  }

  // Made

  private static void made(OperatorTable.Builder table) {
    table.one("ones_as", site -> filled(site, 1));
    table.one("zeroslike", site -> filled(site, 0));
    table.one("fill", ShapeOperators::fill);
    table.one("create", ShapeOperators::create);
    table.one("range", ShapeOperators::range);
    for (String name : List.of("lin_space", "eye", "tri", "min_max_datatype")) {
      table.one(name, OperatorSite::made);
    }
  }

  private static Value filled(OperatorSite site, double number) {
    return constants(site, site.b().shape(site.x()), number);
  }

  private static Value constants(OperatorSite site, Value shape, double number) {
    Tensor element = Tensor.ofNumbers(site.types().get(0), new double[] {number}, 1);
    return site.b().constantOfShape(site.cast(shape, ElementType.INT64), element);
  }

  private static Value fill(OperatorSite site) {
    if (!site.has(1)) {
      return constants(site, site.x(), site.number(0));
    }
    return site.b().expand(site.converted(1), site.cast(site.x(), ElementType.INT64));
  }

  private static Value create(OperatorSite site) {
    if (!site.flag(1) && !site.flag(0)) {
      throw site.refuse("it leaves the elements as they happen to be in memory");
    }
    return constants(site, site.x(), 0);
  }

  private static Value range(OperatorSite site) {
    return site.inputs().isEmpty()
        ? site.made()
        : site.b().range(site.converted(0), site.converted(1), site.converted(2));
  }
}
