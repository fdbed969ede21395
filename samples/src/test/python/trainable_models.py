"""Makes the small models that TrainFromFilesTest goes on training, as two frameworks export them.

    python trainable_models.py torch ../resources/dev/sardonyx/samples/training [name ...]
    python trainable_models.py keras ../resources/dev/sardonyx/samples/training

The first wants torch and onnxscript, the second keras. Made with torch 2.13.0, onnxscript 0.7.1 and
keras 3.15.0. Weights are random; each model is exported by torch's exporter of its name: "dynamo" or
"script". The batch is open in all of them.
"""

import os
import sys


def torch_models():
    import torch
    from torch import nn
    import torch.nn.functional as F

    torch.manual_seed(7)

    class LeNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.conv2 = nn.Conv2d(1, 4, 5, padding=2), nn.Conv2d(4, 8, 5)
            self.fc1, self.fc2 = nn.Linear(8 * 4 * 4, 20), nn.Linear(20, 4)

        def forward(self, x):
            x = F.avg_pool2d(torch.tanh(self.conv1(x)), 2)
            x = F.max_pool2d(torch.tanh(self.conv2(x)), 2)
            x = x.view(x.size(0), -1)
            return F.softmax(self.fc2(torch.tanh(self.fc1(x))), dim=1)

    class Basic(nn.Module):
        def __init__(self, i, o, stride):
            super().__init__()
            self.a = nn.Sequential(
                nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
                nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o))
            self.b = nn.Identity() if i == o and stride == 1 else nn.Sequential(
                nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

        def forward(self, x):
            return F.relu(self.a(x) + self.b(x))

    class ResNet(nn.Module):
        """ResNet-18's layout with fewer filters; logits."""

        def __init__(self):
            super().__init__()
            self.stem = nn.Sequential(
                nn.Conv2d(3, 4, 7, 2, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
                nn.MaxPool2d(3, 2, 1))
            widths = [4, 4, 6, 8, 8]
            self.blocks = nn.Sequential(*[
                Basic(widths[i] if j == 0 else widths[i + 1], widths[i + 1],
                      2 if i > 0 and j == 0 else 1)
                for i in range(4) for j in range(2)])
            self.fc = nn.Linear(8, 3)

        def forward(self, x):
            x = F.adaptive_avg_pool2d(self.blocks(self.stem(x)), 1)
            return self.fc(torch.flatten(x, 1))

    class Inverted(nn.Module):
        def __init__(self, i, o, stride, expand):
            super().__init__()
            h = i * expand
            self.skip = stride == 1 and i == o
            self.body = nn.Sequential(
                nn.Conv2d(i, h, 1, bias=False), nn.BatchNorm2d(h), nn.ReLU6(),
                nn.Conv2d(h, h, 3, stride, 1, groups=h, bias=False), nn.BatchNorm2d(h), nn.ReLU6(),
                nn.Conv2d(h, o, 1, bias=False), nn.BatchNorm2d(o))

        def forward(self, x):
            return x + self.body(x) if self.skip else self.body(x)

    class MobileNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(3, 4, 3, 2, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU6(),
                Inverted(4, 6, 2, 2), Inverted(6, 6, 1, 3))
            self.drop, self.fc = nn.Dropout(0.2), nn.Linear(6, 3)

        def forward(self, x):
            return self.fc(self.drop(self.body(x).mean([2, 3])))

    class UNet(nn.Module):
        """Two classes for each pixel, as logits."""

        def __init__(self):
            super().__init__()
            double = lambda i, o: nn.Sequential(
                nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), nn.Conv2d(o, o, 3, padding=1), nn.ReLU())
            self.down1, self.down2, self.bottom = double(1, 4), double(4, 6), double(6, 8)
            self.up2, self.up1 = nn.ConvTranspose2d(8, 6, 2, 2), nn.ConvTranspose2d(6, 4, 2, 2)
            self.join2, self.join1 = double(12, 6), double(8, 4)
            self.head = nn.Conv2d(4, 2, 1)

        def forward(self, x):
            a = self.down1(x)
            b = self.down2(F.max_pool2d(a, 2))
            c = self.bottom(F.max_pool2d(b, 2))
            b = self.join2(torch.cat([self.up2(c), b], 1))
            return self.head(self.join1(torch.cat([self.up1(b), a], 1)))

    class TextConv(nn.Module):
        def __init__(self):
            super().__init__()
            self.vectors = nn.Embedding(20, 6)
            self.convs = nn.ModuleList([nn.Conv1d(6, 4, k) for k in (2, 3)])
            self.fc = nn.Linear(8, 3)

        def forward(self, words):
            x = self.vectors(words).transpose(1, 2)
            x = torch.cat([F.relu(c(x)).max(dim=2)[0] for c in self.convs], 1)
            return self.fc(x)

    class Volume(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv3d(1, 3, 3, padding=1), nn.BatchNorm3d(3), nn.ReLU(), nn.MaxPool3d(2),
                nn.Conv3d(3, 4, (1, 3, 3), padding=(0, 1, 1)), nn.ReLU(), nn.AdaptiveAvgPool3d(1),
                nn.Flatten(), nn.Linear(4, 3))

        def forward(self, x):
            return self.body(x)

    class Recurrent(nn.Module):
        def __init__(self, cell, **options):
            super().__init__()
            self.rnn = cell(4, 6, batch_first=True, **options)
            self.fc = nn.Linear(12 if options.get("bidirectional") else 6, 3)

        def forward(self, x):
            return self.fc(self.rnn(x)[0][:, -1])

    class Tagger(nn.Module):
        """A class for each step."""

        def __init__(self):
            super().__init__()
            self.rnn, self.fc = nn.LSTM(4, 6, batch_first=True), nn.Linear(6, 3)

        def forward(self, x):
            return F.softmax(self.fc(self.rnn(x)[0]), dim=-1)

    class Decoder(nn.Module):
        """What a variational autoencoder makes images with."""

        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(5, 8 * 2 * 2)
            self.body = nn.Sequential(
                nn.ConvTranspose2d(8, 6, 3, 2, 1, output_padding=1, bias=False),
                nn.BatchNorm2d(6), nn.ReLU(), nn.ConvTranspose2d(6, 1, 4, 2, 1), nn.Sigmoid())

        def forward(self, z):
            return self.body(self.fc(z).view(-1, 8, 2, 2))

    class Slopes(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(1, 4, 3), nn.PReLU(4), nn.Conv2d(4, 4, 3), nn.PReLU(), nn.Flatten(),
                nn.Linear(64, 6), nn.PReLU(6), nn.Linear(6, 3))

        def forward(self, x):
            return self.body(x)

    class Larger(nn.Module):
        """Images of twice the size."""

        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.Conv2d(6, 4, 3, padding=1),
                nn.PixelShuffle(2))

        def forward(self, x):
            return self.body(x)

    class Shuffled(nn.Module):
        """ShuffleNet's channel shuffle and channel split."""

        def __init__(self):
            super().__init__()
            self.stem, self.branch = nn.Conv2d(1, 8, 3, 2, 1), nn.Conv2d(4, 4, 3, 1, 1, groups=2)
            self.fc = nn.Linear(8, 3)

        def forward(self, x):
            x = F.relu(self.stem(x))
            a, b = x.chunk(2, dim=1)
            x = torch.cat([a, F.relu(self.branch(b))], 1)
            n, c, h, w = x.shape
            x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
            return self.fc(x.mean(dim=(2, 3)))

    class TwoInputs(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.dense = nn.Conv2d(1, 4, 3, padding=1), nn.Linear(3, 4)
            self.fc = nn.Linear(4 * 16 + 4, 2)

        def forward(self, image, numbers):
            a = F.max_pool2d(F.relu(self.conv(image)), 2).flatten(1)
            return self.fc(torch.cat([a, F.relu(self.dense(numbers))], 1))

    class TwoOutputs(nn.Module):
        """A class and a number."""

        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(6, 8), nn.Tanh())
            self.kind, self.size = nn.Linear(8, 3), nn.Linear(8, 1)

        def forward(self, x):
            x = self.body(x)
            return F.softmax(self.kind(x), dim=1), self.size(x)

    class Normal(nn.Module):
        """Convolution over a signal; statistics that begin alike in every layer."""

        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv1d(2, 4, 3, 2, 1, bias=False), nn.BatchNorm1d(4), nn.ReLU(),
                nn.Conv1d(4, 4, 3, 1, 1, groups=4, bias=False), nn.BatchNorm1d(4), nn.ReLU(),
                nn.MaxPool1d(2), nn.Flatten(), nn.Linear(16, 2))

        def forward(self, x):
            return self.body(x)

    image = torch.randn(2, 1, 8, 8)
    return {
        "lenet": (LeNet(), (torch.randn(2, 1, 24, 24),), "script"),
        "resnet18": (ResNet(), (torch.randn(2, 3, 32, 32),), "dynamo"),
        "mobilenet": (MobileNet(), (torch.randn(2, 3, 16, 16),), "script"),
        "unet": (UNet(), (image,), "dynamo"),
        "text": (TextConv(), (torch.randint(0, 20, (2, 7)),), "dynamo"),
        "volume": (Volume(), (torch.randn(2, 1, 4, 8, 8),), "dynamo"),
        "rnn": (Recurrent(nn.RNN), (torch.randn(2, 5, 4),), "script"),
        "lstm": (Recurrent(nn.LSTM), (torch.randn(2, 5, 4),), "dynamo"),
        "bidirectional": (
            Recurrent(nn.LSTM, bidirectional=True), (torch.randn(2, 5, 4),), "script"),
        "tagger": (Tagger(), (torch.randn(2, 5, 4),), "dynamo"),
        "decoder": (Decoder(), (torch.randn(2, 5),), "script"),
        "prelu": (Slopes(), (image,), "dynamo"),
        "pixelshuffle": (Larger(), (image,), "script"),
        "shuffle": (Shuffled(), (image,), "script"),
        "signal": (Normal(), (torch.randn(2, 2, 16),), "dynamo"),
        "two_inputs": (TwoInputs(), (image, torch.randn(2, 3)), "script"),
        "two_outputs": (TwoOutputs(), (torch.randn(2, 6),), "dynamo"),
    }


