"""Makes the Keras files that the tests read, with what Keras itself computes of them.

Each model has many small branches, one output each, so that an output names the layer that is
wrong. Weights are random, statistics of normalisations too. Run with a Python that has keras:

    python keras_fixtures.py ../resources/dev/sardonyx/export/keras [FAMILY ...]

writes the models and recorded.h5 (inputs and outputs by model and name; attributes say the versions);
with families only those, anew or in addition.
"""

import inspect
import json
import os
import sys
import zipfile
import zlib

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers as L  # noqa: E402
from keras import ops  # noqa: E402

RANDOM = np.random.default_rng(7)
FAMILIES = {}


def family(function):
    FAMILIES[function.__name__] = function
    return function


def branches(inputs, made):
    """A functional model of outputs by name: tensors, or layers that are given the first input."""
    outputs = []
    for name, branch in made.items():
        y = branch(inputs[0]) if callable(branch) else branch
        outputs.append(L.Identity(name="y_" + name)(y))
    return keras.Model(inputs, outputs)


@family
def convolutions():
    x = keras.Input((9, 8, 4), name="image")
    return branches([x], {
        "valid": L.Conv2D(3, 3),
        "same": L.Conv2D(3, (2, 3), padding="same", activation="relu"),
        "strided": L.Conv2D(3, (3, 2), strides=(2, 3), padding="same", use_bias=False),
        "dilated": L.Conv2D(3, 3, dilation_rate=(2, 1), padding="same"),
        "grouped": L.Conv2D(6, 3, groups=2),
        "first": lambda t: L.Conv2D(3, 3, data_format="channels_first", padding="same")(
            L.Permute((3, 1, 2))(t)),
        "depthwise": L.DepthwiseConv2D(3, depth_multiplier=2, padding="same"),
        "depthwise_strided": L.DepthwiseConv2D(3, strides=2, activation="relu6"),
        "separable": L.SeparableConv2D(5, 3, depth_multiplier=2, padding="same", activation="silu"),
        "transposed": L.Conv2DTranspose(3, 3, strides=2),
        "transposed_same": L.Conv2DTranspose(3, 3, strides=2, padding="same"),
        "transposed_small": L.Conv2DTranspose(3, 2, strides=3, padding="same"),
        "transposed_wide": L.Conv2DTranspose(3, 2, strides=3),
        "transposed_more": L.Conv2DTranspose(3, 4, strides=2, padding="same", output_padding=1),
        "transposed_valid_more": L.Conv2DTranspose(3, 3, strides=2, output_padding=1),
        "transposed_dilated": L.Conv2DTranspose(3, 3, dilation_rate=2, padding="same"),
    })


@family
def convolutions_of_other_ranks():
    x = keras.Input((10, 4), name="sequence")
    v = keras.Input((5, 6, 7, 2), name="volume")
    made = {
        "conv1d": L.Conv1D(3, 3)(x),
        "causal": L.Conv1D(3, 3, padding="causal", dilation_rate=2)(x),
        "strided": L.Conv1D(3, 4, strides=3, padding="same")(x),
        "depthwise1d": L.DepthwiseConv1D(3, depth_multiplier=2)(x),
        "separable1d": L.SeparableConv1D(3, 3, padding="same")(x),
        "transposed1d": L.Conv1DTranspose(3, 4, strides=3)(x),
        "conv3d": L.Conv3D(3, 2, padding="same")(v),
        "strided3d": L.Conv3D(3, (1, 2, 3), strides=(1, 2, 2))(v),
        "transposed3d": L.Conv3DTranspose(2, 3, strides=2, padding="same")(v),
    }
    return branches([x, v], made)


@family
def dense():
    x = keras.Input((6, 4), name="x")
    return branches([x], {
        "dense": L.Dense(3),
        "dense_activated": L.Dense(3, activation="gelu", use_bias=False),
        "dense_flat": lambda t: L.Dense(3, activation="softmax")(L.Flatten()(t)),
        "activation_layer": L.Dense(3, activation=L.ReLU(max_value=0.5, negative_slope=0.1)),
        "einsum": L.EinsumDense("abc,cd->abd", output_shape=(None, 5), bias_axes="d"),
        "einsum_dots": L.EinsumDense("...x,xy->...y", output_shape=5, activation="tanh"),
        "einsum_heads": L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 5), bias_axes="de"),
        "einsum_time": L.EinsumDense("abc,bd->adc", output_shape=(3, 4), bias_axes="d"),
        "normalised": lambda t: L.SpectralNormalization(L.Dense(3))(t),
    })


@family
def normalisations():
    x = keras.Input((5, 6, 4), name="x")
    n = L.Normalization(axis=-1, mean=[1.0, 2, 3, 4], variance=[4.0, 9, 0.25, 1])
    adapted = L.Normalization(axis=(1, -1))
    adapted.adapt(RANDOM.normal(size=(20, 5, 6, 4)).astype("float32"))
    return branches([x], {
        "batch": L.BatchNormalization(),
        "batch_axis": L.BatchNormalization(axis=1, epsilon=0.01),
        "batch_bare": L.BatchNormalization(center=False, scale=False),
        "batch_flat": lambda t: L.BatchNormalization()(L.Flatten()(t)),
        "layer": L.LayerNormalization(),
        "layer_axes": L.LayerNormalization(axis=(2, 3), center=False),
        "layer_first": L.LayerNormalization(axis=1, scale=False),
        "layer_apart": L.LayerNormalization(axis=(1, 3)),
        "group": L.GroupNormalization(groups=2),
        "group_axis": L.GroupNormalization(groups=-1, axis=1),
        "group_one": L.GroupNormalization(groups=1, scale=False),
        "rms": L.RMSNormalization(),
        "rms_axes": L.RMSNormalization(axis=(2, 3), epsilon=0.1),
        "unit": L.UnitNormalization(),
        "unit_axes": L.UnitNormalization(axis=(1, 2)),
        "normalization": n,
        "inverted": L.Normalization(axis=-1, mean=2.0, variance=4.0, invert=True),
        "adapted": adapted,
        "rescaled": L.Rescaling(1 / 127.5, offset=-1),
        "rescaled_each": L.Rescaling([1.0, 2, 3, 4], offset=[0.0, 1, 2, 3]),
    })


