"""Rows as CSV: the same rows give the same bytes on every machine."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

_SECONDS = ("train_seconds", "train_seconds_cached", "predict_ms")


def csv_rows(header: list[str], rows: Iterable[Any], titles: dict[str, str] | None = None) -> str:
    """Text of rows whose attributes the header names, header first; None is blank.

    Parameters
    ----------
    titles : dict, optional
        What the first line says of an attribute that Python cannot call so.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([(titles or {}).get(name, name) for name in header])
    writer.writerows([_cell(name, getattr(row, name)) for name in header] for row in rows)
    return out.getvalue()


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}" if name in _SECONDS else f"{value:.6f}"
    return str(value)
