"""Makes random Keras models with what Keras computes of them: all layers that are read, with all
their options, in Sequential, functional, nested and shared-layer models.

    python keras_random.py FOLDER [--count 500] [--seed 1] [--only MODEL]

writes into the folder model after model, as .keras and, of every third, as .h5 too, and recorded.h5
(inputs and outputs by model and name). A number and a seed always give the same model. The tests
run the folder:

    mvn verify -pl runtime -am -Dsardonyx.keras=FOLDER
"""

import argparse
import os
import warnings

import keras_fixtures as fixtures
import h5py
import keras
import numpy as np
from absl import logging as absl_logging
from keras import layers as L
from keras.src import backend


def plain_add(x1, x2):
    """The sum, as Keras defines it.

    For TensorFlow, Keras takes an operand with one axis longer than 1 for a bias, and adds it along
    the last axis if that has its size, or the second: a bias [1,C,1,1] of channels first is added
    along the width where that is C, a bias [heads,1] along the steps. Other backends do not.
    """
    return backend.numpy.subtract(x1, backend.numpy.negative(x2))


backend.numpy.add = plain_add

ACTIVATIONS = [
    None, "celu", "elu", "gelu", "glu", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu",
    "linear", "log_sigmoid", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink",
    "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus",
    "tanh", "tanh_shrink", "log_softmax",
]
CELL_ACTIVATIONS = ["tanh", "relu", "sigmoid", "softsign", "gelu", "hard_sigmoid", "elu", None]
INTERPOLATIONS = ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]


class Rejected(Exception):
    """A combination of options that Keras does not take."""


