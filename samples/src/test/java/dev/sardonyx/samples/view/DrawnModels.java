package dev.sardonyx.samples.view;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;

/** Models that are drawn in tests. */
final class DrawnModels {
  /** What would do harm if it were read as HTML, as a script, as XML or as a place to fill in. */
  static final String EVIL =
      "\"'><img src=x onerror=alert(1)></script><script>alert(2)</script><!-- {{data}} ]]> \u202e";

  private DrawnModels() {}

  /** Two residual blocks whose nodes and values have no telling names. */
  static Model residual() {
    return ModelParser.parse(
        """
        <ir_version: 10, opset_import: ["": 21]>
        g (float[N,8] x) => (float[N,8] y)
        <float[8] w = {1, 2, 3, 4, 5, 6, 7, 8}>
        {
          a = Relu (x)
          b = Mul (a, w)
          c = Relu (b)
          d = Mul (c, w)
          e = Add (d, a)
          f = Relu (e)
          g = Mul (f, w)
          h = Relu (g)
          i = Mul (h, w)
          j = Add (f, i)
          k = Relu (j)
          y = Neg (k)
        }
        """);
  }

  /**
   * A condition, a loop within, what both take from around, and a function that is called twice.
   */
  static Model nested() {
    return ModelParser.parse(
        """
        <ir_version: 10, opset_import: ["": 21, "my": 1]>
        g (float[4] x) => (float[4] z)
        <int64 trip = {3}, bool yes = {1}, float zero = {0}>
        {
          sum = ReduceSum <keepdims = 0> (x)
          ["test"] c = Greater (sum, zero)
          ["choose"] y = If (c) <
            then_branch = then () => (float[4] tl) {
              ["loop"] tl = Loop (trip, yes, x) <
                body = body (int64 i, bool cond_in, float[4] s_in) => (bool cond_out, float[4] s_out) {
                  s1 = Add (s_in, x)
                  s_out = Relu (s1)
                  cond_out = Identity (cond_in)
                }>
            },
            else_branch = otherwise () => (float[4] el) {
              g = my.Gate (x)
              el = Neg (g)
            }>
          ["gate"] z = my.Gate (y)
        }
        <domain: "my", opset_import: ["": 21]>
        Gate (u) => (v)
        {
          s = Sigmoid (u)
          v = Mul (u, s)
        }
        """);
  }

  /** A chain of residual steps. */
  static Model chain(int nodes) {
    GraphBuilder b = GraphBuilder.of("chain");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 4));
    Value w = b.constant(2f);
    for (int i = 0; i < nodes; i += 3) {
      x = b.add(b.relu(b.mul(x, w)), x);
    }
    b.output(x, "y");
    return b.buildModel();
  }

  /** Every name is {@link #EVIL}, and different. */
  static Model evil() {
    String evil = EVIL.replace("\\", "\\\\").replace("\"", "\\\"");
    return ModelParser.parse(
        """
        <ir_version: 10, opset_import: ["": 21], producer_name: "%1$s">
        "g%1$s" (float["N%1$s",3] "x%1$s") => (float["N%1$s",3] "y%1$s")
        <float[3] "w%1$s" = {1, 2, 3}>
        {
          ["n%1$s"] "t%1$s" = Mul ("x%1$s", "w%1$s")
          ["m%1$s"] "y%1$s" = LeakyRelu <alpha = 0.5> ("t%1$s")
        }
        """
            .formatted(evil));
  }
}
