"""Public files: the list of an edition, one line a file, with its address and hashes.

The list is a CSV file in the folder of the dataset's card. One line of `datasets/files/cwru.csv`, hashes shortened::

    path,number,bytes,sha256,cut,cut_bytes
    12k_Drive_End_Bearing_Fault_Data/B/007/118_0.mat,118,2942112,b006...,c25b... 9eca...,327117

In words: the file goes to this path in the raw folder; as published it has 2,942,112 bytes and the hash ``b006...``.
The edition ``cut`` keeps a part of it (the drive-end channel, which the card's ``change`` takes out): 327,117 bytes
with the hash ``c25b...``. The same part as the edition's archive packs it has the hash ``9eca...`` and will do too.

Columns:

- ``path``: where the file lies in the raw folder
- ``bytes``, ``sha256``: size and hash of the file as it is published
- a column named after an edition (``cut``): what that edition keeps of the file. Empty: nothing. ``same``: all of it.
  Else the hash of what the card's ``change`` leaves of it; of several, with blanks between, any will do.
  An edition without a column (``full`` above) keeps every file as published
- that name and ``_bytes`` (``cut_bytes``): size of what is kept, where it is not the whole file. It may be left out
- any other (``number``): what the card's addresses name in braces, here ``https://.../{number}.mat``
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from string import Formatter
from urllib.parse import quote

from faultboard.data.edition import Edition
from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError

MIRROR = "FAULTBOARD_MIRROR"
_PUBLIC = "https://raw.githubusercontent.com"
_NEEDED = ("path", "bytes", "sha256")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class PublicFile:
    """One file: where it is had, what it must be, and what an edition keeps of it.

    Attributes
    ----------
    path : str
        Where it lies in the raw folder.
    urls : tuple of str
        Addresses, the first to be asked first.
    bytes : int
        Of the file as published; 0 where nobody says it.
    sha256 : str
        Of the file as published; of an archive whatever pins it.
    kept : tuple of str
        Hashes of what the edition may hold of it.
    kept_bytes : int, optional
        Size of that, where it is known.
    """

    path: str
    urls: tuple[str, ...]
    bytes: int
    sha256: str
    kept: tuple[str, ...]
    kept_bytes: int | None = None

    @property
    def is_changed(self) -> bool:
        """Whether the edition keeps less than the file as published."""
        return self.sha256 not in self.kept


def public_files(edition: Edition) -> list[PublicFile]:
    """Files of an edition, in the order of its list.

    Raises
    ------
    CardError
        The list is not beside the card, or a line of it cannot be used.
    """
    card, source, name = edition.card, edition.declared, edition.name
    path = (card.path.parent / source.files).resolve()
    if not path.is_relative_to(card.path.parent.resolve()) or not path.is_file():
        raise CardError(f"{card.path}: editions.{name}: there is no list {source.files} beside it")
    files: dict[str, PublicFile] = {}
    for at, row in _rows(path, source.address):
        # an edition without a column keeps all files
        if row.get(name, "same"):
            file = _file(at, row, name, source.address)
            if file.path in files:
                raise CardError(f"{at}: {file.path} is listed twice")
            if file.is_changed and not source.change:
                raise CardError(f"{at}: {file.path} is not kept as published, and the card names no change")
            files[file.path] = file
    return list(files.values())


def _rows(path: Path, addresses: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Lines of a list by their columns, each with its place for messages."""
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        columns = list(reader.fieldnames or [])
        for wanted in (*_NEEDED, *(column for address in addresses for column in _named(address))):
            if wanted not in columns:
                raise CardError(f"{path}: no column '{wanted}'.{did_you_mean(wanted, columns)}")
        for row in reader:
            at = f"{path}:{reader.line_num}"
            # csv files what is too much under None, and gives None for what is too little
            if None in row or None in row.values():
                raise CardError(f"{at}: not the {len(columns)} fields of the first line")
            yield at, row


def _file(at: str, row: dict[str, str], edition: str, addresses: list[str]) -> PublicFile:
    kept = _kept(at, row, edition)
    left = row.get(f"{edition}_bytes", "")
    for size in (row["bytes"], left or "0"):
        if not size.isdecimal():
            raise CardError(f"{at}: '{size}' is no number of bytes")
    _refuse_way_out(at, row["path"])
    encoded = {name: quote(value, safe="/") for name, value in row.items()}
    urls = tuple(_mirrored(address.format_map(encoded)) for address in addresses)
    whole = row["bytes"] if kept == (row["sha256"],) else left
    return PublicFile(row["path"], urls, int(row["bytes"]), row["sha256"], kept, int(whole) if whole else None)


def _kept(at: str, row: dict[str, str], edition: str) -> tuple[str, ...]:
    """Hashes of what an edition may hold of a file."""
    hashes = [row["sha256"] if value == "same" else value for value in row.get(edition, "same").split()]
    for value in (row["sha256"], *hashes):
        if not _HASH.fullmatch(value):
            raise CardError(f"{at}: '{value}' is no SHA-256 (64 digits of 0-9, a-f)")
    return tuple(hashes)


def _refuse_way_out(at: str, path: str) -> None:
    """Refuse a path that does not lie in the raw folder."""
    place = PurePosixPath(path)
    if place.is_absolute() or ".." in place.parts or not place.parts or "\\" in path:
        raise CardError(f"{at}: path '{path}' does not lie in the raw folder")


def _named(address: str) -> list[str]:
    """Columns that an address names in braces."""
    return [name for _, name, _, _ in Formatter().parse(address) if name is not None]


def _mirrored(url: str) -> str:
    mirror = os.environ.get(MIRROR)
    return mirror.rstrip("/") + url.removeprefix(_PUBLIC) if mirror and url.startswith(f"{_PUBLIC}/") else url
