"""Writes the models of this folder: small networks as ONNX Runtime's tools leave them.

    pip install onnx==1.23.1 onnxruntime==1.30.0 onnx-ir sympy numpy
    python optimized_models.py

A residual network and a BERT-like encoder, optimized by ONNX Runtime and by its optimizer for
transformers; a network quantised statically and dynamically, in the operators of ONNX Runtime and
in QuantizeLinear and DequantizeLinear, optimized; and a product with weights of four bits.
"""

import os
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import quantization
from onnxruntime.quantization import matmul_nbits_quantizer

RANDOM = np.random.default_rng(7)
FLOAT = TensorProto.FLOAT
BASIC = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
EXTENDED = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED


class Net:
    def __init__(self, opset):
        self.opset = opset
        self.nodes = []
        self.weights = []
        self.inputs = []

    def input(self, name, kind, shape):
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def weight(self, array):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def random(self, *shape, scale=0.3):
        return self.weight((RANDOM.standard_normal(shape) * scale).astype(np.float32))

    def node(self, kind, *inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name, **attributes))
        return name

    def model(self, output, shape):
        result = helper.make_tensor_value_info(output, FLOAT, shape)
        graph = helper.make_graph(self.nodes, "net", self.inputs, [result], self.weights)
        imports = [helper.make_opsetid("", self.opset)]
        model = helper.make_model(graph, opset_imports=imports, ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        return model


def residual(opset=13):
    net = Net(opset)
    x = net.input("image", FLOAT, ["N", 3, 8, 8])
    x = conv(net, x, 3, 8)
    x = net.node("Relu", x)
    for filters, stride in ((8, 1), (12, 2)):
        before = 8
        y = net.node("Relu", conv(net, x, before, filters, stride=stride))
        y = conv(net, y, filters, filters)
        shortcut = x if stride == 1 else conv(net, x, before, filters, 1, stride)
        x = net.node("Relu", net.node("Add", y, shortcut))
    x = net.node("LeakyRelu", conv(net, x, 12, 12), alpha=0.1)
    x = net.node("GlobalAveragePool", x)
    x = net.node("Flatten", x)
    y = net.node("Gemm", x, net.random(5, 12, scale=0.02), net.random(5), transB=1)
    return net.model(net.node("Softmax", net.node("Relu", y), axis=-1), ["N", 5])


def conv(net, x, channels, filters, size=3, stride=1):
    pads = [size // 2] * 4
    w = net.random(filters, channels, size, size)
    return net.node(
        "Conv", x, w, net.random(filters), kernel_shape=[size, size], strides=[stride] * 2, pads=pads
    )


def layer_norm(net, x, size):
    """As torch.onnx wrote it before opset 17."""
    mean = net.node("ReduceMean", x, axes=[-1])
    centred = net.node("Sub", x, mean)
    square = net.node("Pow", centred, net.weight(np.array(2, np.float32)))
    variance = net.node("ReduceMean", square, axes=[-1])
    root = net.node("Sqrt", net.node("Add", variance, net.weight(np.array(1e-5, np.float32))))
    normal = net.node("Mul", net.node("Div", centred, root), net.random(size, scale=1.0))
    return net.node("Add", normal, net.random(size))


def dense(net, x, inputs, outputs):
    return net.node("Add", net.node("MatMul", x, net.random(inputs, outputs)), net.random(outputs))


def gelu(net, x):
    scaled = net.node("Div", x, net.weight(np.array(np.sqrt(2), np.float32)))
    sum_ = net.node("Add", net.node("Erf", scaled), net.weight(np.array(1, np.float32)))
    half = net.weight(np.array(0.5, np.float32))
    return net.node("Mul", net.node("Mul", x, sum_), half)


def heads(net, x, transposed=(0, 2, 1, 3)):
    shape = net.weight(np.array([0, 0, 2, 8], np.int64))
    return net.node("Transpose", net.node("Reshape", x, shape), perm=list(transposed))


def encoder(opset=13, size=16, layers=2):
    net = Net(opset)
    ids = net.input("input_ids", TensorProto.INT64, ["batch", "sequence"])
    mask = net.input("attention_mask", TensorProto.INT64, ["batch", "sequence"])
    types = net.input("token_type_ids", TensorProto.INT64, ["batch", "sequence"])
    words = net.node("Gather", net.random(30, size), ids)
    segments = net.node("Gather", net.random(2, size), types)
    one = net.weight(np.array([1], np.int64))
    length = net.node("Slice", net.node("Shape", ids), one, net.weight(np.array([2], np.int64)))
    positions = net.node("Slice", net.random(12, size), net.weight(np.array([0], np.int64)), length)
    x = net.node("Add", net.node("Add", words, segments), positions)
    x = layer_norm(net, x, size)
    wide = net.node("Unsqueeze", mask, net.weight(np.array([1, 2], np.int64)))
    wide = net.node("Cast", wide, to=FLOAT)
    shut = net.node("Sub", net.weight(np.array(1, np.float32)), wide)
    bias = net.node("Mul", shut, net.weight(np.array(-10000, np.float32)))
    for _ in range(layers):
        query = heads(net, dense(net, x, size, size))
        key = heads(net, dense(net, x, size, size), (0, 2, 3, 1))
        value = heads(net, dense(net, x, size, size))
        scores = net.node("MatMul", query, key)
        scores = net.node("Div", scores, net.weight(np.array(np.sqrt(8), np.float32)))
        shares = net.node("Softmax", net.node("Add", scores, bias), axis=-1)
        mixed = net.node("Transpose", net.node("MatMul", shares, value), perm=[0, 2, 1, 3])
        mixed = net.node("Reshape", mixed, net.weight(np.array([0, 0, size], np.int64)))
        x = layer_norm(net, net.node("Add", dense(net, mixed, size, size), x), size)
        y = dense(net, gelu(net, dense(net, x, size, 2 * size)), 2 * size, size)
        x = layer_norm(net, net.node("Add", y, x), size)
    return net.model(x, ["batch", "sequence", size])


def optimized(model, level, name):
    """What ONNX Runtime has made of a model before it runs it."""
    options = ort.SessionOptions()
    options.graph_optimization_level = level
    options.optimized_model_filepath = name
    options.log_severity_level = 3
    ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])


