package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Tensor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A parameter that does not belong to the model but to the way an operator is expressed in DL4J.
 *
 * @param elements in the parameter's own shape
 */
record FixedParameter(String layer, String parameter, Tensor elements) {
  void load(ComputationGraph network) {
    INDArray value = Nd4j.createFromArray(elements.toFloats()).reshape(elements.dims());
    network.getLayer(layer).getParam(parameter).assign(value);
  }
}