@family
def pooling():
    x = keras.Input((9, 8, 4), name="image")
    s = keras.Input((10, 4), name="sequence")
    v = keras.Input((5, 6, 7, 2), name="volume")
    made = {
        "max": L.MaxPooling2D()(x),
        "max_same": L.MaxPooling2D(3, strides=2, padding="same")(x),
        "average": L.AveragePooling2D((2, 3))(x),
        "average_same": L.AveragePooling2D(3, strides=2, padding="same")(x),
        "average_first": L.AveragePooling2D(2, data_format="channels_first")(x),
        "max1d": L.MaxPooling1D(3, strides=2)(s),
        "average1d": L.AveragePooling1D(3, padding="same")(s),
        "max3d": L.MaxPooling3D(2)(v),
        "average3d": L.AveragePooling3D(2, padding="same")(v),
        "global_max": L.GlobalMaxPooling2D()(x),
        "global_average": L.GlobalAveragePooling2D(keepdims=True)(x),
        "global_first": L.GlobalAveragePooling2D(data_format="channels_first")(x),
        "global_max1d": L.GlobalMaxPooling1D()(s),
        "global_average1d": L.GlobalAveragePooling1D()(s),
        "global_max3d": L.GlobalMaxPooling3D(keepdims=True)(v),
        "global_average3d": L.GlobalAveragePooling3D()(v),
        "adaptive_average": L.AdaptiveAveragePooling2D((4, 2))(x),
        "adaptive_max": L.AdaptiveMaxPooling2D((3, 8))(x),
        "adaptive_average1d": L.AdaptiveAveragePooling1D(4)(s),
        "adaptive_max1d": L.AdaptiveMaxPooling1D(3)(s),
        "adaptive_average3d": L.AdaptiveAveragePooling3D((2, 3, 1))(v),
        "adaptive_max3d": L.AdaptiveMaxPooling3D(2)(v),
    }
    return branches([x, s, v], made)


@family
def reshaping():
    x = keras.Input((6, 8, 4), name="image")
    s = keras.Input((10, 4), name="sequence")
    v = keras.Input((5, 6, 7, 2), name="volume")
    made = {
        "flatten": L.Flatten()(x),
        "flatten_first": L.Flatten(data_format="channels_first")(x),
        "reshape": L.Reshape((12, -1))(x),
        "permute": L.Permute((3, 1, 2))(x),
        "repeat": L.RepeatVector(3)(L.Flatten()(s)),
        "padding1d": L.ZeroPadding1D((1, 2))(s),
        "padding2d": L.ZeroPadding2D(((1, 0), (2, 3)))(x),
        "padding_pair": L.ZeroPadding2D((1, 2))(x),
        "padding_first": L.ZeroPadding2D(1, data_format="channels_first")(x),
        "padding3d": L.ZeroPadding3D((1, 0, 2))(v),
        "cropping1d": L.Cropping1D((1, 2))(s),
        "cropping2d": L.Cropping2D(((1, 0), (2, 3)))(x),
        "cropping3d": L.Cropping3D((1, 0, 2))(v),
        "up1d": L.UpSampling1D(3)(s),
        "up2d": L.UpSampling2D((2, 3))(x),
        "up2d_bilinear": L.UpSampling2D(2, interpolation="bilinear")(x),
        "up2d_bicubic": L.UpSampling2D(2, interpolation="bicubic")(x),
        "up2d_first": L.UpSampling2D(2, data_format="channels_first")(x),
        "up3d": L.UpSampling3D((1, 2, 2))(v),
        "resized": L.Resizing(5, 11)(x),
        "resized_nearest": L.Resizing(11, 5, interpolation="nearest")(x),
        "cropped": L.CenterCrop(3, 5)(x),
    }
    return branches([x, s, v], made)


@family
def merging():
    x = keras.Input((6, 4), name="x")
    y = keras.Input((6, 4), name="y")
    z = keras.Input((4,), name="z")
    pair = [x, y]
    made = {
        "add": L.Add()(pair + [x]),
        "subtract": L.Subtract()(pair),
        "multiply": L.Multiply()(pair),
        "average": L.Average()(pair + [y]),
        "maximum": L.Maximum()(pair),
        "minimum": L.Minimum()(pair),
        "broadcast": L.Add()([x, z]),
        "concatenate": L.Concatenate()(pair),
        "concatenate_axis": L.Concatenate(axis=1)(pair),
        "dot": L.Dot(axes=(2, 2))(pair),
        "dot_normalised": L.Dot(axes=1, normalize=True)(pair),
        "dot_vector": L.Dot(axes=(2, 1))([x, z]),
        "dot_vectors": L.Dot(axes=1)([z, L.Dense(4)(z)]),
    }
    return branches([x, y, z], made)


@family
def activations():
    x = keras.Input((5, 6), name="x")
    names = [
        "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu",
        "hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish",
        "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus",
        "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh",
        "tanh_shrink",
    ]
    made = {"act_" + n: L.Activation(n) for n in names}
    made.update({
        "relu_max": L.ReLU(max_value=1.0),
        "relu_all": L.ReLU(max_value=1.0, negative_slope=0.2, threshold=0.3),
        "leaky": L.LeakyReLU(negative_slope=0.25),
        "elu_alpha": L.ELU(alpha=0.5),
        "prelu": L.PReLU(alpha_initializer="random_normal"),
        "prelu_shared": L.PReLU(alpha_initializer="random_normal", shared_axes=[1]),
        "softmax_axis": L.Softmax(axis=1),
        "softmax_axes": L.Softmax(axis=(1, 2)),
    })
    return branches([x], made)


@family
def attention():
    q = keras.Input((5, 8), name="query")
    v = keras.Input((7, 6), name="value")
    w = keras.Input((7, 8), name="wide")
    m = keras.Input((5, 7), dtype="bool", name="seen")
    scores = L.MultiHeadAttention(2, 3)(q, v, return_attention_scores=True)
    made = {
        "heads": L.MultiHeadAttention(2, 3)(q, v),
        "heads_masked": L.MultiHeadAttention(2, 3, value_dim=5, use_bias=False)(
            q, v, attention_mask=m),
        "heads_causal": L.MultiHeadAttention(2, 3, output_shape=9)(q, q, use_causal_mask=True),
        "heads_key": L.MultiHeadAttention(2, 3)(q, v, w),
        "scores": scores[0],
        "scores_weights": scores[1],
        "gated": L.MultiHeadAttention(2, 4, use_gate=True)(q, v),
        "window": L.MultiHeadAttention(2, 4, sliding_window=2)(q, q),
        "grouped": L.GroupQueryAttention(4, 4, 2)(q, w),
        "grouped_causal": L.GroupQueryAttention(4, 4, 1, use_bias=False)(q, q, use_causal_mask=True),
        "attention": L.Attention()([q, w]),
        "attention_scaled": L.Attention(use_scale=True)([q, w], use_causal_mask=True),
        "attention_concat": L.Attention(score_mode="concat")([q, w]),
        "additive": L.AdditiveAttention()([q, w]),
        "additive_plain": L.AdditiveAttention(use_scale=False)([q, w]),
    }
    return branches([q, v, w, m], made)


