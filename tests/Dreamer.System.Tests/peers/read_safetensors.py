"""Reads a safetensors file with NumPy alone; prints shape, first and last value of each tensor, and whether all are finite, as JSON."""

import json
import struct
import sys

import numpy as np

DTYPES = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4", "U8": "u1"}


def read(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in header.items()
    }


print(json.dumps({
    name: {"shape": tensor.shape, "first": float(tensor.flat[0]), "last": float(tensor.flat[-1]), "finite": bool(np.isfinite(tensor).all())}
    for name, tensor in read(sys.argv[1]).items()
}))
