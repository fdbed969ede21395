"""Makes torch-layers.txt: what torch's layers give for weights and inputs that follow from their names.

    python torch-layers.py > torch-layers.txt

Each line is a layer's name and the elements of its output; LayersAgainstTorchTest builds the same layers.
Weights are in ONNX's layouts and names; each function brings them into torch's. Made with torch 2.13.0.
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def values(name, *shape, ids=0):
    """The numbers that LayersAgainstTorchTest gives to the value of this name."""
    start = sum(ord(c) for c in name) * 31
    numbers = torch.arange(math.prod(shape), dtype=torch.int64)
    mixed = (numbers * 7919 + start) % 201
    return (mixed % ids if ids else (mixed - 100).float() / 200).reshape(shape)


CASES = {}


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


def image(channels=4, size=5):
    return values("x", 2, channels, size, size)


def sequence(elements=6):
    return values("x", 2, 4, elements)


def dense(name, x, units, bias=True):
    y = x @ values(name + ".weight", x.shape[-1], units)
    return y + values(name + ".bias", units) if bias else y


@case
def depthwise():
    return F.conv2d(image(), values("depthwise1.weight", 8, 1, 3, 3), values("depthwise1.bias", 8), stride=2,
                    padding=1, groups=4)


@case
def separable():
    y = F.conv2d(image(), values("separable1.depthwise1.weight", 4, 1, 3, 3), padding=1, groups=4)
    return F.conv2d(y, values("separable1.pointwise1.weight", 3, 4, 1, 1), values("separable1.pointwise1.bias", 3))


@case
def transposed():
    return F.conv_transpose2d(image(), values("convTranspose1.weight", 4, 3, 3, 3), values("convTranspose1.bias", 3),
                              stride=2, padding=1)


@case
def transposed_groups():
    return F.conv_transpose2d(image(), values("convTranspose1.weight", 4, 1, 2, 2), stride=2, groups=2)


@case
def squeeze_excite():
    x, name = image(), "squeezeExcite1."
    y = F.relu(F.conv2d(x.mean((2, 3), keepdim=True), values(name + "reduce1.weight", 2, 4, 1, 1),
                        values(name + "reduce1.bias", 2)))
    y = F.conv2d(y, values(name + "expand1.weight", 4, 2, 1, 1), values(name + "expand1.bias", 4))
    return x * torch.sigmoid(y)


@case
def layer_norm():
    return F.layer_norm(sequence(), (6,), values("ln1.scale", 6), values("ln1.bias", 6), 1e-5)


@case
def rms_norm():
    return F.rms_norm(sequence(), (6,), values("rms1.scale", 6), 1e-5)


@case
def embedding():
    return F.embedding(values("x", 2, 4, ids=7), values("embedding1.weight", 7, 3))


# Which of ONNX's gates comes first, second, ... in torch.
GATES = {"lstm": [0, 2, 3, 1], "gru": [1, 0, 2], "rnn": [0]}


def recurrent(kind, directions, sequences, lengths=None):
    hidden, inputs, gates = 3, 6, GATES[kind]
    rows, name = len(gates) * hidden, kind + "1."
    layer = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[kind](
        inputs, hidden, batch_first=True, bidirectional=directions == 2)
    weight = values(name + "weight", directions, rows, inputs)
    recurrence = values(name + "recurrence", directions, rows, hidden)
    bias = values(name + "bias", directions, 2, rows)
    for d, suffix in list(enumerate(["", "_reverse"]))[:directions]:
        for part, given in [("weight_ih", weight[d]), ("weight_hh", recurrence[d]), ("bias_ih", bias[d, 0]),
                            ("bias_hh", bias[d, 1])]:
            own = torch.cat([given[gate * hidden:(gate + 1) * hidden] for gate in gates])
            getattr(layer, part + "_l0" + suffix).data.copy_(own)
    x = sequence()
    if lengths:
        x = nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=True)
    y, state = layer(x)
    if lengths:
        y, _ = nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=4)
    last = state[0] if kind == "lstm" else state
    return y if sequences else last.transpose(0, 1).reshape(last.shape[1], -1)


for kind in GATES:
    CASES[kind] = lambda kind=kind: recurrent(kind, 1, False)
    CASES[kind + "-sequences"] = lambda kind=kind: recurrent(kind, 1, True)
    CASES[kind + "-both"] = lambda kind=kind: recurrent(kind, 2, False)
    CASES[kind + "-both-sequences"] = lambda kind=kind: recurrent(kind, 2, True)
    CASES[kind + "-both-lengths"] = lambda kind=kind: recurrent(kind, 2, False, [4, 2])


def rotated(x, first):
    """Rotary embeddings whose pairs are an element of the first half and one of the second."""
    size = x.shape[-1]
    angles = torch.arange(first, first + x.shape[2])[:, None] * 10000.0 ** (-torch.arange(0, size, 2) / size)
    a, b = x.chunk(2, -1)
    return torch.cat([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], -1)


def attention(x, context, heads, shared=0, size=0, bias=True, causal=False, mask=None, rotary=False, past=0,
              name="attention1."):
    shared, size = shared or heads, size or x.shape[-1] // heads

    def part(role, source, count):
        y = dense(name + role, source, count * size, bias)
        return y.reshape(*source.shape[:2], count, size).transpose(1, 2)

    q, k, v = part("query", x, heads), part("key", context, shared), part("value", context, shared)
    if rotary:
        q, k = rotated(q, past), rotated(k, past)
    if past:
        k = torch.cat([values("pastKey", 2, shared, past, size), k], 2)
        v = torch.cat([values("pastValue", 2, shared, past, size), v], 2)
    if causal:
        rows, columns = torch.arange(q.shape[2])[:, None] + past, torch.arange(k.shape[2])[None]
        seen = torch.where(columns <= rows, 0.0, -math.inf)
        mask = seen if mask is None else mask + seen
    y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=shared != heads)
    y = y.transpose(1, 2).reshape(x.shape[0], x.shape[1], heads * size)
    return dense(name + "output", y, x.shape[-1], bias)


@case
def attention_torch():
    """By torch's own layer, whose projections are one matrix."""
    x, name = sequence(), "attention1."
    layer = nn.MultiheadAttention(6, 2, batch_first=True)
    into(layer, name)
    return layer(x, x, x, need_weights=False)[0]