@family
def recurrent():
    x = keras.Input((6, 3), name="x")
    h = keras.Input((4,), name="h")
    c = keras.Input((4,), name="c")
    state = L.LSTM(4, return_sequences=True, return_state=True)(x, initial_state=[h, c])
    both = L.Bidirectional(L.GRU(4, return_state=True), merge_mode="sum")(x)
    made = {
        "lstm": L.LSTM(4)(x),
        "lstm_steps": L.LSTM(4, return_sequences=True, use_bias=False)(x),
        "lstm_backwards": L.LSTM(4, return_sequences=True, go_backwards=True)(x),
        "lstm_backwards_last": L.LSTM(4, go_backwards=True)(x),
        "lstm_state": state[0],
        "lstm_state_h": state[1],
        "lstm_state_c": state[2],
        "lstm_hard": L.LSTM(4, recurrent_activation="hard_sigmoid", activation="relu")(x),
        "lstm_other": L.LSTM(4, activation="gelu", return_sequences=True)(x),
        "gru": L.GRU(4, return_sequences=True)(x),
        "gru_before": L.GRU(4, reset_after=False)(x),
        "gru_before_other": L.GRU(4, reset_after=False, activation="silu", go_backwards=True)(x),
        "gru_other": L.GRU(4, activation="silu", return_sequences=True, go_backwards=True)(x),
        "gru_state": L.GRU(4)(x, initial_state=h),
        "rnn": L.SimpleRNN(4, return_sequences=True)(x),
        "rnn_relu": L.SimpleRNN(4, activation="relu", use_bias=False)(x),
        "rnn_linear": L.SimpleRNN(4, activation=None)(x),
        "bidirectional": L.Bidirectional(L.LSTM(4, return_sequences=True))(x),
        "bidirectional_last": L.Bidirectional(L.SimpleRNN(4), merge_mode="mul")(x),
        "bidirectional_ave": L.Bidirectional(
            L.GRU(4, return_sequences=True),
            merge_mode="ave",
            backward_layer=L.GRU(4, return_sequences=True, go_backwards=True, activation="relu"),
        )(x),
        "bidirectional_sum": both[0],
        "bidirectional_state": both[2],
        "bidirectional_none": L.Bidirectional(L.GRU(4), merge_mode=None)(x)[1],
        "cell": L.RNN(L.LSTMCell(4), return_sequences=True)(x),
        "cells": L.RNN([L.GRUCell(4), L.LSTMCell(5), L.GRUCell(3)])(x),
        "lstm_cell": L.LSTMCell(4)(x[:, 0], [h, c])[0],
        "gru_cell": L.GRUCell(4)(x[:, 0], [h])[0],
        "rnn_cell": L.SimpleRNNCell(4)(x[:, 0], [h])[0],
        "distributed": L.TimeDistributed(L.Dense(5, activation="relu"))(x),
        "distributed_model": L.TimeDistributed(
            keras.Sequential([keras.Input((3,)), L.Dense(4), L.BatchNormalization(), L.Dense(2)])
        )(x),
    }
    return branches([x, h, c], made)


@family
def recurrent_over_images():
    x = keras.Input((4, 6, 5, 2), name="film")
    s = keras.Input((4, 7, 2), name="sequence")
    made = {
        "convlstm": L.ConvLSTM2D(3, 3)(x),
        "convlstm_steps": L.ConvLSTM2D(3, (2, 3), padding="same", return_sequences=True)(x),
        "convlstm_first": L.ConvLSTM2D(3, 1, data_format="channels_first", go_backwards=True)(x),
        "convlstm1d": L.ConvLSTM1D(3, 3, strides=2, return_sequences=True)(s),
        "convlstm3d": L.ConvLSTM3D(2, 2)(L.Reshape((4, 3, 2, 5, 2))(x)),
        "images": L.TimeDistributed(L.Conv2D(3, 3))(x),
    }
    return branches([x, s], made)


@family
def masks_beside_states():
    """Keras 3 gives a layer no mask of its sequence if it is called with states too, only one that
    the call names; the sequence that comes out has the mask all the same."""
    ids = keras.Input((6,), dtype="int32", name="ids")
    h = keras.Input((4,), name="h")
    c = keras.Input((4,), name="c")
    m = keras.Input((6,), dtype="bool", name="m")
    e = L.Embedding(5, 3, mask_zero=True)(ids)
    steps = L.LSTM(4, return_sequences=True)(e, initial_state=[h, c])
    made = {
        "steps": steps,
        "after": L.LSTM(2)(steps),
        "positional": L.GRU(4)(e, h),
        "named": L.LSTM(4, return_sequences=True)(e, initial_state=[h, c], mask=m),
        "both_ways": L.Bidirectional(L.SimpleRNN(4, return_sequences=True))(
            e, initial_state=[h, c]),
        "after_both": L.GRU(2)(
            L.Bidirectional(L.GRU(4, return_sequences=True))(e, initial_state=[h, c])),
    }
    return branches([ids, h, c, m], made)


@family
def masks():
    ids = keras.Input((6,), dtype="int32", name="ids")
    x = keras.Input((6, 3), name="x")
    e = L.Embedding(5, 3, mask_zero=True)(ids)
    m = L.Masking(mask_value=0.5)(x)
    d = L.Dropout(0.5)(e)
    made = {
        "embedded": e,
        "masked": m,
        "lstm": L.LSTM(4)(e),
        "lstm_steps": L.LSTM(4, return_sequences=True)(m),
        "gru_backwards": L.GRU(4, go_backwards=True, return_sequences=True)(d),
        "rnn": L.SimpleRNN(4)(L.Dense(3)(e)),
        "bidirectional": L.Bidirectional(L.LSTM(4, return_sequences=True))(e),
        "bidirectional_sum": L.Bidirectional(L.GRU(4), merge_mode="sum")(m),
        "two": L.GRU(4)(L.LSTM(3, return_sequences=True)(e)),
        "mean": L.GlobalAveragePooling1D()(e),
        "added": L.LSTM(2)(L.Add()([e, m])),
        "concatenated": L.LSTM(2)(L.Concatenate()([e, x])),
        "heads": L.LSTM(2)(L.MultiHeadAttention(2, 3)(e, e)),
        "attention": L.LSTM(2)(L.Attention()([e, m])),
        "distributed": L.LSTM(2)(L.TimeDistributed(L.Dense(3))(e)),
        "lost": L.LSTM(2)(L.Conv1D(3, 2, padding="same")(e)),
        "cells": L.RNN([L.GRUCell(4), L.SimpleRNNCell(2)], return_sequences=True)(e),
    }
    return branches([ids, x], made)


