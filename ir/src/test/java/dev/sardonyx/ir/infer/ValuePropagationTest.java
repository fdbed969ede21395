package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shapes that the graph itself computes, as exporters write them. */
class ValuePropagationTest {
  private static void assertType(String expected, String lines) {
    assertEquals(expected, ModelLines.type(ModelLines.parse(17, lines)));
  }

  @Test
  void flattenByShapeGatherConcatReshape() {
    assertType(
        "float[N,3*H*W]",
        """
        x float[N,3,H,W]
        s = Shape(x)
        n = Gather(s, 0)
        u = Unsqueeze(n, {0})
        t = Concat(u, {-1}) axis=0
        y = Reshape(x, t)
        """);
  }

  @Test
  void aComputedBoundMayCountFromEitherEnd() {
    // The last S elements; all of them where S is 0.
    assertType(
        "float[?,4]",
        """
        p float[T,4]
        x float[S,2]
        s = Shape(x)
        n = Gather(s, {0})
        m = Neg(n)
        y = Slice(p, m, {9223372036854775807}, {0})
        """);
    assertType(
        "float[min(S+1,T),4]",
        """
        p float[T,4]
        x float[S,2]
        s = Shape(x)
        n = Gather(s, {0})
        a = Add(n, {1})
        m = Neg(a)
        y = Slice(p, m, {9223372036854775807}, {0})
        """);
    assertType(
        "float[max(0,T-S-1),4]",
        """
        p float[T,4]
        x float[S,2]
        s = Shape(x)
        n = Gather(s, {0})
        a = Add(n, {1})
        m = Neg(a)
        y = Slice(p, {0}, m, {0})
        """);
  }

  @Test
  void negativeSizesAreDividedTowardsZero() {
    assertType(
        "float[N-N/2]",
        """
        x float[N,3]
        s = Shape(x)
        n = Gather(s, {0})
        m = Neg(n)
        h = Div(m, {2})
        t = Add(n, h)
        y = ConstantOfShape(t)
        """);
  }

  @Test
  void sizesBeyondAnArraysAreSlicedWithoutOne() {
    assertType("float[2900000000]", "x float[3000000000]\ny = Slice(x, {0}, {2900000000})");
    assertType(
        "float[1]",
        """
        x float[9223372036854775807]
        y = Slice(x, {-9223372036854775808}, {1}, {0}, {9223372036854775807})
        """);
  }

  @Test
  void multiHeadAttentionSplitsAndJoinsHeads() {
    assertType(
        "float[B,S,768]",
        """
        x float[B,S,768]
        s = Shape(x)
        b = Gather(s, {0})
        l = Slice(s, {1}, {2})
        t = Concat(b, l, {12,64}) axis=0
        h = Reshape(x, t)
        p = Transpose(h) perm=[0,2,1,3]
        r = Transpose(p) perm=[0,2,1,3]
        d = Mul(12, 64)
        e = Unsqueeze(d, {0})
        v = Concat(b, l, e) axis=0
        y = Reshape(r, v)
        """);
  }

  @Test
  void upsamplingThroughFloats() {
    assertType(
        "float[N,3,2*H,2*W]",
        """
        x float[N,3,H,W]
        s = Shape(x)
        hw = Slice(s, {2}, {4})
        f = Cast(hw) to=1
        g = Mul(f, {2.0,2.0})
        k = Floor(g)
        i = Cast(k) to=7
        nc = Slice(s, {0}, {2})
        z = Concat(nc, i) axis=0
        y = Resize(x, _, _, z) mode=nearest
        """);
  }

  @Test
  void halvingThroughFloats() {
    assertType(
        "float[H/2]",
        """
        x float[H]
        s = Shape(x)
        f = Cast(s) to=1
        g = Mul(f, 0.5)
        i = Cast(g) to=7
        y = ConstantOfShape(i)
        """);
  }

  @Test
  void ceilOfAQuotient() {
    assertType(
        "float[(H+2)/3]",
        """
        x float[H]
        s = Shape(x)
        f = Cast(s) to=1
        g = Div(f, 3.0)
        k = Ceil(g)
        i = Cast(k) to=7
        y = ConstantOfShape(i)
        """);
  }

  @Test
  void fixedSizesThroughAnyFloatArithmetic() {
    assertType(
        "float[1,3,17,30]",
        """
        x float[1,3,13,22]
        s = Shape(x)
        hw = Slice(s, {2}, {4})
        f = Cast(hw) to=1
        g = Mul(f, {1.3,1.3333})
        k = Ceil(g)
        i = Cast(k) to=7
        nc = Slice(s, {0}, {2})
        z = Concat(nc, i) axis=0
        y = Resize(x, _, _, z) mode=nearest
        """);
  }

