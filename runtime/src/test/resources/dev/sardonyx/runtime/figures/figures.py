"""Writes figures.json: what numpy tells of tensors that FiguresAgainstNumpyTest makes by the same formula.

    pip install numpy
    python figures.py > figures.json

Each case: element type, rows and columns of a batch, batches, seed, and how large the noise is. Numbers
come from a linear congruential generator, and all arithmetic before the rounding to the type is that of
doubles, so that Java makes the same ones.
"""

import json

import numpy as np

RTOL, ATOL = 1e-2, 1e-3
BOUNDS = [0, 1, 4, 16, 256, 65536]
MASK = (1 << 64) - 1

CASES = [
    ("float", 40, 30, 2, 1, 2.0**-9),
    ("float", 7, 5, 1, 2, 2.0**-20),
    ("float", 300, 12, 1, 3, 0.5),
    ("float", 4, 16, 1, 4, 0.0),
    ("double", 9, 11, 3, 5, 2.0**-40),
    ("float16", 16, 10, 2, 6, 2.0**-8),
    ("bfloat16", 16, 10, 2, 7, 2.0**-5),
]


def uniforms(state, count):
    numbers = []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & MASK
        numbers.append((state >> 40) / 2.0**24)
    return state, np.array(numbers, dtype=np.float64)


def rounded(kind, numbers):
    """The numbers that the type makes of them, as doubles, and their places among all of the type."""
    if kind == "double":
        bits = numbers.view(np.int64)
        return numbers, np.where(bits < 0, np.iinfo(np.int64).min - bits, bits)
    if kind == "float16":
        narrow = numbers.astype(np.float16)
        bits = narrow.view(np.int16).astype(np.int64)
        return narrow.astype(np.float64), np.where(bits < 0, -32768 - bits, bits)
    # A double of 24 random bits is not rounded twice by going through float to bfloat16.
    bits = numbers.astype(np.float32).view(np.uint32).astype(np.int64)
    if kind == "bfloat16":
        bits = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16 << 16
    values = bits.astype(np.uint32).view(np.float32).astype(np.float64)
    places = np.where(bits >= 1 << 31, (1 << 31) - bits, bits)
    return values, places >> 16 if kind == "bfloat16" else places


def top(rows, count):
    """The places of the largest elements of each row, the first of equal ones."""
    return np.sort(np.argsort(-rows, axis=1, kind="stable")[:, :count], axis=1)


def case(kind, rows, columns, batches, seed, noise):
    state, actual, expected = seed, [], []
    for _ in range(batches):
        state, u = uniforms(state, rows * columns)
        state, v = uniforms(state, rows * columns)
        wanted = np.where(u < 0.03125, 0.0, (u - 0.5) * 8)
        expected.append(wanted)
        actual.append(wanted * (1 + (v - 0.5) * noise))
    a, places_a = rounded(kind, np.concatenate(actual))
    e, places_e = rounded(kind, np.concatenate(expected))
    difference = np.abs(a - e)
    distances = np.abs(places_a - places_e)
    buckets = np.searchsorted(BOUNDS, distances)
    large = np.abs(e) > ATOL
    shape = (rows * batches, columns)
    same = {n: int((top(a.reshape(shape), n) == top(e.reshape(shape), n)).all(axis=1).sum()) for n in (1, 5)}
    noise_power = float(np.sum((a - e) ** 2))
    return {
        "type": kind,
        "rows": rows,
        "columns": columns,
        "batches": batches,
        "seed": seed,
        "noise": noise,
        "failed": int((difference > ATOL + RTOL * np.abs(e)).sum()),
        "maxAbsolute": float(difference.max()),
        "meanAbsolute": float(difference.mean()),
        "maxRelative": float((difference[large] / np.abs(e[large])).max()),
        "cosine": float(np.dot(a, e) / (np.linalg.norm(a) * np.linalg.norm(e))),
        "decibels": 10 * float(np.log10(np.sum(e**2) / noise_power)) if noise_power > 0 else "Infinity",
        "toleranceUsed": float((difference / (ATOL + RTOL * np.abs(e))).max()),
        "distances": np.bincount(buckets, minlength=7).tolist(),
        "top1": same[1],
        "top5": same[5] if columns > 5 else None,
    }


print(json.dumps({"rtol": RTOL, "atol": ATOL, "cases": [case(*c) for c in CASES]}, indent=1))