class Choices:
    """Random choices of one model."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)

    def whole(self, low, high):
        return int(self.random.integers(low, high + 1))

    def of(self, *options):
        return options[self.whole(0, len(options) - 1)]

    def chance(self, probability):
        return bool(self.random.random() < probability)

    def number(self, low, high):
        return round(float(self.random.uniform(low, high)), 3)

    def activation(self):
        return self.of(*ACTIVATIONS) if self.chance(0.6) else None


def convolution(c, dims, kind):
    """Convolutions of any number of axes: plain, depthwise, separable, transposed."""
    data_format = c.of("channels_last", "channels_last", "channels_first")
    same = c.chance(0.5)
    strides = [c.of(1, 1, 2, 3) for _ in range(dims)]
    dilation = [1] * dims
    if c.chance(0.3):
        strides, dilation = [1] * dims, [c.of(1, 2) for _ in range(dims)]
    if kind in ("depthwise", "separable"):
        strides = [strides[0]] * dims
        dilation = [dilation[0]] * dims
    settings = {
        "kernel_size": [c.whole(1, 3) for _ in range(dims)],
        "strides": strides,
        "padding": "same" if same else "valid",
        "data_format": data_format,
        "dilation_rate": dilation,
        "use_bias": c.chance(0.7),
        "activation": c.activation(),
    }
    if kind == "transposed":
        if c.chance(0.3):
            settings["output_padding"] = [c.whole(0, s - 1) for s in strides]
            if not any(settings["output_padding"]):
                del settings["output_padding"]
        return getattr(L, "Conv%dDTranspose" % dims)(c.whole(1, 4), **settings)
    if kind == "depthwise":
        return getattr(L, "DepthwiseConv%dD" % dims)(depth_multiplier=c.whole(1, 2), **settings)
    if kind == "separable":
        return getattr(L, "SeparableConv%dD" % dims)(
            c.whole(1, 4), depth_multiplier=c.whole(1, 2), **settings)
    if dims == 1 and c.chance(0.3):
        settings["padding"] = "causal"
        settings["data_format"] = "channels_last"
    return getattr(L, "Conv%dD" % dims)(
        c.of(2, 3, 4, 6), groups=c.of(1, 1, 1, 2), **settings)


def pooling(c, dims, shape):
    kind = c.of("Max", "Average")
    form = c.of("plain", "plain", "global", "plain" if None in shape[1:] else "adaptive")
    data_format = c.of("channels_last", "channels_last", "channels_first")
    if form == "global":
        return getattr(L, "Global%sPooling%dD" % (kind, dims))(
            data_format=data_format, keepdims=c.chance(0.5))
    if form == "adaptive":
        first = 1 if data_format == "channels_last" else 2
        dims_given = [d or 9 for d in shape[first:first + dims]]
        sizes = [c.whole(1, min(4, d)) for d in dims_given]
        # Keras also pools by windows larger by one, and TensorFlow ends the process where none fits.
        if kind == "Max" and any(-(-d // s) + 1 > d for d, s in zip(dims_given, sizes)):
            raise Rejected()
        return getattr(L, "Adaptive%sPooling%dD" % (kind, dims))(
            sizes if dims > 1 else sizes[0], data_format=data_format)
    pool = [c.whole(1, 3) for _ in range(dims)]
    return getattr(L, "%sPooling%dD" % (kind, dims))(
        pool if dims > 1 else pool[0],
        strides=c.of(None, c.whole(1, 3)), padding=c.of("valid", "same"), data_format=data_format)


def padding(c, dims, shape):
    pairs = [[c.whole(0, 2), c.whole(0, 2)] for _ in range(dims)]
    form = c.of("Zero", "Cropping", "Up")
    more = {} if dims == 1 else {"data_format": c.of("channels_last", "channels_first")}
    if form == "Zero":
        if dims == 1:
            return L.ZeroPadding1D(pairs[0])
        return getattr(L, "ZeroPadding%dD" % dims)(pairs, **more)
    if form == "Cropping":
        if dims == 1:
            return L.Cropping1D([c.whole(0, 1), c.whole(0, 1)])
        return getattr(L, "Cropping%dD" % dims)(
            [[c.whole(0, 1), c.whole(0, 1)] for _ in range(dims)], **more)
    if dims == 1:
        return L.UpSampling1D(c.whole(1, 3))
    if dims == 2:
        more["interpolation"] = c.of(*(INTERPOLATIONS[:2] if None in shape[1:] else INTERPOLATIONS))
    return getattr(L, "UpSampling%dD" % dims)([c.whole(1, 3) for _ in range(dims)], **more)


def resizing(c, shape):
    settings = {}
    aspect = c.of(None, None, "crop_to_aspect_ratio", "pad_to_aspect_ratio")
    fixed = None not in shape[1:]
    if aspect and fixed:
        settings[aspect] = True
        settings["fill_value"] = c.of(0.0, 1.5)
    data_format = c.of("channels_last", "channels_first")
    return L.Resizing(
        c.whole(1, 12), c.whole(1, 12),
        interpolation=c.of(*(INTERPOLATIONS if fixed else INTERPOLATIONS[:2])),
        antialias=fixed and c.chance(0.3), data_format=data_format, **settings)


def normalisation(c, rank):
    """Normalisations over any axes."""
    axes = [a for a in range(1, rank) if c.chance(0.4)] or [rank - 1]
    one = c.of(-1, -1, c.whole(1, rank - 1))
    return c.of(
        lambda: L.BatchNormalization(
            axis=one, epsilon=c.of(1e-3, 0.1), center=c.chance(0.7), scale=c.chance(0.7)),
        lambda: L.LayerNormalization(
            axis=c.of(-1, axes), center=c.chance(0.7), scale=c.chance(0.7), epsilon=0.1),
        lambda: L.GroupNormalization(
            groups=c.of(1, 2, -1), axis=one, center=c.chance(0.7), scale=c.chance(0.7), epsilon=0.1),
        lambda: L.RMSNormalization(axis=c.of(-1, axes), epsilon=0.1),
        lambda: L.UnitNormalization(axis=c.of(-1, axes)),
        lambda: L.Normalization(
            axis=None, mean=c.number(-1, 1), variance=c.number(0.5, 2), invert=c.chance(0.3)),
        lambda: L.Rescaling(c.number(-2, 2), offset=c.number(-1, 1)),
    )()


def activation(c, rank):
    axes = [a for a in range(1, rank) if c.chance(0.5)]
    return c.of(
        lambda: L.Activation(c.of(*ACTIVATIONS[1:])),
        lambda: L.Activation(c.of(*ACTIVATIONS[1:])),
        lambda: L.ReLU(
            max_value=c.of(None, 1.0, 6.0), negative_slope=c.of(0.0, 0.1), threshold=c.of(0.0, 0.3)),
        lambda: L.LeakyReLU(negative_slope=c.number(0, 1)),
        lambda: L.ELU(alpha=c.number(0.1, 2)),
        lambda: L.PReLU(alpha_initializer="random_normal", shared_axes=axes or None),
        lambda: L.Softmax(axis=c.of(-1, c.whole(1, rank - 1), axes or -1)),
        lambda: L.Dropout(0.5),
        lambda: L.GaussianNoise(0.5),
        lambda: L.ActivityRegularization(0.1),
        lambda: L.Identity(),
    )()


def dense(c, rank):
    units = c.whole(1, 6)
    letters = "bcdef"[: rank - 1]
    return c.of(
        lambda: L.Dense(units, use_bias=c.chance(0.7), activation=c.activation()),
        lambda: L.Dense(units, use_bias=c.chance(0.7), activation=c.activation()),
        lambda: L.SpectralNormalization(L.Dense(units)),
        lambda: L.EinsumDense(
            "a%s,%sz->a%sz" % (letters, letters[-1], letters[:-1]),
            output_shape=[None] * (rank - 2) + [units],
            bias_axes=c.of(None, "z"), activation=c.activation()),
    )()


def recurrent_layer(c, **more):
    units = c.whole(1, 5)
    settings = {
        "use_bias": c.chance(0.7),
        "go_backwards": c.chance(0.3),
        "return_sequences": c.chance(0.6),
        "activation": c.of("tanh", c.of(*CELL_ACTIVATIONS)),
        "unroll": c.chance(0.1),
    }
    settings.update(more)
    kind = c.of("LSTM", "GRU", "SimpleRNN", "RNN")
    if kind == "RNN":
        activation = settings.pop("activation")
        bias = settings.pop("use_bias")
        cells = [
            c.of(L.LSTMCell, L.GRUCell, L.SimpleRNNCell)(
                c.whole(1, 4), activation=activation, use_bias=bias)
            for _ in range(c.whole(1, 3))
        ]
        return L.RNN(cells if len(cells) > 1 else cells[0], **settings)
    if kind == "SimpleRNN":
        return L.SimpleRNN(units, **settings)
    settings["recurrent_activation"] = c.of("sigmoid", c.of("hard_sigmoid", "tanh", "relu"))
    if kind == "LSTM":
        return L.LSTM(units, unit_forget_bias=c.chance(0.5), **settings)
    return L.GRU(units, reset_after=c.chance(0.6), **settings)


def recurrent(c):
    if c.chance(0.35):
        inner = recurrent_layer(c, go_backwards=False)
        return L.Bidirectional(inner, merge_mode=c.of("concat", "sum", "mul", "ave"))
    return recurrent_layer(c)


def conv_lstm(c, dims):
    return getattr(L, "ConvLSTM%dD" % dims)(
        c.whole(1, 3), c.whole(1, 3), strides=c.of(1, 1, 2), padding=c.of("valid", "same"),
        data_format=c.of("channels_last", "channels_first"),
        activation=c.of("tanh", "relu"), recurrent_activation=c.of("sigmoid", "hard_sigmoid"),
        use_bias=c.chance(0.7), return_sequences=c.chance(0.5), go_backwards=c.chance(0.3))


def heads(c, query, others):
    """One call of an attention layer on tensors of one rank."""
    value = c.of(*others)
    keys = [t for t in others if t.shape[1:-1] == value.shape[1:-1]]
    key = c.of(None, c.of(*keys))
    call = {"use_causal_mask": c.chance(0.3)}
    rank = len(query.shape)
    if c.chance(0.2):
        call["return_attention_scores"] = True
    if rank == 3 and c.chance(0.3):
        layer = L.GroupQueryAttention(
            c.whole(1, 4), c.of(4, 2), c.of(1, 2), use_bias=c.chance(0.6),
            dropout=c.of(0.0, 0.0, 0.2), use_gate=c.chance(0.2),
            sliding_window=c.of(None, None, 2))
    else:
        axes = None
        if rank > 3:
            axes = c.of(None, 1, 2, (1, 2))
            call["use_causal_mask"] = call["use_causal_mask"] and axes == rank - 2
        layer = L.MultiHeadAttention(
            c.whole(1, 3), c.whole(1, 4), value_dim=c.of(None, c.whole(1, 4)),
            dropout=c.of(0.0, 0.0, 0.2), use_bias=c.chance(0.7),
            output_shape=c.of(None, c.whole(1, 5), (2, 3)), attention_axes=axes,
            use_gate=c.chance(0.2), sliding_window=c.of(None, None, 2) if rank == 3 else None)
    if rank == 3 and c.chance(0.3):
        first = keras.layers.Dense(value.shape[1])(query)
        call["attention_mask"] = first > 0.0
    result = layer(query, value, key, **call)
    return list(result) if isinstance(result, (tuple, list)) else [result]


def attention(c, query, others):
    same = [t for t in others if t.shape[-1] == query.shape[-1]] or [query]
    value = c.of(*same)
    keys = [t for t in same if t.shape[1] == value.shape[1]]
    given = [query, value] + ([c.of(*keys)] if c.chance(0.4) else [])
    layer = c.of(
        lambda: L.Attention(use_scale=c.chance(0.5), score_mode=c.of("dot", "concat")),
        lambda: L.AdditiveAttention(use_scale=c.chance(0.5)),
    )()
    call = {"use_causal_mask": c.chance(0.3)}
    if c.chance(0.2):
        call["return_attention_scores"] = True
    result = layer(given, **call)
    return list(result) if isinstance(result, (tuple, list)) else [result]


def merge(c, one, others):
    """A merging layer on tensors that fit."""
    same = [t for t in others if t.shape == one.shape]
    kind = c.of("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot")
    if kind == "Dot":
        if len(one.shape) > 3:
            raise Rejected()
        axis = c.whole(1, len(one.shape) - 1)
        return L.Dot(axes=axis, normalize=c.chance(0.3))([one, c.of(*same)])
    if kind == "Concatenate":
        axis = c.of(-1, c.whole(1, len(one.shape) - 1))
        return L.Concatenate(axis=axis)([one, c.of(*same), c.of(*same)][: c.whole(2, 3)])
    chosen = [one, c.of(*same)]
    if kind != "Subtract" and c.chance(0.3):
        chosen.append(c.of(*same))
    if c.chance(0.15) and len(one.shape) == 3:
        chosen[1] = L.GlobalMaxPooling1D()(one)
        chosen = chosen[:2]
    return getattr(L, kind)(chosen)


def distributed(c, shape):
    inner = {
        3: lambda: L.Dense(c.whole(1, 4), activation=c.activation()),
        4: lambda: c.of(lambda: recurrent(c), lambda: convolution(c, 1, "plain"), L.Flatten)(),
        5: lambda: c.of(lambda: convolution(c, 2, "plain"), lambda: pooling(c, 2, shape[:1] + shape[2:]), L.Flatten)(),
    }[len(shape)]()
    return L.TimeDistributed(inner)


def simple(c, shape):
    """A layer with one input and one output for a tensor of this shape."""
    rank = len(shape)
    dims = rank - 2
    options = [
        lambda: normalisation(c, rank),
        lambda: activation(c, rank),
        lambda: dense(c, rank),
        lambda: L.Flatten(),
    ]
    if rank >= 3:
        options += 2 * [
            lambda: convolution(c, dims, "plain"),
            lambda: convolution(c, dims, "transposed"),
            lambda: pooling(c, dims, shape),
            lambda: padding(c, dims, shape),
            lambda: distributed(c, shape),
        ]
        options.append(lambda: L.Permute(1 + c.random.permutation(rank - 1)))
    if rank == 2:
        options.append(lambda: L.RepeatVector(c.whole(1, 4)))
        options.append(lambda: L.Reshape((-1, 1)))
    if rank == 3:
        options += 4 * [lambda: recurrent(c)]
        options += [lambda: L.Masking(mask_value=0.5)] * 2
        options += [lambda: L.SpatialDropout1D(0.3)]
    if rank in (3, 4):
        options += [
            lambda: convolution(c, dims, "depthwise"),
            lambda: convolution(c, dims, "separable"),
        ]
    if rank == 4:
        options += [lambda: resizing(c, shape)] * 2
        options += [lambda: L.CenterCrop(c.whole(1, 12), c.whole(1, 12))] * (None not in shape[1:])
        options += [lambda: conv_lstm(c, 1)]
    if rank == 5:
        options += [lambda: conv_lstm(c, 2)]
    if rank > 2 and None not in shape[1:]:
        options.append(lambda: L.Reshape(c.of((-1, shape[-1]), (shape[-1], -1), (-1, 1, shape[1]))))
    return c.of(*options)()


def new_input(c, index):
    kind = c.of("ids", "vector", "sequence", "sequence", "image", "image", "volume")
    open_size = c.chance(0.15)
    if kind == "ids":
        x = keras.Input((c.whole(4, 7),), dtype="int32", name="ids%d" % index)
        return x, L.Embedding(12, c.whole(2, 5), mask_zero=c.chance(0.7))(x)
    shape = {
        "vector": lambda: (c.whole(3, 6),),
        "sequence": lambda: (None if open_size else c.whole(5, 8), c.whole(2, 4)),
        "image": lambda: (
            *((None, None) if open_size else (c.whole(5, 9), c.whole(5, 9))), c.whole(2, 4)),
        "volume": lambda: (c.whole(3, 5), c.whole(4, 6), c.whole(4, 6), 2),
    }[kind]()
    x = keras.Input(shape, name="x%d" % index)
    return x, x


def small(tensor):
    if 0 in tensor.shape:  # TensorFlow ends the process where it pools nothing
        return False
    return np.prod([d or 9 for d in tensor.shape[1:]]) <= 4000 and len(tensor.shape) <= 5


def attempt(make):
    """What Keras makes of a random choice; rejected if it takes it not."""
    try:
        return make()
    except Rejected:
        raise
    except Exception as e:
        raise Rejected() from e


def nested(c, shape, depth):
    """A model with one input, to be called as a layer."""
    if c.chance(0.4):
        stack = [keras.Input(shape[1:])]
        y = stack[0]
        for _ in range(c.whole(1, 3)):
            layer = simple(c, y.shape)
            y = layer(y)
            if not small(y):
                raise Rejected()
            stack.append(layer)
        return keras.Sequential(stack)
    i = keras.Input(shape[1:])
    pool = grow(c, [i], c.whole(1, 4), depth + 1)
    outputs = [pool[-1]] + ([c.of(*pool[1:])] if c.chance(0.3) else [])
    return keras.Model(i, outputs if len(outputs) > 1 else outputs[0])


def step(c, pool, shared, depth):
    """New tensors made of those that there are."""
    x = c.of(*pool[-3:]) if c.chance(0.7) else c.of(*pool)
    same_rank = [t for t in pool if len(t.shape) == len(x.shape)]
    rank = len(x.shape)
    choice = c.random.random()
    if rank >= 3 and choice < 0.12 and rank <= 4:
        return heads(c, x, same_rank)
    if rank == 3 and choice < 0.18:
        return attention(c, x, same_rank)
    if choice < 0.32:
        return [merge(c, x, same_rank)]
    if choice < 0.42 and shared:
        layer, shape = c.of(*shared)
        fitting = [t for t in pool if t.shape == shape]
        result = layer(c.of(*fitting))
        return list(result) if isinstance(result, (tuple, list)) else [result]
    if choice < 0.5 and depth < 2:
        layer = nested(c, x.shape, depth)
    elif choice < 0.54 and rank == 3:
        result = recurrent_layer(c, return_state=True)(x)
        return list(result)
    else:
        layer = simple(c, x.shape)
    result = layer(x)
    shared.append((layer, x.shape))
    return list(result) if isinstance(result, (tuple, list)) else [result]


def grow(c, pool, steps, depth=0):
    shared = []
    for _ in range(steps):
        for _ in range(20):
            try:
                made = attempt(lambda: step(c, pool, shared, depth))
            except Rejected:
                continue
            if all(small(t) for t in made):
                pool.extend(t for t in made if t.dtype == "float32")
                break
    return pool


def random_model(c):
    if c.chance(0.2):
        while True:
            x, y = new_input(c, 0)
            stack = [x]
            if y is not x:
                stack.append(L.Embedding(12, 3, mask_zero=c.chance(0.7)))
                y = stack[-1](x)
            for _ in range(c.whole(2, 6)):
                try:
                    layer = attempt(lambda: simple(c, y.shape))
                    z = attempt(lambda: layer(y))
                except Rejected:
                    continue
                if isinstance(z, (list, tuple)) or not small(z):
                    continue
                y = z
                stack.append(layer)
            if len(stack) > 2:
                return keras.Sequential(stack)
    inputs, pool = [], []
    for i in range(c.whole(1, 3)):
        x, y = new_input(c, i)
        inputs.append(x)
        pool.append(y)
    pool = grow(c, pool, c.whole(2, 9))
    outputs = []
    for t in pool[::-1]:
        if not any(t is i for i in inputs) and len(outputs) < 4 and (not outputs or c.chance(0.5)):
            outputs.append(t)
    if not outputs:
        raise Rejected()
    return keras.Model(inputs, outputs)


def outputs_of(model, inputs):
    given = list(inputs.values())
    sequential = isinstance(model, keras.Sequential)
    outputs = model(given[0] if sequential else given, training=False)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    names = getattr(model, "output_names", None) or [model.layers[-1].name]
    if len(set(names)) < len(names):
        raise Rejected()
    return {n: v.numpy() for n, v in zip(names, outputs)}


def model_of(seed, number):
    """The model of a number, its inputs and its outputs; attempts that are of no use are skipped."""
    for trial in range(50):
        keras.backend.clear_session()
        keras.utils.set_random_seed(number * 100 + trial)
        c = Choices([seed, number, trial])
        fixtures.RANDOM = np.random.default_rng([seed, number, trial, 7])
        try:
            model = attempt(lambda: random_model(c))
            fixtures.randomize(model)
            inputs = {spec.name: fixtures.made_up(spec) for spec in model.inputs}
            for name in inputs:
                if name.startswith("ids"):
                    inputs[name] = c.random.integers(0, 4, size=inputs[name].shape).astype("int32")
            outputs = attempt(lambda: outputs_of(model, inputs))
        except Rejected:
            continue
        if all(np.isfinite(v).all() and v.size and np.abs(v).max() < 1e4 for v in outputs.values()):
            return model, inputs, outputs
    raise RuntimeError("no model of number %d is of use" % number)


def comes_back(path, inputs, outputs):
    """Whether Keras reads the model that it has written; it does not where masks get lost."""
    try:
        again = outputs_of(keras.models.load_model(path), inputs)
    except Exception:
        return False
    return all(np.allclose(a, b, 1e-4, 1e-4) for a, b in zip(again.values(), outputs.values()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    absl_logging.set_verbosity(absl_logging.ERROR)
    os.makedirs(options.folder, exist_ok=True)
    numbers = range(options.count) if options.only is None else [options.only]
    with h5py.File(os.path.join(options.folder, "recorded.h5"), "w") as recorded:
        recorded.attrs["keras"] = keras.__version__
        for number in numbers:
            model, inputs, outputs = model_of(options.seed, number)
            name = "m%d_%04d" % (options.seed, number)
            path = os.path.join(options.folder, name)
            model.save(path + ".keras")
            if not comes_back(path + ".keras", inputs, outputs):
                os.remove(path + ".keras")
                print(name, "is not what Keras itself reads", flush=True)
                continue
            if number % 3 == 0:
                model.save(path + ".h5")
            group = recorded.create_group(name)
            fixtures.record(group, "inputs", inputs)
            fixtures.record(group, "outputs", outputs)
            kinds = sorted({layer.__class__.__name__ for layer in model._flatten_layers()})
            print(name, *kinds, flush=True)


if __name__ == "__main__":
    main()
