"""Writes five more models of this folder: parts of PyTorch networks, written by torch.onnx and fused
by ONNX Runtime's optimizer for transformers; and an LSTM, quantised dynamically.

    pip install onnx==1.23.1 onnxruntime==1.30.0 torch==2.13.0 onnxscript numpy
    python transformer_models.py

The step of a denoiser comes before it is fused, too, since no CPU runs what it is fused to.
"""

import math
import os
import tempfile

import torch
import torch.nn.functional as F
from onnxruntime import quantization
from onnxruntime.transformers import optimizer
from torch import nn

SIZE = 8
HEADS = 2


class Attention(nn.Module):
    def __init__(self, bias=True):
        super().__init__()
        self.q = nn.Linear(SIZE, SIZE, bias)
        self.k = nn.Linear(SIZE, SIZE, bias)
        self.v = nn.Linear(SIZE, SIZE, bias)
        self.o = nn.Linear(SIZE, SIZE)

    @staticmethod
    def heads(x):
        return x.view(x.size(0), x.size(1), HEADS, SIZE // HEADS).permute(0, 2, 1, 3)

    def forward(self, x, mask=None, context=None, scale=1 / math.sqrt(SIZE // HEADS)):
        context = x if context is None else context
        q, k, v = self.heads(self.q(x)), self.heads(self.k(context)), self.heads(self.v(context))
        scores = torch.matmul(q, k.transpose(-1, -2))
        scores = scores / (1 / scale) if scale != 1 else scores
        scores = scores if mask is None else scores + mask
        y = torch.matmul(torch.softmax(scores, -1), v).permute(0, 2, 1, 3).contiguous()
        return self.o(y.view(x.size(0), x.size(1), SIZE))


class TextOfClip(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(30, SIZE), nn.Embedding(12, SIZE)
        self.attention = Attention()
        self.before, self.between, self.after = (nn.LayerNorm(SIZE) for _ in range(3))
        self.up, self.down = nn.Linear(SIZE, 2 * SIZE), nn.Linear(2 * SIZE, SIZE)
        self.register_buffer("numbers", torch.arange(12)[None])

    def forward(self, input_ids):
        n = input_ids.size(1)
        x = self.words(input_ids) + self.places(self.numbers[:, :n])
        mask = torch.full((n, n), -3.4e38).triu(1)[None, None]
        x = x + self.attention(self.before(x), mask)
        y = self.up(self.between(x))
        return self.after(x + self.down(y * torch.sigmoid(1.702 * y)))


class RootMeanSquare(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(1 + 0.1 * torch.randn(SIZE))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


class EncoderOfT5(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(30, SIZE)
        self.attention = Attention(False)
        self.before, self.between, self.after = (RootMeanSquare() for _ in range(3))
        self.up, self.down = nn.Linear(SIZE, 2 * SIZE, False), nn.Linear(2 * SIZE, SIZE, False)

    def forward(self, input_ids, attention_mask):
        x = self.words(input_ids)
        mask = (1.0 - attention_mask[:, None, None, :].float()) * -10000.0
        x = x + self.attention(self.before(x), mask, scale=1)
        return self.after(x + self.down(F.relu(self.up(self.between(x)))))


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(4, SIZE, 3, padding=1)
        self.second = nn.Conv2d(SIZE, SIZE, 3, padding=1)
        self.groups = nn.GroupNorm(4, SIZE)
        self.norms = nn.ModuleList([nn.LayerNorm(SIZE) for _ in range(3)])
        self.own, self.other = Attention(False), Attention(False)
        self.project, self.time = nn.Linear(SIZE, SIZE), nn.Linear(SIZE, SIZE)
        self.up, self.down = nn.Linear(SIZE, 8 * SIZE), nn.Linear(4 * SIZE, SIZE)

    def forward(self, sample, timestep, encoder_hidden_states):
        x = self.first(sample)
        h = self.second(F.silu(self.groups(x))) + self.time(timestep)[:, :, None, None] + x
        n, c, height, width = h.shape
        y = self.project(self.groups(h).permute(0, 2, 3, 1).reshape(n, height * width, c))
        y = self.own(self.norms[0](y)) + y
        y = self.other(self.norms[1](y), context=encoder_hidden_states) + y
        left, right = self.up(self.norms[2](y)).chunk(2, -1)
        y = self.down(left * F.gelu(right)) + y
        return y.reshape(n, height, width, c).permute(0, 3, 1, 2) + h


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, SIZE, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0]


def export(network, inputs, file, dynamic=()):
    axes = {name: {0: "batch", 1: "sequence"} for name in dynamic}
    torch.onnx.export(
        network.eval(),
        tuple(inputs.values()),
        file,
        input_names=list(inputs),
        output_names=["y"],
        opset_version=17,
        dynamo=False,
        dynamic_axes=axes,
    )


def fused(source, kind, name):
    model = optimizer.optimize_model(source, kind, num_heads=HEADS, hidden_size=SIZE, opt_level=0)
    model.save_model_to_file(name)


def main():
    torch.manual_seed(3)
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    ids, mask = torch.randint(0, 30, (2, 5)), torch.ones(2, 5, dtype=torch.long)
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "source.onnx")
        export(TextOfClip(), {"input_ids": ids}, source, ["input_ids"])
        fused(source, "clip", "text-fused.onnx")
        both = {"input_ids": ids, "attention_mask": mask}
        export(EncoderOfT5(), both, source, list(both))
        fused(source, "t5", "rms-fused.onnx")
        step = {
            "sample": torch.randn(2, 4, 4, 4),
            "timestep": torch.randn(2, SIZE),
            "encoder_hidden_states": torch.randn(2, 5, SIZE),
        }
        export(Denoiser(), step, "denoiser.onnx")
        fused("denoiser.onnx", "unet", "denoiser-fused.onnx")
        export(Recurrent(), {"x": torch.randn(2, 6, 6)}, source)
        quantization.quantize_dynamic(source, "recurrent-dynamic.onnx")


if __name__ == "__main__":
    main()
