"""Constants of a TFLite file, as real numbers. They are read, nothing in the file is run."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.errors import DataError

# TensorType of the schema: those that constants of networks have
_TYPES = {0: "<f4", 1: "<f2", 2: "<i4", 3: "u1", 4: "<i8", 9: "i1"}


def constants(path: Path) -> dict[str, NDArray[Any]]:
    """Constants of a file's first graph by name, in the order of the file.

    What was quantised comes back as float32, ``scale * (stored - zero)``.

    Raises
    ------
    DataError
        It is no TFLite file, or ends early.
    """
    from tflite import Model

    content = path.read_bytes()
    if content[4:8] != b"TFL3":
        raise DataError(f"{path} is no TFLite file ({len(content):,} bytes)")
    try:
        model = Model.GetRootAs(content, 0)
        graph = model.Subgraphs(0)
        tensors = [graph.Tensors(i) for i in range(graph.TensorsLength())]
        stored = [(tensor, model.Buffers(tensor.Buffer()).DataAsNumpy()) for tensor in tensors]
        # what is computed when the graph runs has an empty buffer, which is read as the number 0
        return {t.Name().decode(): _real(t, data) for t, data in stored if isinstance(data, np.ndarray)}
    except (struct.error, IndexError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path} is damaged: {type(error).__name__}: {error}") from None


def _real(tensor: Any, data: NDArray[np.uint8]) -> NDArray[Any]:
    values = np.frombuffer(data.tobytes(), _TYPES[tensor.Type()]).reshape(tensor.ShapeAsNumpy())
    quantised = tensor.Quantization()
    if not quantised or not quantised.ScaleLength():
        return values
    shape = np.ones(values.ndim, dtype=int)
    if quantised.ScaleLength() > 1:
        shape[quantised.QuantizedDimension()] = -1
    scale, zero = (
        v.reshape(shape[: max(1, values.ndim)]) for v in (quantised.ScaleAsNumpy(), quantised.ZeroPointAsNumpy())
    )
    real: NDArray[np.float32] = (scale.astype(np.float64) * (values - zero)).astype(np.float32)
    return real
