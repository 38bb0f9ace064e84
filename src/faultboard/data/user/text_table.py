"""A table of numbers in a text of which nobody stated separator, decimal mark or header.

What can be read in two ways is refused: a wrong guess would give other samples without a word.
"""

from __future__ import annotations

import csv
import re

import numpy as np
from numpy.typing import NDArray

from faultboard.errors import DataError

# name and numbers of a column; None where it holds text
Column = tuple[str, NDArray[np.float64] | list[str]]
_LOOKED_AT = 20  # lines that separator and decimal mark are told by
_COMMA = re.compile(r"\s*[-+]?\d*,\d+(?:[eE][-+]?\d+)?\s*")
_POINT = re.compile(r"\s*[-+]?\d*\.\d+(?:[eE][-+]?\d+)?\s*")
_COUNT = re.compile(r"\s*[-+]?\d+\s*")


def read_table(content: bytes) -> tuple[list[Column], bool]:
    """Read the columns of a table.

    Returns
    -------
    list of (str, values)
        Name of each column, and its numbers or the text that it holds.
    bool
        Whether the first line names them; else they are called ``1``, ``2``, ...

    Raises
    ------
    DataError
        A row has another number of fields, is blank or cut short, or a number is missing or none; or the marks can be
        read in two ways.
    """
    text = _text(content)
    lines = _lines(text)
    separator = _separator(lines)
    rows = [line.split() for line in lines] if separator == " " else list(csv.reader(lines, delimiter=separator))
    if separator != ",":
        rows = _with_points(rows)
    _refuse_decimal_commas(rows, separator)
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            why = ". If the comma is a decimal mark, separate columns by ';' or write points" * (separator == ",")
            raise DataError(f"line {number:,} has {len(row)} fields, line 1 has {len(rows[0])}{why}")
    named = _is_header(rows)
    if not text.endswith(("\n", "\r")):
        _refuse_cut_number(rows[named:])
    first = rows[0] if named else map(str, range(1, len(rows[0]) + 1))
    if not rows[named:]:
        raise DataError("a header and no row")
    texts = zip(*rows[named:], strict=True)
    columns = [(name, _values(name, column, 1 + named)) for name, column in zip(map(_clean, first), texts, strict=True)]
    # a separator at the end of each line
    if len(columns) > 1 and not any(row[-1].strip() for row in rows):
        columns.pop()
    return columns, named


def _text(content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        # units such as m/s² in the header, by an older program
        text = content.decode("latin-1")
    if "\0" in text:
        raise DataError("no text: it holds zero bytes")
    return text


def _lines(text: str) -> list[str]:
    """Lines, without blank ones at the end."""
    lines = re.split(r"\r\n|\n|\r", text)
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise DataError("holds nothing")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            raise DataError(f"line {number:,} is blank, and rows follow it: is a sample missing?")
    return lines


def _clean(name: str) -> str:
    return name.strip().lstrip("#").strip()


def _separator(lines: list[str]) -> str:
    """Separator of the fields: ``;``, tab, comma, or blanks; a comma for a column alone."""
    shown = lines[1:_LOOKED_AT] or lines
    for mark in (";", "\t"):
        if all(mark in line for line in shown):
            return mark
    several = all(len(line.split()) > 1 for line in shown)
    numbers = all(re.fullmatch(r"[-+\d.,eE\s]+", line) for line in shown)
    if several and numbers and not any(re.search(r",\s|\s,", line) for line in shown):
        return " "
    return ","


def _with_points(rows: list[list[str]]) -> list[list[str]]:
    """Write decimal commas as points."""
    shown = [field for row in rows[:_LOOKED_AT] for field in row]
    comma, point = (next((f for f in shown if mark.fullmatch(f)), "") for mark in (_COMMA, _POINT))
    if comma and point:
        raise DataError(f"holds {comma.strip()} and {point.strip()}: which of the two is the decimal mark?")
    if not comma:
        return rows
    return [[f.replace(",", ".") if _COMMA.fullmatch(f) else f for f in row] for row in rows]


def _refuse_decimal_commas(rows: list[list[str]], separator: str) -> None:
    """Refuse ``0,0123`` without a header: one number or two, and nothing else tells."""
    fields = [[field.strip() for field in row] for row in rows[:_LOOKED_AT]]
    if separator != "," or not all(len(row) % 2 == 0 and all(map(_COUNT.fullmatch, row)) for row in fields):
        return
    # whole numbers are not written with zeros in front, and -0 is none
    padded = any(re.fullmatch(r"[-+]?0\d+|-0", field) for row in fields for field in row)
    if padded or all(field in ("0", "-0") for row in fields for field in row[::2]):
        raise DataError(f"line 1 is {','.join(rows[0])[:40]}: numbers with a decimal comma? Write points")


def _is_header(rows: list[list[str]]) -> bool:
    """Whether the first line names columns: a field is no number and the one below it is; or numbered columns."""
    if len(rows) < 2:
        return not any(map(_is_number, rows[0]))
    if any(not _is_number(top) and _is_number(below) for top, below in zip(rows[0], rows[1], strict=True)):
        return True
    # as pandas writes columns without names; above whole numbers it may be a row like the others
    numbered = len(rows[0]) > 1 and rows[0] == [str(i) for i in range(len(rows[0]))]
    return not any(map(_is_number, rows[0])) or (numbered and not all(map(_COUNT.fullmatch, rows[1])))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _refuse_cut_number(rows: list[list[str]]) -> None:
    """Without a line end the last number may be cut: told where all others have as many digits behind the point."""
    digits = [len(row[-1].strip().partition(".")[2]) for row in rows]
    if len(digits) > 2 and len(set(digits[:-1])) == 1 and digits[-1] < digits[0]:
        raise DataError(f"ends in the middle of a number: {rows[-1][-1]!r}, the others have {digits[0]} digits")


def _values(name: str, texts: tuple[str, ...], first: int) -> NDArray[np.float64] | list[str]:
    """Numbers of a column, or its text if none of it is a number."""
    try:
        return np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        wrong = [place for place, text in enumerate(texts) if not _is_number(text)]
    if len(wrong) == len(texts):
        return list(texts)
    content = f"{texts[wrong[0]].strip()[:40]!r}, no number" if texts[wrong[0]].strip() else "nothing"
    raise DataError(f"line {wrong[0] + first:,} holds {content} in column '{name}'")