def export(folder, *chosen):
    import torch

    for name, (model, inputs, exporter) in torch_models().items():
        if chosen and name not in chosen:
            continue
        file = os.path.join(folder, name + ".onnx")
        names = ["input%d" % i for i in range(len(inputs))]
        if exporter == "script":
            # As in training, so that Dropout stays and BatchNormalization is not folded away.
            torch.onnx.export(
                model.eval(), inputs, file, input_names=names, dynamo=False, opset_version=17,
                training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
                dynamic_axes={n: {0: "N"} for n in names})
        else:
            batch = torch.export.Dim("N")
            torch.onnx.export(
                model.eval(), inputs, file, input_names=names, dynamo=True, external_data=False,
                dynamic_shapes=tuple({0: batch} for _ in inputs), optimize=True, verbose=False)
        print(name, exporter, os.path.getsize(file))


def keras_models(folder):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    from keras import layers as L

    keras.utils.set_random_seed(7)
    image = keras.Sequential([
        keras.Input((8, 8, 3)),
        L.Conv2D(4, 3, padding="same", use_bias=False), L.BatchNormalization(), L.ReLU(),
        L.MaxPooling2D(), L.DepthwiseConv2D(3, padding="same", activation="relu"),
        L.GlobalAveragePooling2D(), L.Dropout(0.2), L.Dense(3, activation="softmax")])
    words = keras.Sequential([
        keras.Input((6,), dtype="int32"),
        L.Embedding(20, 5), L.Conv1D(4, 3, activation="relu"), L.GlobalMaxPooling1D(),
        L.Dense(1, activation="sigmoid")])
    steps = keras.Sequential([
        keras.Input((5, 4)), L.LSTM(6, return_sequences=True), L.SimpleRNN(5), L.Dense(2)])
    for name, model in {"keras_image": image, "keras_words": words, "keras_steps": steps}.items():
        file = os.path.join(folder, name + ".h5")
        model.save(file)
        print(name, os.path.getsize(file))


if __name__ == "__main__":
    {"torch": export, "keras": keras_models}[sys.argv[1]](*sys.argv[2:])