@family
def operations():
    x = keras.Input((6, 4), name="x")
    i = keras.Input((6,), dtype="int32", name="i")
    y = ops.split(x, 2, axis=-1)
    best = ops.top_k(x, 2)
    made = {
        "arithmetic": 2.0 * x - x / 3 + (1 - x) ** 2,
        "integers": i // 4 + i % 3 - 1,
        "mixed": i[:, :, None] * x,
        "fractions": i * 0.5,
        "array": x + np.arange(4, dtype="float32"),
        "compared": ops.where(ops.logical_and(x > 0, x < 0.5), x, -1.0),
        "sliced": x[:, 1:-1, ::2],
        "picked": x[:, -1],
        "ellipsis": x[..., 1],
        "backwards": x[:, ::-1],
        "mean": ops.mean(x, axis=1),
        "sum_all": ops.sum(x, axis=(1, 2), keepdims=True),
        "max": ops.max(x, axis=-1),
        "variance": ops.var(x, axis=1),
        "deviation": ops.std(x, axis=-1, keepdims=True),
        "logsumexp": ops.logsumexp(x, axis=1),
        "argmax": ops.argmax(x, axis=1),
        "norm": ops.norm(x, axis=-1),
        "normalised": ops.normalize(x, axis=-1),
        "cumsum": ops.cumsum(x, axis=1),
        "product": ops.matmul(x, ops.transpose(x, (0, 2, 1))),
        "einsum": ops.einsum("bij,bkj->bik", x, x),
        "reshaped": ops.reshape(x, (-1, 8, 3)),
        "expanded": ops.squeeze(ops.expand_dims(x, 1), 1),
        "stacked": ops.stack([x, x * 2], axis=1),
        "joined": ops.concatenate([y[1], y[0]], axis=-1),
        "tiled": ops.tile(x, (1, 2, 1)),
        "repeated": ops.repeat(x, 2, axis=1),
        "flipped": ops.flip(x, axis=1),
        "padded": ops.pad(x, [[0, 0], [1, 2], [0, 0]]),
        "swapped": ops.swapaxes(x, 1, 2),
        "moved": ops.moveaxis(x, 1, 2),
        "taken": ops.take(x, np.array([2, 0], dtype="int32"), axis=1),
        "clipped": ops.clip(x, -0.5, 0.5),
        "hot": ops.one_hot(i, 12),
        "cast": ops.cast(i, "float32"),
        "best": best[0],
        "best_places": best[1],
        "softmax": ops.softmax(x, axis=1),
        "functions": ops.sqrt(ops.abs(x)) + ops.exp(x) + ops.log1p(ops.square(x)) + ops.rsqrt(x * x + 1),
        "curves": ops.sin(x) + ops.cos(x) + ops.tanh(x) + ops.erf(x) + ops.floor(x) + ops.sign(x),
        "activations": ops.relu(x) + ops.sigmoid(x) + ops.gelu(x) + ops.silu(x) + ops.leaky_relu(x),
        "rectified": keras.activations.relu(x, negative_slope=0.1, max_value=0.7),
        "truth": ops.cast(ops.any(x > 0.9, axis=-1), "float32"),
        "maximum": ops.maximum(x, 0.1) + ops.minimum(x, -0.1),
    }
    return branches([x, i], made)


@family
def operation_settings():
    x = keras.Input((4, 6), name="x")
    i = keras.Input((3,), dtype="int32", name="i")
    made = {
        "greatest": ops.max(x, axis=1, initial=0.7),
        "least": ops.min(x, axis=-1, keepdims=True, initial=-0.7),
        "hot": ops.one_hot(i - 5, 4),
        "rounded": ops.round(x, decimals=1),
        "product": ops.prod(i, axis=1, dtype="float32") / 7,
        "sums": ops.cumsum(i, axis=1, dtype="float32") / 7,
    }
    return branches([x, i], made)


@family
def calls():
    """Dictionaries, which Keras numbers in the order of keys, and calls that say a mode.

    Keras 3 itself forgets training=True where a whole model is called with training=False.
    """
    a = keras.Input((4,), name="a")
    b = keras.Input((4,), name="b")
    zz = keras.Input((4,), name="zz")
    aa = keras.Input((4,), name="aa")
    named = keras.Model({"zz": zz, "aa": aa}, {"zeta": L.Dense(3)(zz), "alpha": L.Dense(3)(aa)})
    both = named({"aa": a, "zz": b})
    listed = keras.Model([zz, aa], L.Subtract()([L.Dense(3)(zz), aa[:, :3]]))
    image = keras.Input((5, 4, 2), name="image")
    inner = keras.Sequential([keras.Input((4,)), L.BatchNormalization(), L.Dense(2)])
    frozen = L.BatchNormalization(trainable=False)
    larger = L.UpSampling2D(2, interpolation="bicubic")
    smaller = L.Resizing(3, 3, interpolation="lanczos3")
    made = {
        "apart": L.Subtract()([both["zeta"], both["alpha"]]),
        "by_name": listed({"aa": a, "zz": b}),
        "of_batch": L.BatchNormalization()(image, training=True),
        "within": inner(a, training=True),
        "not_within": keras.Sequential([keras.Input((4,)), L.Dropout(0.5)])(a, training=False),
        "frozen": frozen(a, training=True),
        "enlarged_twice": larger(larger(image)),
        "of_two_sizes": L.Add()([smaller(image), smaller(L.ZeroPadding2D(1)(image))]),
        "no_noise": L.Dropout(0.0)(a, training=True),
    }
    return branches([a, b, image], made)


@family
def preprocessing():
    x = keras.Input((4,), name="x")
    i = keras.Input((3,), dtype="int32", name="i")
    p = keras.Input((6, 6, 3), dtype="uint8", name="pixels")
    made = {
        "bins": L.Discretization(bin_boundaries=[-0.5, 0.0, 0.5])(x),
        "bins_hot": L.Discretization(bin_boundaries=[-0.5, 0.0, 0.5], output_mode="multi_hot")(x),
        "multi_hot": L.CategoryEncoding(num_tokens=12)(i),
        "counted": L.CategoryEncoding(num_tokens=12, output_mode="count")(i),
        "hot": L.CategoryEncoding(num_tokens=12, output_mode="one_hot")(L.Reshape((3, 1))(i)),
        "scaled": L.Rescaling(1 / 255)(p),
        "flipped": L.Rescaling(1 / 255)(L.RandomFlip()(L.RandomRotation(0.2)(p))),
        "quiet": L.GaussianNoise(0.5)(L.SpatialDropout1D(0.5)(L.Reshape((2, 2))(x))),
        "embedded": L.Embedding(12, 3)(i),
        "reversible": L.ReversibleEmbedding(12, 3)(i),
    }
    return branches([x, i, p], made)


@family
def training_only():
    x = keras.Input((6, 6, 3), name="image")
    s = keras.Input((6, 3), name="sequence")
    v = keras.Input((2, 3, 4, 2), name="volume")
    made = {
        "regularised": L.ActivityRegularization(0.1)(x),
        "alpha": L.AlphaDropout(0.5)(x),
        "dropped": L.Dropout(0.5)(x),
        "gaussian": L.GaussianDropout(0.5)(x),
        "noise": L.GaussianNoise(0.5)(x),
        "spatial1d": L.SpatialDropout1D(0.5)(s),
        "spatial2d": L.SpatialDropout2D(0.5)(x),
        "spatial3d": L.SpatialDropout3D(0.5)(v),
        "augmix": L.AugMix()(x),
        "cutmix": L.CutMix()(x),
        "mixup": L.MixUp()(x),
        "randaugment": L.RandAugment()(x),
        "brightness": L.RandomBrightness(0.2)(x),
        "degeneration": L.RandomColorDegeneration(0.5)(x),
        "jitter": L.RandomColorJitter(brightness_factor=0.2)(x),
        "contrast": L.RandomContrast(0.2)(x),
        "elastic": L.RandomElasticTransform()(x),
        "erasing": L.RandomErasing()(x),
        "flip": L.RandomFlip()(x),
        "blur": L.RandomGaussianBlur()(x),
        "grayscale": L.RandomGrayscale()(x),
        "hue": L.RandomHue(0.2)(x),
        "invert": L.RandomInvert()(x),
        "perspective": L.RandomPerspective()(x),
        "posterization": L.RandomPosterization(4)(x),
        "rotation": L.RandomRotation(0.2)(x),
        "saturation": L.RandomSaturation(0.2)(x),
        "sharpness": L.RandomSharpness(0.2)(x),
        "shear": L.RandomShear(0.2)(x),
        "translation": L.RandomTranslation(0.2, 0.2)(x),
        "zoom": L.RandomZoom(0.2)(x),
    }
    return branches([x, s, v], made)


