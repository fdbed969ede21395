"""Writes the table of the kernels that ONNX Runtime's CPU provider has, from ONNX Runtime itself.

    pip install onnxruntime==1.30.0
    python onnxruntime_kernels.py > ../resources/dev/sardonyx/export/onnxruntime-kernels.txt

A line is an operator, "domain:" before its name unless it is ONNX's own, the first and the last
version of it that the kernel computes ("-" if it is the first one's signature only), and for each
type parameter the types it may stand for. Kernels that differ in one parameter only share a line.
"""

import onnxruntime.capi.onnxruntime_pybind11_state as state

OPEN = 2147483647


def main():
    kernels = {}
    for kernel in state.get_all_opkernel_def():
        if kernel.domain == "com.microsoft.nchwc":
            continue
        name = f"{kernel.domain}:{kernel.op_name}" if kernel.domain else kernel.op_name
        first, last = kernel.version_range
        types = {
            parameter: frozenset(map(short, texts))
            for parameter, texts in kernel.type_constraints.items()
            if texts
        }
        own = kernels.setdefault((name, first, "-" if last == OPEN else last), [])
        if types not in own:
            own.append(types)
    for (name, first, last), variants in sorted(kernels.items(), key=lambda k: (k[0][0], k[0][1])):
        for types in merged(variants):
            words = [f"{p}={'|'.join(sorted(t))}" for p, t in sorted(types.items())]
            print(name, first, last, *words)


def short(text):
    """Without what all tensors have in common: tensor(float) is float."""
    return text[len("tensor(") : -1] if text.startswith("tensor(") else text


def merged(variants):
    left = [dict(v) for v in variants]
    found = True
    while found:
        found = False
        for i, a in enumerate(left):
            for b in left[i + 1 :]:
                differing = [p for p in a if a[p] != b.get(p)]
                if a.keys() == b.keys() and len(differing) <= 1:
                    for p in differing:
                        a[p] = a[p] | b[p]
                    left.remove(b)
                    found = True
                    break
            if found:
                break
    return sorted(left, key=lambda types: sorted((p, sorted(t)) for p, t in types.items()))


if __name__ == "__main__":
    main()