def into(layer, name):
    """Gives torch's attention layer the weights of this name."""
    roles = ["query", "key", "value"]
    layer.in_proj_weight.data = torch.cat([values(name + r + ".weight", 6, 6).T for r in roles])
    layer.in_proj_bias.data = torch.cat([values(name + r + ".bias", 6) for r in roles])
    layer.out_proj.weight.data = values(name + "output.weight", 6, 6).T.contiguous()
    layer.out_proj.bias.data = values(name + "output.bias", 6)


def mask():
    return values("mask", 4, 4)


CASES["attention"] = lambda: attention(sequence(), sequence(), 2)
CASES["attention-causal"] = lambda: attention(sequence(), sequence(), 2, causal=True, bias=False)
CASES["attention-mask"] = lambda: attention(sequence(), sequence(), 2, mask=mask())
CASES["attention-causal-mask"] = lambda: attention(sequence(), sequence(), 2, mask=mask(), causal=True)
CASES["attention-shared"] = lambda: attention(sequence(8), sequence(8), 4, shared=2, size=3)
CASES["attention-rotary"] = lambda: attention(sequence(8), sequence(8), 2, rotary=True, causal=True)
CASES["attention-cross"] = lambda: attention(sequence(), values("context", 2, 3, 5), 2)
CASES["attention-past"] = lambda: attention(
    sequence(8), sequence(8), 4, shared=2, size=4, rotary=True, causal=True, past=3)


@case
def position():
    return sequence() + values("position1.weight", 9, 6)[:4]


def transformer(activation, pre_norm):
    name = "transformer1."
    layer = nn.TransformerEncoderLayer(6, 2, 10, 0.0, activation, 1e-5, True, pre_norm)
    into(layer.self_attn, name + "attention1.")
    layer.linear1.weight.data = values(name + "dense1.weight", 6, 10).T.contiguous()
    layer.linear1.bias.data = values(name + "dense1.bias", 10)
    layer.linear2.weight.data = values(name + "dense2.weight", 10, 6).T.contiguous()
    layer.linear2.bias.data = values(name + "dense2.bias", 6)
    for norm, given in [(layer.norm1, "ln1"), (layer.norm2, "ln2")]:
        norm.weight.data = values(name + given + ".scale", 6)
        norm.bias.data = values(name + given + ".bias", 6)
    return layer(sequence())


CASES["transformer"] = lambda: transformer("relu", False)
CASES["transformer-pre-norm"] = lambda: transformer("gelu", True)

if __name__ == "__main__":
    torch.manual_seed(0)
    with torch.no_grad():
        for name, make in CASES.items():
            print(name, *["%.7g" % element for element in make().flatten().tolist()])