@keras.saving.register_keras_serializable("fixtures")
class Shift(keras.Layer):
    """A layer of one's own."""

    def build(self, shape):
        self.shift = self.add_weight(shape=(shape[-1],), name="shift")

    def call(self, x):
        return x + self.shift

    def compute_output_shape(self, shape):
        return shape


@family
def own_layer():
    x = keras.Input((4,), name="x")
    return keras.Model(x, L.Dense(2, name="out")(Shift(name="moved")(x)))


@family
def refused():
    """Nothing of it is run: layers that cannot be expressed, some of them within others."""
    x = keras.Input((4, 3), batch_size=2, name="x")
    y = L.Dropout(0.5, name="always")(x, training=True)
    y = Shift(name="moved")(y)
    y = L.Lambda(lambda t: t * 2, name="doubled")(y)
    y = L.GRU(3, stateful=True, return_sequences=True, name="kept")(y)
    return keras.Model(x, L.TimeDistributed(Shift(name="inner"), name="each")(y))


@family
def sequential():
    return keras.Sequential([
        keras.Input((12, 12, 1), name="image"),
        L.Conv2D(4, 3, padding="same", activation="relu"),
        L.BatchNormalization(),
        L.MaxPooling2D(),
        L.Conv2D(6, 3, activation="relu"),
        L.GlobalAveragePooling2D(),
        L.Dropout(0.5),
        L.Dense(5, activation="softmax", name="digits"),
    ], name="small")


@family
def nested():
    a = keras.Input((6,), name="a")
    b = keras.Input((6,), name="b")
    deepest = keras.Sequential(
        [keras.Input((5,)), L.Dense(5, activation="relu"), L.BatchNormalization()], name="deepest")
    i = keras.Input((6,))
    hidden = L.Dense(5)(i)
    tower = keras.Model(i, [L.Add()([deepest(hidden), hidden]), hidden], name="tower")
    p = keras.Input((5,), name="p")
    q = keras.Input((5,), name="q")
    named = keras.Model({"p": p, "q": q}, L.Dense(3)(L.Concatenate()([q, p])), name="named")
    shared = L.Dense(6, activation="tanh", name="shared")
    left = tower(shared(a))
    right = tower(shared(shared(b)))
    joined = named({"q": left[0], "p": right[1]})
    return keras.Model({"a": a, "b": b}, {"joined": joined, "right": right[0]})


@family
def open_sizes():
    x = keras.Input((None, None, 3), name="image")
    s = keras.Input((None, 3), name="sequence")
    y = L.MaxPooling2D(3, strides=2, padding="same")(
        L.Conv2D(4, 3, strides=2, padding="same")(x))
    made = {
        "image_out": L.GlobalAveragePooling2D()(L.UpSampling2D(2)(y)),
        "steps": L.Bidirectional(L.LSTM(3, return_sequences=True))(s),
        "other_steps": L.GRU(3, activation="silu", return_sequences=True)(s),
        "distributed": L.TimeDistributed(L.Dense(2))(s),
        "heads": L.MultiHeadAttention(2, 3)(s, s, use_causal_mask=True),
        "dilated": L.Conv1D(3, 2, padding="causal", dilation_rate=2)(s),
    }
    return branches([x, s], made)


@family
def double_precision():
    with_policy = {"dtype": "float64"}
    x = keras.Input((6, 3), name="x", dtype="float64")
    made = {
        "dense": L.Dense(3, **with_policy)(x),
        "norm": L.LayerNormalization(**with_policy)(x),
        "gru": L.GRU(3, **with_policy)(x),
    }
    return branches([x], made)


@family
def mixed_precision():
    x = keras.Input((6, 6, 3), name="x")
    half = {"dtype": "mixed_float16"}
    y = L.Conv2D(4, 3, activation="relu", **half)(x)
    y = L.BatchNormalization(**half)(y)
    y = L.GlobalAveragePooling2D(**half)(y)
    return keras.Model(x, L.Dense(3, activation="softmax", dtype="float32", name="out")(y))


@family
def attention_axes():
    q = keras.Input((3, 4, 5), name="query")
    v = keras.Input((3, 4, 6), name="value")
    w = keras.Input((2, 5, 5), name="other")
    m = keras.Input((3, 4, 3, 4), dtype="bool", name="seen")
    scores = L.MultiHeadAttention(2, 3, value_dim=2)(q, w, return_attention_scores=True)
    made = {
        "all": L.MultiHeadAttention(2, 3)(q, v),
        "all_masked": L.MultiHeadAttention(2, 3, use_bias=False)(q, v, attention_mask=m),
        "rows": L.MultiHeadAttention(2, 3, attention_axes=1, value_dim=4)(q, v),
        "columns": L.MultiHeadAttention(2, 3, attention_axes=(2,), output_shape=(2, 3))(q, v),
        "swapped": L.MultiHeadAttention(1, 2, attention_axes=(2, 1), use_gate=True)(q, v),
        "last": L.MultiHeadAttention(1, 2, attention_axes=-2)(q, v),
        "causal": L.MultiHeadAttention(1, 2, attention_axes=1)(q, v, use_causal_mask=True),
        "scores": scores[0],
        "scores_weights": scores[1],
    }
    return branches([q, v, w, m], made)


@family
def attention_masks():
    """Masks go into attention, and the attention of several heads takes them away."""
    ids = keras.Input((6,), dtype="int32", name="ids")
    x = keras.Input((6, 4), name="x")
    seen = keras.Input((6, 6), dtype="bool", name="seen")

    def embedded():
        return L.Embedding(5, 4, mask_zero=True)(ids)

    def masked():
        return L.Masking(mask_value=0.5)(x)

    e, f, g = embedded(), embedded(), masked()
    attended = L.MultiHeadAttention(2, 3)(e, e)
    residual = L.Add()([e, attended])
    scores = L.MultiHeadAttention(2, 3)(f, g, f, attention_mask=seen, return_attention_scores=True)
    made = {
        "residual": L.LSTM(3)(residual),
        "attended": L.LSTM(3)(attended),
        "twice": L.MultiHeadAttention(2, 3)(residual, residual),
        "before": L.GRU(3)(embedded()),
        "scores": scores[0],
        "scores_weights": scores[1],
        "after": L.GRU(3)(L.Dense(4)(g)),
        "dropout": L.MultiHeadAttention(2, 3, dropout=0.3)(masked(), embedded(), use_causal_mask=True),
        "grouped": L.LSTM(3)(L.GroupQueryAttention(4, 4, 2)(embedded(), masked())),
        "grouped_kept": L.GroupQueryAttention(2, 4, 2, sliding_window=3)(
            embedded(), x, masked(), attention_mask=seen),
        "plain": L.LSTM(3)(L.Attention()([embedded(), masked()], use_causal_mask=True)),
    }
    return branches([ids, x, seen], made)


