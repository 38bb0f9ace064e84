"""Tensors of a TFLite file: its constants, and how integers stand for real numbers.

A small reading of the FlatBuffer, since the weights are all that is wanted of it: nothing in the file is run.
Layout: ``tensorflow/compiler/mlir/lite/schema/schema.fbs`` (schema version 3), FlatBuffers' own binary format.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.errors import DataError

# TensorType of the schema: those that constants of networks have
_TYPES = {0: "<f4", 1: "<f2", 2: "<i4", 3: "u1", 4: "<i8", 9: "i1"}


@dataclass(frozen=True)
class QuantisedTensor:
    """A tensor of a graph; ``real = scale * (values - zero)``.

    Attributes
    ----------
    name : str
    shape : tuple of int
    values : ndarray or None
        As stored; None for what is computed when the graph runs.
    scale : (n,) float32
        One, or one for each place along ``axis``; empty where nothing is quantised.
    zero : (n,) int64
    """

    name: str
    shape: tuple[int, ...]
    values: NDArray[Any] | None
    scale: NDArray[np.float32]
    zero: NDArray[np.int64]
    axis: int

    def real(self) -> NDArray[Any]:
        """Values as real numbers: float32 where they were quantised, else as they are."""
        assert self.values is not None
        if not len(self.scale):
            return self.values
        shape = [1] * len(self.shape)
        shape[self.axis] = -1
        scale, zero = (v.reshape(shape) if len(v) > 1 else v for v in (self.scale, self.zero))
        found: NDArray[np.float32] = (scale.astype(np.float64) * (self.values - zero)).astype(np.float32)
        return found


def tensors(path: Path) -> list[QuantisedTensor]:
    """Tensors of a file's first graph, in the order of the file.

    Raises
    ------
    DataError
        It is no TFLite file, or ends early.
    """
    content = path.read_bytes()
    if content[4:8] != b"TFL3":
        raise DataError(f"{path} is no TFLite file ({len(content):,} bytes)")
    try:
        model = _Table(content, _at(content, 0))
        buffers = model.tables(4)
        return [_tensor(table, buffers) for table in model.tables(2)[0].tables(0)]
    except (struct.error, IndexError, KeyError, ValueError) as error:
        raise DataError(f"{path} is damaged: {type(error).__name__}: {error}") from None


def constants(path: Path) -> dict[str, NDArray[Any]]:
    """Constants of a file by name, in the order of the file, as real numbers."""
    return {tensor.name: tensor.real() for tensor in tensors(path) if tensor.values is not None}


def _tensor(table: _Table, buffers: list[_Table]) -> QuantisedTensor:
    shape = tuple(int(n) for n in table.numbers(0, "<i4"))
    data = buffers[table.number(2, "<I")].numbers(0, "u1")
    values = None
    if len(data):
        kind = np.dtype(_TYPES[table.number(1, "b")])
        values = np.frombuffer(data.tobytes(), kind, prod(shape)).reshape(shape)
    said = table.table(4)
    scale = said.numbers(2, "<f4") if said else np.empty(0, np.float32)
    zero = said.numbers(3, "<i8") if said else np.empty(0, np.int64)
    return QuantisedTensor(table.text(3), shape, values, scale, zero, said.number(6, "<i") if said else 0)


def _at(content: bytes, place: int) -> int:
    """Follow an offset, which counts from where it stands."""
    found: int = struct.unpack_from("<I", content, place)[0]
    return place + found


@dataclass(frozen=True)
class _Table:
    """A table of a FlatBuffer: fields by number, each of which may be absent and then has its default, 0 or empty."""

    content: bytes
    place: int

    def _field(self, number: int) -> int | None:
        known = self.place - struct.unpack_from("<i", self.content, self.place)[0]
        slot = 4 + 2 * number
        if slot >= struct.unpack_from("<H", self.content, known)[0]:
            return None
        offset: int = struct.unpack_from("<H", self.content, known + slot)[0]
        return self.place + offset if offset else None

    def number(self, field: int, kind: str) -> int:
        """Read a whole number."""
        at = self._field(field)
        return 0 if at is None else int(struct.unpack_from(kind, self.content, at)[0])

    def numbers(self, field: int, kind: str) -> NDArray[Any]:
        """Read a vector of numbers."""
        at = self._field(field)
        if at is None:
            return np.empty(0, kind)
        start = _at(self.content, at)
        count = struct.unpack_from("<I", self.content, start)[0]
        return np.frombuffer(self.content, kind, count, start + 4)

    def text(self, field: int) -> str:
        """Read a text."""
        return self.numbers(field, "u1").tobytes().decode("utf-8")

    def table(self, field: int) -> _Table | None:
        """Follow a field to another table."""
        at = self._field(field)
        return None if at is None else _Table(self.content, _at(self.content, at))

    def tables(self, field: int) -> list[_Table]:
        """Follow a vector of tables."""
        at = self._field(field)
        if at is None:
            return []
        start = _at(self.content, at)
        count = struct.unpack_from("<I", self.content, start)[0]
        return [_Table(self.content, _at(self.content, start + 4 + 4 * i)) for i in range(count)]
