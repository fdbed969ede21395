package dev.sardonyx.samples.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.samples.view.DisplayGraph.Cluster;
import dev.sardonyx.samples.view.DisplayGraph.Part;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which boxes a model has, and what is put together. */
final class DisplayGraphTest {
  private static String outline(Model model) {
    return DisplayGraphs.of(model, Marks.NONE).graphs().stream()
        .map(graph -> "= " + graph.path() + "\n" + graph.outline())
        .collect(Collectors.joining());
  }

  @Test
  void blocksByTheNamesOfNodes() {
    assertEquals(
        """
        = main
        INPUT image | N×1×28×28
        Conv | W ⟨32×1×3×3⟩ | B ⟨32⟩
        Relu
        [block1]
          Conv | W ⟨32×32×3×3⟩ | B ⟨32⟩
          Relu
          Conv | W ⟨32×32×3×3⟩ | B ⟨32⟩
          Add
          Relu
        [block2]
          Conv | W ⟨32×32×3×3⟩ | B ⟨32⟩
          Relu
          Conv | W ⟨32×32×3×3⟩ | B ⟨32⟩
          Add
          Relu
        Flatten
        Gemm | B ⟨25088×10⟩ | C ⟨10⟩
        Softmax
        OUTPUT probabilities | N×10
        """,
        outline(Networks.named("seed").build(1)));
  }

  @Test
  void residualBlocksByTheirForm() {
    assertEquals(
        """
        = main
        INPUT x | N×8
        Relu
        [Residual block 1]
          Mul | B ⟨8⟩
          Relu
          Mul | B ⟨8⟩
          Add
          Relu
        [Residual block 2]
          Mul | B ⟨8⟩
          Relu
          Mul | B ⟨8⟩
          Add
          Relu
        Neg
        OUTPUT y | N×8
        """,
        outline(DrawnModels.residual()));
  }

  @Test
  void subgraphsAndFunctionsAreGraphsOfTheirOwn() {
    assertEquals(
        """
        = main
        INPUT x | 4
        ReduceSum
        Greater | B = 0.0
        If
        Gate
        OUTPUT z | 4
        = function my.Gate
        INPUT u
        Sigmoid
        Mul
        OUTPUT v
        = main/choose.then_branch
        CAPTURE x | 4
        Loop | M = 3 | cond = true
        OUTPUT tl | 4
        = main/choose.then_branch/loop.body
        INPUT i | int64
        INPUT cond_in | bool
        INPUT s_in | 4
        CAPTURE x | 4
        Add
        Relu
        Identity
        OUTPUT cond_out | bool
        OUTPUT s_out | 4
        = main/choose.else_branch
        CAPTURE x | 4
        Gate
        Neg
        OUTPUT el | 4
        """,
        outline(DrawnModels.nested()));
  }

  @Test
  void whatSubgraphsTakeIsWiredToTheNodeThatHoldsThem() {
    DisplayGraph main = DisplayGraphs.of(DrawnModels.nested(), Marks.NONE).graphs().get(0);
    DisplayGraph.Wire x =
        main.wires().stream().filter(w -> w.from() == 0).findFirst().orElseThrow();
    assertEquals(
        "ReduceSum, If",
        x.to().stream().map(b -> main.boxes().get(b).title()).collect(Collectors.joining(", ")));
  }

  @Test
  void noClusterIsTooLongHoweverLongTheModel() {
    DisplayGraph graph = DisplayGraphs.of(DrawnModels.chain(6_000), Marks.NONE).graphs().get(0);
    assertEquals(graph.boxes().size(), boxes(graph.root(), 0));
  }

  /** Checks that boxes follow each other without gaps, and gives the one after the last. */
  private static int boxes(Cluster cluster, int first) {
    assertTrue(cluster.parts().size() <= Clustering.MAX_PARTS, cluster.title());
    int next = first;
    for (Part part : cluster.parts()) {
      assertEquals(next, part.from());
      next = part instanceof Cluster inner ? boxes(inner, next) : part.to();
    }
    return next;
  }
}