@family
def resizing():
    x = keras.Input((6, 8, 2), name="image")
    f = keras.Input((2, 6, 8), name="first")
    p = keras.Input((5, 7, 1), dtype="uint8", name="pixels")
    made = {}
    for kind in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
        made[kind + "_up"] = L.Resizing(11, 9, interpolation=kind)(x)
        made[kind + "_down"] = L.Resizing(4, 5, interpolation=kind, antialias=True)(x)
        made[kind + "_sharp"] = L.Resizing(
            5, 3, interpolation=kind, data_format="channels_first")(f)
        made[kind + "_pixels"] = L.Resizing(8, 3, interpolation=kind)(p)
        made[kind + "_times"] = L.UpSampling2D((3, 2), interpolation=kind)(x)
    made.update({
        "crop": L.Resizing(5, 3, crop_to_aspect_ratio=True)(x),
        "crop_high": L.Resizing(3, 9, crop_to_aspect_ratio=True, interpolation="bicubic")(x),
        "pad": L.Resizing(7, 3, pad_to_aspect_ratio=True, fill_value=1.5)(x),
        "pad_wide": L.Resizing(
            3, 9, pad_to_aspect_ratio=True, interpolation="nearest", data_format="channels_first")(f),
        "same": L.Resizing(6, 8, interpolation="lanczos3")(x),
        "enlarged": L.CenterCrop(9, 4)(x),
        "enlarged_first": L.CenterCrop(7, 9, data_format="channels_first")(f),
        "cut": L.CenterCrop(3, 3)(p),
    })
    return branches([x, f, p], made)


@family
def masked_merging():
    ids = keras.Input((6,), dtype="int32", name="ids")
    x = keras.Input((6, 3), name="x")
    e = L.Embedding(5, 3, mask_zero=True)(ids)
    m = L.Masking(mask_value=0.5)(x)
    made = {}
    for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"):
        layer = getattr(L, name)
        made[name.lower()] = layer()([e, m])
        made[name.lower() + "_after"] = L.LSTM(2)(layer()([e, m]))
        made[name.lower() + "_one"] = layer()([x, e])
        made[name.lower() + "_one_after"] = L.LSTM(2)(layer()([e, x]))
        if name != "Subtract":
            made[name.lower() + "_three"] = layer()([m, e, x])
    made["broadcast"] = L.Multiply()([e, L.GlobalMaxPooling1D()(x)])
    made["dot"] = L.Dot(axes=2)([e, m])
    made["normalised"] = L.LSTM(2)(L.Normalization(mean=0.5, variance=2.0)(m))
    made["unrolled"] = L.Bidirectional(L.LSTM(2, unroll=True, return_sequences=True))(e)
    return branches([ids, x], made)


@family
def application_layers():
    """Layers that keras.applications brings along, and pools of what is padded."""
    from keras.src.applications.convnext import LayerScale, StochasticDepth
    from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

    x = keras.Input((5, 6, 4), name="image")
    s = keras.Input((None, 3), name="sequence")
    padded = L.ZeroPadding2D(((1, 1), (1, 1)))(x)
    made = {
        "scaled": LayerScale(1e-6, 4)(x),
        "deep": L.Add()([x, StochasticDepth(0.3)(x)]),
        "residual": CustomScaleLayer(0.17)([x, L.Dense(4)(x)]),
        "padded_max": L.MaxPooling2D(3, strides=2)(padded),
        "padded_average": L.AveragePooling2D(3, strides=2)(padded),
        "padded_picked": L.MaxPooling2D(1, strides=2)(padded),
        "picked": L.AveragePooling1D(1, strides=3, padding="same")(s),
        "far": L.MaxPooling1D(2, strides=4, padding="same")(s),
    }
    return branches([x, s], made)


@keras.saving.register_keras_serializable("fixtures")
def flat_sigmoid(x):
    """The hard_sigmoid of Keras 1 and 2."""
    return ops.clip(0.2 * x + 0.5, 0, 1)


def keras2(folder, recorded):
    """A file as Keras 2 wrote it: other settings, paths, calls and a flatter hard_sigmoid.

    A call with training=True is one in any mode.
    """
    x = keras.Input((6, 3), name="x")
    inner = keras.Sequential(
        [keras.Input((6, 4)), L.Dense(4, name="hidden"), L.BatchNormalization(name="norm")],
        name="inner")
    h = L.LSTM(4, recurrent_activation=flat_sigmoid, return_sequences=True, name="lstm")(x)
    h = inner(h)
    g = L.GRU(3, recurrent_activation=flat_sigmoid, reset_after=False, name="gru")(h)
    leaky = L.LeakyReLU(negative_slope=0.1, name="leaky")(g)
    normed = L.BatchNormalization(name="of_batch")(leaky, training=True)
    model = keras.Model(x, L.Dense(2, activation=flat_sigmoid, name="out")(normed))
    randomize(model)

    def plain(layer, **settings):
        config = {"name": layer.name, "trainable": True, "dtype": "float32"}
        return dict(config, **settings)

    def node(*calls):
        return [[[name, call, 0, {}] for name, call in calls]]

    gates = {"activation": "tanh", "recurrent_activation": "hard_sigmoid", "use_bias": True}
    layers = [
        ("InputLayer", "x", {"batch_input_shape": [None, 6, 3], "dtype": "float32", "name": "x"}, []),
        ("LSTM", "lstm", plain(model.get_layer("lstm"), units=4, return_sequences=True, **gates),
         node(("x", 0))),
        ("Sequential", "inner", {"name": "inner", "layers": [
            {"class_name": "InputLayer",
             "config": {"batch_input_shape": [None, 6, 4], "dtype": "float32", "name": "inner_in"}},
            {"class_name": "Dense", "config": plain(
                inner.layers[0], units=4, activation="linear", use_bias=True)},
            {"class_name": "BatchNormalization", "config": plain(
                inner.layers[1], axis=[2], epsilon=0.001, center=True, scale=True)},
        ]}, node(("lstm", 0))),
        ("GRU", "gru", plain(model.get_layer("gru"), units=3, reset_after=False, **gates),
         node(("inner", 1))),
        ("LeakyReLU", "leaky", plain(model.get_layer("leaky"), alpha=0.1), node(("gru", 0))),
        ("BatchNormalization", "of_batch", plain(
            model.get_layer("of_batch"), axis=[1], epsilon=0.001, center=True, scale=True),
         [[["leaky", 0, 0, {"training": True}]]]),
        ("Dense", "out", plain(model.get_layer("out"), units=2, activation="hard_sigmoid",
                               use_bias=True), node(("of_batch", 0))),
    ]
    config = {"class_name": "Functional", "config": {
        "name": "old",
        "layers": [{"class_name": c, "name": n, "config": g, "inbound_nodes": calls}
                   for c, n, g, calls in layers],
        "input_layers": [["x", 0, 0]], "output_layers": [["out", 0, 0]]}}
    with h5py.File(os.path.join(folder, "keras2.h5"), "w") as file:
        file.attrs["keras_version"] = "2.15.0"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(config)
        weights = file.create_group("model_weights")
        for _, name, _, _ in layers:
            group = weights.create_group(name)
            if name == "x":
                group.attrs["weight_names"] = np.array([], dtype="S1")
                continue
            layer = model.get_layer(name)
            saved = []
            for weight in layer.trainable_weights + layer.non_trainable_weights:
                path = weight.path.replace("inner/", "") + ":0"
                group.create_dataset(path, data=weight.numpy())
                saved.append(path.encode())
            group.attrs["weight_names"] = saved
    inputs = {"x": RANDOM.normal(size=(2, 6, 3)).astype("float32")}
    if "keras2" in recorded:
        del recorded["keras2"]
    group = recorded.create_group("keras2")
    record(group, "inputs", inputs)
    record(group, "outputs", {"out": model(inputs["x"]).numpy()})


