package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One Gemm in the place of a product of matrices and the Add after it, where nothing else uses the
 * product, and in the place of a Gemm and the Transposes before it. A runtime may add the bias at
 * another time, so that outcomes differ by rounding.
 */
public record GemmFusion() implements Pass {
  private static final Set<ElementType> TYPES =
      Set.of(ElementType.FLOAT, ElementType.DOUBLE, ElementType.FLOAT16);

  /** From this opset on Gemm's operands stretch to each other by shape, and may be left out. */
  private static final int FIRST_OPSET = 11;

  private static final Operand A = Operand.any().where((v, g) -> isMatrix(g.shape(v)));
  private static final Operand B = Operand.any().where((v, g) -> isMatrix(g.shape(v)));
  private static final Operand C = Operand.any();
  private static final Operand GEMM = Operand.of("Gemm", A, B);
  private static final Permutation SWAPPED = new Permutation(List.of(1, 0));

  static final NodeTransform RULES =
      Operand.of("Add", Operand.of("MatMul", A, B), C)
          .inAnyOrder()
          .replacedBy(
              (m, to) ->
                  isBias(m.value(C), m.value(A), 0, m.value(B), 1, to)
                      ? to.gemm(m.value(A), m.value(B), m.value(C))
                      : null)
          .andThen(Operand.of("Add", GEMM, C).inAnyOrder().replacedBy(GemmFusion::withBias))
          .andThen(NodeTransform.on(Set.of("Gemm"), GemmFusion::takeTransposes));

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "gemm", RULES);
  }

  private static boolean isMatrix(Shape shape) {
    return shape.isRanked() && shape.rank() == 2;
  }

  /** Whether the value stretches to [M,N], where M and N are axes of the two matrices. */
  private static boolean isBias(Value c, Value a, int m, Value b, int n, Rewriter to) {
    if (to.opset() < FIRST_OPSET
        || !(c.type() instanceof TensorType type)
        || !TYPES.contains(type.elementType())
        || !type.shape().isRanked()
        || type.shape().rank() > 2) {
      return false;
    }
    Shape shape = type.shape();
    int rank = shape.rank();
    return (rank < 1 || stretches(shape, rank - 1, to.shape(b.name()), n))
        && (rank < 2 || stretches(shape, 0, to.shape(a.name()), m));
  }

  private static boolean stretches(Shape from, int axis, Shape to, int of) {
    return from.dim(axis).isFixed() && from.dim(axis).value() == 1
        || from.dim(axis).isKnown() && from.dim(axis).equals(to.dim(of));
  }

  private static @Nullable Value withBias(Operand.Match match, Rewriter to) {
    Node gemm = match.node(GEMM);
    int m = gemm.intAttribute("transA", 0) == 0 ? 0 : 1;
    int n = gemm.intAttribute("transB", 0) == 0 ? 1 : 0;
    Value a = match.value(A);
    Value b = match.value(B);
    Value c = match.value(C);
    return isBias(c, a, m, b, n, to)
        ? to.node("Gemm", List.of(a, b, c), gemm.withoutAttribute("beta").attributes())
        : null;
  }

  /** Gemm reads its matrices either way. */
  private static void takeTransposes(Node node, Rewriter to) {
    if (to.isOpen(node) || to.opset() < FIRST_OPSET) {
      return;
    }
    Node gemm = node;
    for (int i = 0; i < 2; i++) {
      Node transpose = TransposePushing.transpose(node.input(i), to);
      if (transpose != null
          && isMatrix(to.shape(transpose.input(0)))
          && SWAPPED.equals(Permutation.of(transpose, to.shape(transpose.input(0))))
          && to.isUsedOnce(node.input(i))) {
        String attribute = i == 0 ? "transA" : "transB";
        gemm =
            gemm.withInput(i, to.input(transpose, 0).name())
                .withAttribute(Attribute.ofInt(attribute, 1 - node.intAttribute(attribute, 0)));
      }
    }
    if (!gemm.equals(node)) {
      to.change(gemm);
    }
  }
}
