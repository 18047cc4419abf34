"""Weights of several graphs in one file of half-precision numbers, readable by the trainer too."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..models.sketch.layout import LAYOUT_VERSION

WEIGHT_FILE = "sketch.safetensors"
_SMALL = 16
"""Constants of so few numbers stay inside the graphs."""


class WeightFile:
    """Weights of several graphs in one safetensors file, each kept once, in half precision.

    The exporter renames and transposes; here every weight gets its name in the model back, with ``.T``
    behind it if it is stored transposed, so that training can start from the file.
    """

    def __init__(self, parameters: Mapping[str, Tensor]) -> None:
        self._parameters = {n: p.detach().numpy().astype(np.float16) for n, p in parameters.items()}
        self._arrays: dict[str, np.ndarray] = {}
        self._places: dict[str, tuple[int, int]] = {}

    def detach(self, graph: Any, path: Path) -> None:
        """Takes the weights out of ``graph`` and writes it; a cast takes each weight's old place."""
        import onnx
        from onnx import numpy_helper

        for weight in list(graph.graph.initializer):
            value = numpy_helper.to_array(weight)
            small = value.size <= _SMALL and weight.name.removeprefix("model.") not in self._parameters
            if value.dtype != np.float32 or small:
                continue
            key = self._key(weight.name, value.astype(np.float16))
            half = onnx.TensorProto(name=f"{weight.name}.half", data_type=onnx.TensorProto.FLOAT16, dims=value.shape)
            half.doc_string = key
            cast = onnx.helper.make_node("Cast", [half.name], [weight.name], to=onnx.TensorProto.FLOAT)
            graph.graph.initializer.remove(weight)
            graph.graph.initializer.append(half)
            graph.graph.node.insert(0, cast)
        for node in (*graph.graph.node, *graph.graph.value_info, *graph.graph.input, *graph.graph.output):
            del node.metadata_props[:]  # traces of the exporting machine
            node.doc_string = ""
        path.write_bytes(graph.SerializeToString())

    def _key(self, name: str, value: np.ndarray) -> str:
        """The name of an equal array kept already, or a new one."""
        for key, kept in self._arrays.items():
            if kept.shape == value.shape and np.array_equal(kept, value):
                return key
        self._arrays[key := self._parameter(name, value)] = value
        return key

    def _parameter(self, name: str, value: np.ndarray) -> str:
        for parameter, kept in self._parameters.items():
            if parameter not in self._arrays and np.array_equal(kept, value):
                return parameter
            if f"{parameter}.T" not in self._arrays and np.array_equal(kept.T, value):
                return f"{parameter}.T"
        return f"constant.{name}"

    def write(self, path: Path) -> None:
        """Safetensors: the length of the header, the header as JSON, the bytes."""
        header: dict[str, Any] = {"__metadata__": {"layout": str(LAYOUT_VERSION)}}
        at = 0
        for name, value in self._arrays.items():
            header[name] = {"dtype": "F16", "shape": list(value.shape), "data_offsets": [at, at + value.nbytes]}
            at += value.nbytes
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        begin = 8 + len(text)
        for name in self._arrays:
            first, last = header[name]["data_offsets"]
            self._places[name] = (begin + first, last - first)
        with path.open("wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for value in self._arrays.values():
                file.write(np.ascontiguousarray(value).tobytes())

    def attach(self, path: Path) -> None:
        """Points the graph's weights into the file."""
        import onnx

        model = onnx.load(str(path), load_external_data=False)
        for weight in model.graph.initializer:
            if weight.doc_string in self._places:
                offset, length = self._places[weight.doc_string]
                weight.doc_string = ""
                weight.data_location = onnx.TensorProto.EXTERNAL
                for key, value in (("location", WEIGHT_FILE), ("offset", offset), ("length", length)):
                    weight.external_data.add(key=key, value=str(value))
        path.write_bytes(model.SerializeToString())


def read_weights(path: Path) -> dict[str, Tensor]:
    """The parameters in a weights file, by their names in the model, in single precision."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    out: dict[str, Tensor] = {}
    for name, facts in header.items():
        if name.startswith(("__", "constant.")):
            continue
        first, last = (8 + length + offset for offset in facts["data_offsets"])
        value = np.frombuffer(data[first:last], np.float16).reshape(facts["shape"]).astype(np.float32)
        out[name.removeprefix("model.").removesuffix(".T")] = torch.from_numpy(
            value.T.copy() if name.endswith(".T") else value
        )
    return out
