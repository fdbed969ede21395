"""Writes the files beside it with PyTorch and the safetensors package.

Made with safetensors 0.8.0 and torch 2.13.0:  python safetensors_fixtures.py
"""

import json
import pathlib

import torch
from safetensors.torch import save_file

folder = pathlib.Path(__file__).parent
types = {
    "bool": torch.bool,
    "uint8": torch.uint8,
    "int8": torch.int8,
    "int16": torch.int16,
    "uint16": torch.uint16,
    "int32": torch.int32,
    "uint32": torch.uint32,
    "int64": torch.int64,
    "uint64": torch.uint64,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float": torch.float32,
    "double": torch.float64,
    "float8e4m3fn": torch.float8_e4m3fn,
    "float8e5m2": torch.float8_e5m2,
    "float8e4m3fnuz": torch.float8_e4m3fnuz,
    "float8e5m2fnuz": torch.float8_e5m2fnuz,
}
numbers = torch.tensor([[0, 1, 2], [1, 0, 3]], dtype=torch.float32)
every = {name: numbers.to(t) for name, t in types.items()}
every["scalar"] = torch.tensor(2.5)
every["empty"] = torch.zeros((0, 3))
every["Größe \"x\"\n"] = torch.ones(1)
save_file(every, folder / "every-type.safetensors", metadata={"format": "pt"})

save_file({"a": torch.ones(2)}, folder / "part-1.safetensors")
save_file({"b": torch.zeros(3), "c": torch.ones(1)}, folder / "part-2.safetensors")
index = {
    "metadata": {"total_size": 24},
    "weight_map": {
        "a": "part-1.safetensors",
        "b": "part-2.safetensors",
        "c": "part-2.safetensors",
    },
}
(folder / "parts.safetensors.index.json").write_text(json.dumps(index))