def keras1(folder, recorded):
    """Files as Keras 1 wrote them: other classes and settings, and each gate's weights apart."""
    def split(weights, order):
        """W, U and b of each gate; order has Keras 1's place of each of Keras 2's gates."""
        kernel, recurrent, bias = (np.split(w, len(order), axis=-1) for w in weights)
        return [part[order.index(i)] for i in range(len(order)) for part in (kernel, recurrent, bias)]

    def write(name, kind, config, weights, model, inputs):
        with h5py.File(os.path.join(folder, name + ".h5"), "w") as file:
            file.attrs["keras_version"] = "1.2.2"
            file.attrs["model_config"] = json.dumps({"class_name": kind, "config": config})
            group = file.create_group("model_weights")
            group.attrs["layer_names"] = [n.encode() for n in weights]
            for layer, named in weights.items():
                own = group.create_group(layer)
                own.attrs["weight_names"] = (
                    [n.encode() for n, _ in named] if named else np.array([], dtype="S1"))
                for n, array in named:
                    own.create_dataset(n, data=array)
        if name in recorded:
            del recorded[name]
        group = recorded.create_group(name)
        record(group, "inputs", inputs)
        given = list(inputs.values())
        outputs = model(given[0] if len(given) == 1 else given, training=False)
        record(group, "outputs", {model.layers[-1].name: outputs.numpy()})

    def numbered(layer, roles, arrays):
        return [("%s_%s:0" % (layer, r), a) for r, a in zip(roles, arrays)]

    lstm_roles = ["%s_%s" % (r, g) for g in "icfo" for r in "WUb"]
    gru_roles = ["%s_%s" % (r, g) for g in "zrh" for r in "WUb"]
    lstm_order, gru_order = [0, 2, 1, 3], [0, 1, 2]

    # A Sequential model of images
    model = keras.Sequential([
        keras.Input((8, 7, 2), name="convolution2d_1_input"),
        L.Conv2D(3, (3, 2), strides=(1, 2), padding="same", activation="relu"),
        L.ZeroPadding2D(((1, 0), (2, 1))),
        L.MaxPooling2D((2, 2)),
        L.BatchNormalization(epsilon=1e-6),
        L.Conv2DTranspose(2, (3, 3), strides=(1, 1), padding="valid"),
        L.Flatten(),
        L.Dense(4, activation=flat_sigmoid, name="dense_1"),
    ])
    randomize(model)
    conv, norm, deconv, dense_1 = (model.layers[i].get_weights() for i in (0, 3, 4, 6))
    deconv[0] = deconv[0].transpose(0, 1, 3, 2)
    plain = {"trainable": True, "W_regularizer": None, "b_regularizer": None}
    write("keras1_image", "Sequential", [
        {"class_name": "Convolution2D", "config": dict(
            plain, name="convolution2d_1", batch_input_shape=[None, 8, 7, 2], input_dtype="float32",
            nb_filter=3, nb_row=3, nb_col=2, subsample=[1, 2], border_mode="same", bias=True,
            dim_ordering="tf", activation="relu", init="glorot_uniform")},
        {"class_name": "ZeroPadding2D", "config": {
            "name": "zeropadding2d_1", "trainable": True, "padding": [1, 0, 2, 1],
            "dim_ordering": "tf"}},
        {"class_name": "MaxPooling2D", "config": {
            "name": "maxpooling2d_1", "trainable": True, "pool_size": [2, 2], "strides": [2, 2],
            "border_mode": "valid", "dim_ordering": "tf"}},
        {"class_name": "BatchNormalization", "config": {
            "name": "batchnormalization_1", "trainable": True, "mode": 0, "axis": -1,
            "momentum": 0.99, "epsilon": 1e-6, "gamma_regularizer": None, "beta_regularizer": None}},
        {"class_name": "Deconvolution2D", "config": dict(
            plain, name="deconvolution2d_1", nb_filter=2, nb_row=3, nb_col=3, subsample=[1, 1],
            border_mode="valid", bias=True, dim_ordering="tf", activation="linear",
            output_shape=[None, 6, 6, 2])},
        {"class_name": "Flatten", "config": {"name": "flatten_1", "trainable": True}},
        {"class_name": "Dropout", "config": {"name": "dropout_1", "trainable": True, "p": 0.5}},
        {"class_name": "Dense", "config": dict(
            plain, name="dense_1", output_dim=4, input_dim=None, bias=True,
            activation="hard_sigmoid", init="glorot_uniform")},
    ], {
        "convolution2d_1": numbered("convolution2d_1", "Wb", conv),
        "zeropadding2d_1": [], "maxpooling2d_1": [],
        "batchnormalization_1": numbered(
            "batchnormalization_1", ["gamma", "beta", "running_mean", "running_std"], norm),
        "deconvolution2d_1": numbered("deconvolution2d_1", "Wb", deconv),
        "flatten_1": [], "dropout_1": [],
        "dense_1": numbered("dense_1", "Wb", dense_1),
    }, model, {"convolution2d_1_input": RANDOM.normal(size=(2, 8, 7, 2)).astype("float32")})

    # A functional model of steps, with a model within
    x = keras.Input((6, 3), name="x")
    ids = keras.Input((6,), dtype="int32", name="ids")
    embedding = L.Embedding(5, 3, mask_zero=True)
    lstm = L.LSTM(4, recurrent_activation=flat_sigmoid, return_sequences=True)
    both = L.Bidirectional(L.LSTM(2, recurrent_activation=flat_sigmoid, return_sequences=True))
    gru = L.GRU(3, recurrent_activation=flat_sigmoid, reset_after=False)
    conv1 = L.Conv1D(4, 3, activation="relu")
    each = L.TimeDistributed(L.Dense(5))
    hidden, last = L.Dense(3, activation="tanh"), L.Dense(2, name="last")
    joined = L.Concatenate()([each(lstm(embedding(ids))), both(x)])
    pooled = L.MaxPooling1D(2)(conv1(joined))
    model = keras.Model([x, ids], last(hidden(gru(pooled))))
    randomize(model)
    forward, backward = np.array_split(np.arange(6), 2)
    halves = both.get_weights()
    gates = {"activation": "tanh", "inner_activation": "hard_sigmoid", "stateful": False,
             "go_backwards": False, "unroll": False, "consume_less": "cpu", "return_sequences": True}

    def layer(kind, name, calls, **config):
        return {"class_name": kind, "name": name, "config": dict(config, name=name, trainable=True),
                "inbound_nodes": [[[c, 0, 0] for c in calls]] if calls else []}

    write("keras1_steps", "Model", {
        "name": "model_1",
        "layers": [
            layer("InputLayer", "ids", [], batch_input_shape=[None, 6], input_dtype="int32"),
            layer("InputLayer", "x", [], batch_input_shape=[None, 6, 3], input_dtype="float32"),
            layer("Embedding", "embedding_1", ["ids"], input_dim=5, output_dim=3, mask_zero=True,
                  input_length=None, dropout=0.0, W_regularizer=None),
            layer("LSTM", "lstm_1", ["embedding_1"], output_dim=4, **gates),
            layer("TimeDistributed", "timedistributed_1", ["lstm_1"], layer={
                "class_name": "Dense", "config": dict(
                    plain, name="dense_9", output_dim=5, bias=True, activation="linear")}),
            layer("Bidirectional", "bidirectional_1", ["x"], merge_mode="concat", layer={
                "class_name": "LSTM", "config": dict(
                    gates, name="lstm_2", trainable=True, output_dim=2)}),
            layer("Merge", "merge_1", ["timedistributed_1", "bidirectional_1"], mode="concat",
                  mode_type="raw", concat_axis=-1, dot_axes=-1, output_shape=None,
                  output_shape_type="raw", output_mask=None, output_mask_type="raw", arguments={}),
            layer("Convolution1D", "convolution1d_1", ["merge_1"], nb_filter=4, filter_length=3,
                  subsample_length=1, border_mode="valid", bias=True, activation="relu"),
            layer("MaxPooling1D", "maxpooling1d_1", ["convolution1d_1"], pool_length=2, stride=2,
                  border_mode="valid"),
            layer("GRU", "gru_1", ["maxpooling1d_1"], output_dim=3,
                  **dict(gates, return_sequences=False)),
            dict(layer("Sequential", "sequential_1", ["gru_1"]), config=[
                {"class_name": "Dense", "config": dict(
                    plain, name="dense_2", output_dim=3, bias=True, activation="tanh",
                    batch_input_shape=[None, 3])}]),
            layer("Dense", "last", ["sequential_1"], output_dim=2, bias=True, activation="linear"),
        ],
        "input_layers": [["x", 0, 0], ["ids", 0, 0]], "output_layers": [["last", 0, 0]],
    }, {
        "embedding_1": numbered("embedding_1", "W", embedding.get_weights()),
        "lstm_1": numbered("lstm_1", lstm_roles, split(lstm.get_weights(), lstm_order)),
        "timedistributed_1": numbered("timedistributed_1", "Wb", each.get_weights()),
        "bidirectional_1": (
            numbered("forward_lstm_2", lstm_roles, split([halves[i] for i in forward], lstm_order))
            + numbered("backward_lstm_2", lstm_roles,
                       split([halves[i] for i in backward], lstm_order))),
        "convolution1d_1": numbered("convolution1d_1", "Wb", [
            conv1.get_weights()[0][:, None], conv1.get_weights()[1]]),
        "gru_1": numbered("gru_1", gru_roles, split(gru.get_weights(), gru_order)),
        "sequential_1": numbered("dense_2", "Wb", hidden.get_weights()),
        "last": numbered("last", "Wb", last.get_weights()),
    }, model, {
        "x": RANDOM.normal(size=(2, 6, 3)).astype("float32"),
        "ids": np.array([[1, 2, 0, 3, 0, 0], [4, 1, 2, 3, 1, 2]], dtype="int32")})


