"""Public files: the list of an edition, one line a file, with its address and hashes.

Columns of the CSV file:

- ``path``: where the file lies in the raw folder
- ``bytes``, ``sha256``: of the file as it is published
- named after an edition (``cut``): what that edition keeps of the file. Empty: nothing; ``same``: all of it; else the
  SHA-256 of what the edition's change leaves. A second hash is that of the same content as the archive packs it. A
  list without such a column is kept whole, as published
- the same with ``_bytes`` (``cut_bytes``, optional): size of what is kept, where a change leaves less than the file
- any other: what the card's addresses name in braces, such as ``{number}``
"""

from __future__ import annotations

import csv
import os
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
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
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        columns = list(reader.fieldnames or [])
        for wanted in (*_NEEDED, *(column for url in source.address for column in _named(url))):
            if wanted not in columns:
                raise CardError(f"{path}: no column '{wanted}'.{did_you_mean(wanted, columns)}")
        found: dict[str, PublicFile] = {}
        for row in reader:
            at = f"{path}:{reader.line_num}"
            # csv files what is too much under None, and gives None for what is too little
            if None in row or None in row.values():
                raise CardError(f"{at}: not the {len(columns)} fields of the first line")
            if name in columns and not row[name]:
                continue
            file = _file(at, row, name, source.address)
            if file.path in found:
                raise CardError(f"{at}: {file.path} is listed twice")
            if file.is_changed and not source.change:
                raise CardError(f"{at}: {file.path} is not kept as published, and the card names no change")
            found[file.path] = file
    return list(found.values())


def _file(at: str, row: dict[str, str], edition: str, addresses: list[str]) -> PublicFile:
    kept = tuple(row["sha256"] if said == "same" else said for said in row.get(edition, "same").split())
    wrong = [value for value in (row["sha256"], *kept) if not _HASH.fullmatch(value)]
    if wrong:
        raise CardError(f"{at}: '{wrong[0]}' is no SHA-256 (64 digits of 0-9, a-f)")
    left = row.get(f"{edition}_bytes", "")
    for size in (row["bytes"], left or "0"):
        if not size.isdecimal():
            raise CardError(f"{at}: '{size}' is no number of bytes")
    place = PurePosixPath(row["path"])
    if place.is_absolute() or ".." in place.parts or not place.parts or "\\" in row["path"]:
        raise CardError(f"{at}: path '{row['path']}' does not lie in the raw folder")
    encoded = {name: quote(value, safe="/") for name, value in row.items()}
    urls = tuple(_mirrored(address.format_map(encoded)) for address in addresses)
    whole = row["bytes"] if kept == (row["sha256"],) else left
    return PublicFile(row["path"], urls, int(row["bytes"]), row["sha256"], kept, int(whole) if whole else None)


def _named(address: str) -> list[str]:
    """Columns that an address names in braces."""
    return [name for _, name, _, _ in Formatter().parse(address) if name is not None]


def _mirrored(url: str) -> str:
    mirror = os.environ.get(MIRROR)
    return mirror.rstrip("/") + url.removeprefix(_PUBLIC) if mirror and url.startswith(f"{_PUBLIC}/") else url
