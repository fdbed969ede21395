"""Quantises a small network with ONNX Runtime's own tool and writes what it loses.

    pip install onnx==1.23.1 onnxruntime==1.30.0 numpy sympy
    python quantized_models.py

Makes, in its own folder, network.onnx (random weights: convolutions, a depthwise one, a shortcut,
pooling, a matrix product), calibration.npy and unseen.npy with images, and quality.txt with a line
for each calibration: its name and the signal to noise in decibels of the unseen images' outputs.
The products of 8 bits are exact only on a processor with VNNI (or on ARM).
"""

import logging
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

HERE = pathlib.Path(__file__).parent
METHODS = {
    "minmax": (CalibrationMethod.MinMax, {}),
    "average": (
        CalibrationMethod.MinMax,
        {"CalibMovingAverage": True, "CalibMovingAverageConstant": 0.1},
    ),
    "entropy": (CalibrationMethod.Entropy, {}),
    "percentile": (CalibrationMethod.Percentile, {"CalibPercentile": 99.99}),
}


class Batches(CalibrationDataReader):
    def __init__(self, images):
        self.batches = iter(images.reshape(4, -1, *images.shape[1:]))

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {"x": batch}


def network(random):
    initializers = []

    def weights(name, *shape):
        scale = np.sqrt(2 / np.prod(shape[1:]))
        # Channels differ in size, as those of trained networks do
        sizes = np.exp(random.standard_normal((shape[0],) + (1,) * (len(shape) - 1)) * 0.7)
        array = random.standard_normal(shape) * scale * sizes
        initializers.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def convolution(x, y, out, size, group=1, into=None):
        node = helper.make_node(
            "Conv",
            [x, weights(y + "_w", out, (into or out) // group, size, size), weights(y + "_b", out)],
            [y],
            name=y,
            kernel_shape=[size, size],
            pads=[size // 2] * 4,
            group=group,
        )
        return node

    nodes = [
        convolution("x", "a", 8, 3, into=3),
        helper.make_node("Relu", ["a"], ["a_relu"], name="a_relu"),
        convolution("a_relu", "b", 8, 3, group=8),
        helper.make_node("Clip", ["b", "zero", "six"], ["b_clip"], name="b_clip"),
        convolution("b_clip", "c", 8, 1),
        helper.make_node("Add", ["a_relu", "c"], ["sum"], name="sum"),
        helper.make_node("MaxPool", ["sum"], ["pooled"], "pool", kernel_shape=[2, 2], strides=[2, 2]),
        convolution("pooled", "d", 12, 3, into=8),
        helper.make_node("Relu", ["d"], ["d_relu"], name="d_relu"),
        helper.make_node("GlobalAveragePool", ["d_relu"], ["mean"], name="mean"),
        helper.make_node("Flatten", ["mean"], ["flat"], name="flat"),
        helper.make_node(
            "Gemm", ["flat", weights("e_w", 10, 12), weights("e_b", 10)], ["y"], name="e", transB=1
        ),
    ]
    for name, value in (("zero", 0), ("six", 6)):
        initializers.append(numpy_helper.from_array(np.float32(value), name))
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 10])],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def images(random, count):
    noise = random.standard_normal((count, 3, 8, 8))
    smooth = noise + np.roll(noise, 1, 2) + np.roll(noise, 1, 3)
    return smooth.astype(np.float32)


def run(file, x):
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0].astype(np.float64)


def main():
    logging.disable(logging.WARNING)
    random = np.random.default_rng(13)
    model = HERE / "network.onnx"
    onnx.save(network(random), model)
    calibration, unseen = images(random, 64), images(random, 64)
    np.save(HERE / "calibration.npy", calibration)
    np.save(HERE / "unseen.npy", unseen)
    wanted = run(model, unseen)
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (method, options) in METHODS.items():
            small = pathlib.Path(folder) / f"{name}.onnx"
            quantize_static(
                str(model),
                str(small),
                Batches(calibration),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=method,
                extra_options=options,
            )
            noise = wanted - run(small, unseen)
            quality = 10 * np.log10((wanted**2).sum() / (noise**2).sum())
            lines.append(f"{name} {quality:.2f}\n")
    (HERE / "quality.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