def layer_names(folder):
    """All layers of this Keras, aliases with the class that they stand for."""
    with open(os.path.join(folder, "layers.txt"), "w") as file:
        for name in dir(L):
            layer = getattr(L, name)
            if inspect.isclass(layer) and issubclass(layer, keras.Layer):
                file.write(name + (" " + layer.__name__ if layer.__name__ != name else "") + "\n")


def shape(spec, size):
    return [size if d is None and axis == 0 else 9 if d is None else d
            for axis, d in enumerate(spec.shape)]


def made_up(spec):
    dims = shape(spec, 2)
    if spec.name == "ids":
        return np.array([[1, 2, 0, 3, 0, 0], [4, 1, 2, 3, 1, 2]], dtype="int32")
    if spec.dtype == "bool":
        seen = RANDOM.random(dims) > 0.4
        seen[..., 0] = True
        return seen
    if spec.dtype.startswith(("int", "uint")):
        return RANDOM.integers(1, 12, size=dims).astype(spec.dtype)
    x = RANDOM.normal(size=dims).astype(spec.dtype)
    if len(dims) == 3:
        x[0, 4:] = 0.5  # what Masking looks for
    return x


def randomize(model):
    """Weights of all kinds differ from their first values, which would hide mistakes."""
    for weight in model.weights:
        value = weight.numpy()
        adapted = weight.path.endswith(("/mean", "/variance"))  # Normalization has used them already
        if "seed" in weight.path or adapted or not np.issubdtype(value.dtype, np.floating):
            continue
        fresh = RANDOM.normal(size=value.shape) * 0.4
        positive = any(k in weight.path for k in ("variance", "gamma", "scale"))
        weight.assign((np.abs(fresh) + 0.5 if positive else fresh).astype(value.dtype))


def compress(path):
    """Keras stores its zips as they are; compressed they take less room in the repository."""
    with zipfile.ZipFile(path) as old:
        entries = [(n, old.read(n)) for n in old.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for name, data in entries:
            new.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data,
                         zipfile.ZIP_DEFLATED, 9)


def record(group, name, arrays):
    inner = group.create_group(name)
    for key, array in arrays.items():
        array = np.asarray(array)
        if array.dtype == bool or array.dtype == np.uint8:
            array = array.astype("int32")
        inner.create_dataset(key, data=array)


LEGACY = ["convolutions", "nested", "recurrent", "sequential", "normalisations", "attention"]


def main(folder, names):
    global RANDOM
    os.makedirs(folder, exist_ok=True)
    with h5py.File(os.path.join(folder, "recorded.h5"), "a" if names else "w",
                   libver="latest") as recorded:
        recorded.attrs["keras"] = keras.__version__
        recorded.attrs["backend"] = keras.backend.backend()
        recorded.attrs["numpy"] = np.__version__
        for name, build in FAMILIES.items():
            if names and name not in names:
                continue
            RANDOM = np.random.default_rng(zlib.crc32(name.encode()))
            keras.utils.set_random_seed(3)
            model = build()
            randomize(model)
            path = os.path.join(folder, name + ".keras")
            model.save(path)
            compress(path)
            if name in LEGACY:
                model.save(os.path.join(folder, name + ".h5"))
            if name == "refused":
                continue
            inputs = {spec.name: made_up(spec) for spec in model.inputs}
            given = inputs if len(inputs) > 1 else list(inputs.values())[0]
            outputs = model(given, training=False)
            if isinstance(outputs, dict):
                outputs = {k: v.numpy() for k, v in outputs.items()}
            else:
                outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
                own = getattr(model, "output_names", [model.layers[-1].name])
                outputs = {n: v.numpy() for n, v in zip(own, outputs)}
            if name in recorded:
                del recorded[name]
            group = recorded.create_group(name)
            record(group, "inputs", inputs)
            record(group, "outputs", outputs)
            print(name, len(outputs))
        if not names or "keras2" in names:
            keras2(folder, recorded)
        if not names or "keras1" in names:
            keras1(folder, recorded)
    layer_names(folder)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
