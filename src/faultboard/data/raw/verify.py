"""Holding raw files against what a card pins: its list of files, else its archive."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from faultboard.data.edition import Edition
from faultboard.data.raw.archive import find_archives
from faultboard.data.raw.folder import files_below
from faultboard.data.raw.public_files import PublicFile, public_files
from faultboard.data.raw.simulated import drawn_files
from faultboard.data.raw.unpacked import unpacked_files
from faultboard.data.reading import is_clutter
from faultboard.errors import Unavailable
from faultboard.files.checksum import file_hash

Check = Callable[[Path], str]  # what is wrong with a file; empty if nothing is


def compare(edition: Edition) -> list[dict[str, str]]:
    """Hold raw files against the list that the card names, else the archive that it pins.

    Generated files are held against what was drawn here: nothing pins them, since another processor draws other
    last bits.

    Returns
    -------
    list of {file, fault}
        Every missing, extra, altered or truncated file, sorted by name.

    Raises
    ------
    Unavailable
        There is nothing to hold them against, or no raw file.
    """
    folder = edition.raw
    if not folder.is_dir():
        raise Unavailable(f"{edition.id}: no raw files in {folder}: faultboard fetch {edition.id}")
    checks = _checks(edition)
    present = {p.relative_to(folder).as_posix(): p for p in files_below(folder)}
    faults = dict.fromkeys(checks.keys() - present.keys(), "missing")
    faults |= dict.fromkeys(present.keys() - checks.keys(), "extra: not among the files of this edition")
    faults |= {path: checks[path](present[path]) for path in present.keys() & checks.keys()}
    return [{"file": path, "fault": faults[path]} for path in sorted(faults) if faults[path]]


def _checks(edition: Edition) -> dict[str, Check]:
    """Check of each file that the raw folder should hold."""
    source, folder = edition.declared, edition.raw
    if source.simulate:
        drawn = drawn_files(folder)
        if not drawn:
            again = f"faultboard fetch {edition.id} --again"
            raise Unavailable(f"{edition.id}: nothing says what was drawn into {folder}: {again}")
        return {path: partial(_as_drawn, sha256) for path, sha256 in drawn.items()}
    if source.files:
        return {file.path: partial(_as_listed, file) for file in public_files(edition)}
    if packed := unpacked_files(folder):
        listed = {path: sizes for path, sizes in packed.items() if not is_clutter(Path(path))}
        return {path: partial(_as_packed, size, crc) for path, (size, crc) in listed.items()}
    if source.archive:
        (archive,) = find_archives(edition)
        with zipfile.ZipFile(archive) as zipped:
            return {m.filename: partial(_as_packed, m.file_size, m.CRC) for m in zipped.infolist() if not m.is_dir()}
    raise Unavailable(f"{edition.id}: the card pins neither a list of files nor an archive to hold them against")


def _as_listed(file: PublicFile, path: Path) -> str:
    if file_hash(path) in file.kept:
        return ""
    # what an archive packs otherwise may have another size and be whole, so that the hash is asked first
    return (_size(path, file.kept_bytes) if file.kept_bytes else "") or _altered(path)


def _as_packed(size: int, crc: int, path: Path) -> str:
    return _size(path, size) or ("" if zlib.crc32(path.read_bytes()) == crc else _altered(path))


def _as_drawn(sha256: str, path: Path) -> str:
    return "" if file_hash(path) == sha256 else _altered(path)


def _size(path: Path, expected: int) -> str:
    size = path.stat().st_size
    return "" if size == expected else f"truncated or altered: {size:,} of {expected:,} bytes"


def _altered(path: Path) -> str:
    return f"altered: other content ({path.stat().st_size:,} bytes)"
