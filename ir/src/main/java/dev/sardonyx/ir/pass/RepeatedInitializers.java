package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.OperatorCatalogue;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Puts ConstantOfShape nodes in the place of large initializers of one repeated element, so that
 * files get small; {@link ConstantFolding} undoes it.
 *
 * @param minBytes smaller ones stay
 */
public record RepeatedInitializers(long minBytes) implements Pass {
  private static final int STEP = 1 << 20;

  /** From 512 bytes on, several times what the node takes. */
  public RepeatedInitializers() {
    this(512);
  }

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "repeated-initializers", new Transform(minBytes));
  }

  private record Transform(long minBytes) implements NodeTransform {
    @Override
    public Set<String> operators() {
      return Set.of(); // all is done before the first node
    }

    @Override
    public void rewrite(Node node, Rewriter to) {}

    @Override
    public void begin(Graph graph, Rewriter to) {
      Set<String> kept = new HashSet<>();
      graph.inputs().stream().map(Input::name).forEach(kept::add);
      Set<ValueType> made = made(to.opset());
      for (Constant constant : graph.constants()) {
        if (constant.data() instanceof Tensor tensor
            && made.contains(TensorType.of(tensor.elementType(), Shape.UNKNOWN))
            && tensor.byteSize() >= minBytes
            && !kept.contains(constant.name())
            && !to.isPinned(constant.name())
            && isRepeated(tensor)) {
          Value shape =
              to.constant(constant.name() + "_shape", Tensor.ofLongs(tensor.dims(), tensor.rank()));
          Attribute element = Attribute.ofTensor("value", tensor.first().reshape(1));
          to.replace(constant, to.node("ConstantOfShape", List.of(shape), element).name());
        }
      }
    }

    /** The types that ConstantOfShape makes: none before opset 9, and more in later ones. */
    private static Set<ValueType> made(long opset) {
      return OperatorCatalogue.standard()
          .find("", "ConstantOfShape", opset)
          .flatMap(s -> s.output(0).map(p -> s.types().getOrDefault(p.type(), Set.of())))
          .orElse(Set.of());
    }
  }

  private static boolean isRepeated(Tensor tensor) {
    int width = tensor.elementType().bits() / 8;
    TensorSource source = tensor.source();
    if (tensor.isRepeated() || source == null || width == 0 || width > 8 || tensor.size() == 0) {
      return tensor.isRepeated();
    }
    ByteBuffer first = source.slice(0, width);
    for (long at = 0; at < source.byteSize(); at += STEP) {
      ByteBuffer bytes = source.slice(at, (int) Math.min(STEP, source.byteSize() - at));
      // A range that equals itself one element further on repeats its first one.
      int rest = bytes.limit() - width;
      if (!bytes.slice(0, width).equals(first)
          || !bytes.slice(0, rest).equals(bytes.slice(width, rest))) {
        return false;
      }
    }
    return true;
  }
}
