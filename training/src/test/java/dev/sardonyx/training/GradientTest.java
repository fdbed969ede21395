package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.training.compile.CompiledNetwork;
import dev.sardonyx.training.compile.Lowerings;
import dev.sardonyx.training.compile.NetworkCompiler;
import dev.sardonyx.training.compile.TrainingMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/** Gradients of every operator, of its result alone and of a result that Dropout reads, too. */
class GradientTest {
  /** Layers of DL4J's own in all uses; what is made of them in the one that asks the most. */
  static Stream<Arguments> cases() {
    return Stream.concat(
        GradientCase.own().map(c -> Arguments.of(c, List.of(GradientCase.Use.values()))),
        GradientCase.files().map(c -> Arguments.of(c, List.of(GradientCase.Use.BESIDE_DROPOUT))));
  }

  private static DataSet batch() {
    INDArray x =
        Nd4j.createFromArray(
                SmallNet.randomTensor(new Random(3), 0.5f, 5, 2, GradientCase.H, GradientCase.W)
                    .toFloats())
            .reshape(5, 2, GradientCase.H, GradientCase.W);
    return new DataSet(x, Nd4j.createFromArray(new float[] {0, 1, 2, 0, 1}).reshape(5, 1));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void gradientsAreSlopes(GradientCase net, List<GradientCase.Use> uses) {
    for (GradientCase.Use use : uses) {
      CompiledNetwork compiled =
          NetworkCompiler.forTraining(
              net.model(use), TrainingMethod.of(new LossSparseMCXENT(), new Sgd(1), 1));
      Gradients.assertSlopes(net + " " + use, compiled.network(), batch());
    }
  }

  @Test
  void everyTrainableOperatorHasACase() {
    Set<String> tried =
        GradientCase.all()
            .map(net -> net.model(GradientCase.Use.ALONE))
            .map(Model::graph)
            .flatMap(graph -> graph.nodes().stream())
            .map(Node::opType)
            .collect(Collectors.toSet());
    Set<String> untried = new TreeSet<>(Lowerings.operators());
    untried.removeAll(tried);
    assertEquals(Set.of(), untried);
  }

  @Test
  void readmeListsTheTrainableOperators() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    String table =
        readme.substring(
            readme.indexOf("| operators | limits |"), readme.indexOf("## What is read"));
    Set<String> listed =
        table
            .lines()
            .filter(line -> line.startsWith("|"))
            .map(line -> line.split("\\|", 3)[1])
            .flatMap(cell -> Pattern.compile("`([A-Za-z]+)`").matcher(cell).results())
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(Lowerings.operators(), listed);
  }
}
