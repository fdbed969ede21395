"""Stores matrices in 4 bits with ONNX Runtime's own tool and writes what it loses.

    pip install onnx==1.23.1 onnxruntime==1.30.0 numpy sympy torch
    python blockwise_weights.py

Makes, in its own folder, weights.npy, three matrices [3, K, N] of normal, heavy-tailed and one-sided
numbers, and blocks.txt with a line for each matrix and way of the tool (range with and without zero
points, HQQ): the signal to noise in decibels of the stored matrix, and its bytes for each weight.
"""

import logging
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import matmul_nbits_quantizer as nbits

HERE = pathlib.Path(__file__).parent
WAYS = {
    "range": nbits.DefaultWeightOnlyQuantConfig(block_size=32, is_symmetric=True),
    "range-zero": nbits.DefaultWeightOnlyQuantConfig(block_size=32, is_symmetric=False),
    "hqq": nbits.HQQWeightOnlyQuantConfig(block_size=32, bits=4),
}


def matrices(random):
    normal = random.standard_normal((128, 64))
    heavy = random.standard_t(3, (128, 64))
    one_sided = np.abs(random.standard_normal((128, 64))) * 0.3 + random.standard_normal((128, 64)) * 0.05
    return np.stack([normal, heavy, one_sided]).astype(np.float32)


def stored(weights, config):
    """The matrix that the tool's model multiplies with, and its bytes."""
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"], name="product")],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", weights.shape[0]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", weights.shape[1]])],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    quantizer = nbits.MatMulNBitsQuantizer(model, algo_config=config)
    quantizer.process()
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "small.onnx"
        quantizer.model.save_model_to_file(str(file))
        size = sum(numpy_helper.to_array(i).nbytes for i in onnx.load(file).graph.initializer)
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        return session.run(None, {"x": np.eye(weights.shape[0], dtype=np.float32)})[0], size


def main():
    logging.disable(logging.WARNING)
    all_weights = matrices(np.random.default_rng(4))
    np.save(HERE / "weights.npy", all_weights)
    lines = []
    for number, weights in enumerate(all_weights):
        for way, config in WAYS.items():
            given, size = stored(weights, config)
            noise = ((given.astype(np.float64) - weights) ** 2).sum()
            ratio = 10 * np.log10((weights.astype(np.float64) ** 2).sum() / noise)
            lines.append(f"{number} {way} {ratio:.2f} {size / weights.size:.4f}\n")
    (HERE / "blocks.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
