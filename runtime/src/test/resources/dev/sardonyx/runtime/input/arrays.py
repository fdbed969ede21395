"""Makes the arrays that InputFileTest reads, in the folder of this file. Needs NumPy."""

import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent
COUNT = np.arange(6).reshape(2, 3)

for kind in ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]:
    np.save(HERE / f"{kind}.npy", COUNT.astype(kind))
for kind in [">i4", ">f8", ">c8"]:
    np.save(HERE / f"big-{kind[1:]}.npy", COUNT.astype(kind))
np.save(HERE / "fortran.npy", np.asfortranarray(COUNT.astype("f4")))
np.save(HERE / "fortran3.npy", np.asfortranarray(np.arange(24).reshape(2, 3, 4).astype(">i8")))
np.save(HERE / "scalar.npy", np.float32(2.5))
np.save(HERE / "empty.npy", np.zeros((0, 3), "f4"))
np.save(HERE / "unicode.npy", np.array([["a", "bb"], ["", "grün \U0001d54f"]]))
np.save(HERE / "bytes.npy", np.array([b"a", b"bb\x00c"]))
np.save(HERE / "void.npy", np.array([0x3F80, 0xC000], "<u2").view("V2"))  # bfloat16 1, -2
np.save(HERE / "objects.npy", np.array([{}, []], object), allow_pickle=True)
np.save(HERE / "records.npy", np.zeros(2, [("a", "f4"), ("b", "i4")]))
np.savez(HERE / "two.npz", x=COUNT.astype("f4"), y=COUNT.astype("i8"))
np.savez_compressed(HERE / "one.npz", only=COUNT.astype("f4"))