class Images(quantization.CalibrationDataReader):
    def __init__(self):
        self.left = [RANDOM.standard_normal((2, 3, 8, 8)).astype(np.float32) for _ in range(4)]

    def get_next(self):
        return {"image": self.left.pop()} if self.left else None


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    os.chdir(here)
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, "plain.onnx")
        optimized(residual(), EXTENDED, "residual-extended.onnx")
        optimized(encoder(), EXTENDED, "encoder-extended.onnx")

        from onnxruntime.transformers import optimizer

        onnx.save(encoder(), plain)
        fused = optimizer.optimize_model(plain, "bert", num_heads=2, hidden_size=16, opt_level=0)
        fused.save_model_to_file("encoder-fused.onnx")

        onnx.save(residual(), plain)
        quantised = os.path.join(folder, "quantised.onnx")
        for style, name in (
            (quantization.QuantFormat.QOperator, "residual-qoperator.onnx"),
            (quantization.QuantFormat.QDQ, "residual-qdq.onnx"),
        ):
            quantization.quantize_static(plain, quantised, Images(), quant_format=style)
            optimized(onnx.load(quantised), EXTENDED, name)

        onnx.save(encoder(), plain)
        quantization.quantize_dynamic(plain, quantised)
        optimized(onnx.load(quantised), EXTENDED, "encoder-dynamic.onnx")

        onnx.save(four_bits(), plain)
        quantizer = matmul_nbits_quantizer.MatMulNBitsQuantizer(onnx.load(plain), block_size=16)
        quantizer.process()
        quantizer.model.save_model_to_file("dense-four-bits.onnx")


def four_bits():
    net = Net(21)
    x = net.input("x", FLOAT, ["N", 40])
    x = net.node("Relu", net.node("MatMul", x, net.random(40, 24)))
    return net.model(net.node("MatMul", x, net.random(24, 5)), ["N", 5])


if __name__ == "__main__":
    main()