  @Test
  void conditionsOnFixedSizesChooseABranch() {
    Graph then = ModelLines.graph("t = Squeeze(x, {1})\n");
    Graph otherwise = ModelLines.graph("e = Identity(x)\n");
    Graph graph =
        ModelLines.graph(
            """
            x float[N,1,3]
            s = Shape(x)
            d = Gather(s, 1)
            q = Less(d, 2)
            """);
    List<Node> nodes = new ArrayList<>(graph.nodes());
    nodes.add(
        Node.of(
            "If",
            List.of("q"),
            List.of(Result.of("y")),
            Attribute.ofGraph("then_branch", then),
            Attribute.ofGraph("else_branch", otherwise)));
    Model model =
        Model.of(
            graph.withNodes(nodes).withOutputs(List.of(Output.of("y", ValueType.unknown()))), 17);
    assertEquals("float[N,3]", ModelLines.type(model));
  }

  @Test
  void expandTargetWithMinusOnes() {
    assertType(
        "float[N,4,5]",
        """
        x float[N,1,5]
        s = Shape(x)
        n = Slice(s, {0}, {1})
        w = Concat(n, {4}, {-1}) axis=0
        o = ConstantOfShape({3})
        oi = Cast(o) to=7
        one = Add(oi, {1,1,1})
        q = Equal(w, {-1,-1,-1})
        t = Where(q, one, w)
        y = Expand(x, t)
        """);
  }

  @Test
  void padsReversedByTorch() {
    assertType(
        "float[N,3,H+3,W+7]",
        """
        x float[N,3,H,W]
        z = ConstantOfShape({4})
        zi = Cast(z) to=7
        p = Concat({3,4,1,2}, zi) axis=0
        r = Reshape(p, {-1,2})
        f = Slice(r, {-1}, {-9223372036854775807}, {0}, {-1})
        t = Transpose(f) perm=[1,0]
        q = Reshape(t, {-1})
        y = Pad(x, q)
        """);
  }

  @Test
  void causalMaskFromRange() {
    assertType(
        "bool[S,S]",
        """
        x float[B,S]
        s = Shape(x)
        l = Gather(s, 1)
        r = Range(0, l, 1)
        c = Unsqueeze(r, {1})
        y = Greater(c, r)
        """);
  }

  @Test
  void positionsSlicedToTheSequenceJoinTheSequence() {
    assertType(
        "float[B,S,768]",
        """
        x float[B,S,768]
        p float[1,512,768]
        s = Shape(x)
        l = Slice(s, {1}, {2})
        q = Slice(p, {0}, l, {1})
        y = Add(x, q)
        """);
  }

  @Test
  void dimensionsReplacedByScatter() {
    assertType(
        "float[N,7]",
        """
        x float[N,3]
        s = Shape(x)
        t = ScatterElements(s, {1}, {7}) axis=0
        y = ConstantOfShape(t)
        """);
  }

  @Test
  void productsOfDimensions() {
    assertType(
        "float[C,H*N*W]",
        """
        x float[N,C,H,W]
        s = Shape(x)
        n, c, hw = Split(s, {1,1,2})
        p = ReduceProd(hw) keepdims=1
        m = Mul(n, p)
        t = Concat(c, m) axis=0
        y = Reshape(x, t)
        """);
  }

  @Test
  void minimaAndRemainders() {
    assertType(
        "float[min(5,N),mod(N,4)]",
        """
        x float[N]
        s = Shape(x)
        a = Min(s, {5})
        b = Mod(s, {4})
        t = Concat(a, b) axis=0
        y = ConstantOfShape(t)
        """);
  }

  @Test
  void whatIsKnownOfAPartlyUnknownTargetStays() {
    assertType(
        "float[N,?,4]",
        """
        x float[N,12]
        k int64[1]
        s = Shape(x)
        n = Gather(s, {0})
        t = Concat(n, k, {4}) axis=0
        y = ConstantOfShape(t)
        """);
  }

  @Test
  void theOneUnknownOfATargetFollowsFromTheSize() {
    assertType(
        "float[N,3,4]",
        """
        x float[N,12]
        k int64[1]
        s = Shape(x)
        n = Gather(s, {0})
        t = Concat(n, k, {4}) axis=0
        y = Reshape(x, t)
        """);
  }

  @Test
  void truthOfAComparisonWithASymbol() {
    // A size is never -1, but may be 1.
    assertType(
        "float[N,?]",
        """
        x float[N,N]
        s = Shape(x)
        q = Equal(s, {-1,1})
        t = Where(q, {5,5}, s)
        y = ConstantOfShape(t)
        """);
  }
}
