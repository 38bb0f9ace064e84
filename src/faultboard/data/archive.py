"""Archives: finding the one that a card pins, unpacking it without trust in what it says."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path

from faultboard.data.checksum import file_hash
from faultboard.declare.dataset import DatasetCard, Edition
from faultboard.errors import DataError, Unavailable

SHARED = "FAULTBOARD_DATA"


def shared_folder() -> Path | None:
    """Folder of archives and raw files that ``FAULTBOARD_DATA`` names. Nothing is ever written there."""
    named = os.environ.get(SHARED)
    return Path(named) if named else None


def archive_is_here(source: Edition) -> bool:
    """Whether the shared folder holds a file of the archive's name."""
    shared = shared_folder()
    return bool(source.archive and shared and (shared / source.archive).is_file())


def find_archive(card: DatasetCard, edition: str, source: Edition) -> Path:
    """Archive of an edition in the shared folder, its hash checked.

    Raises
    ------
    Unavailable
        It is not there; the message says how to have the files.
    DataError
        It is not the one that the card pins.
    """
    assert source.archive is not None
    shared = shared_folder()
    if shared is None or not archive_is_here(source):
        where = f"in {shared}" if shared else f"on this machine: {SHARED} names no folder"
        fetch = f"faultboard fetch {card.id}@{edition}, or set" if source.is_public else "Set"
        raise Unavailable(
            f"{card.id}@{edition}: {source.archive} is not {where}. "
            f"{fetch} {SHARED} to a folder that holds it ({source.bytes or 0:,} bytes)."
        )
    archive = shared / source.archive
    found = file_hash(archive)
    if found != source.sha256:
        raise DataError(
            f"{archive}: damaged, or another file: sha256 {found[:12]}..., the card says {str(source.sha256)[:12]}... "
            f"({archive.stat().st_size:,} of {source.bytes:,} bytes). Copy it again."
        )
    return archive


def unpack(archive: Path, folder: Path, limit: int, wanted: Collection[str] | None = None) -> None:
    """Unpack a zip archive.

    Parameters
    ----------
    limit : int
        Unpacked bytes that the card declares: an archive that holds more is refused unread.
    wanted : collection of str, optional
        Members to unpack; all of them without it.

    Raises
    ------
    DataError
        A member would leave the folder, is a link or a device or is there twice, or the archive is damaged or too
        large. What is refused is refused before anything is written.
    """
    try:
        with zipfile.ZipFile(archive) as zipped:
            members = zipped.infolist()
            # zipfile never reads a member beyond the size that the directory states, so this sum is the bound
            total = sum(m.file_size for m in members)
            if total > limit:
                raise DataError(f"{archive}: unpacks to {total:,} bytes, the card declares {limit:,}. Not unpacked.")
            seen: set[Path] = set()
            for member in members:
                place = _place(archive, folder, member)
                if place in seen:
                    raise DataError(f"{archive}: member {member.filename!r} is there twice. Not unpacked.")
                seen.add(place)
            for member in members:
                if wanted is None or member.filename in wanted:
                    zipped.extract(member, folder)
    # an encrypted member is a RuntimeError, an unknown compression a NotImplementedError
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise DataError(f"{archive}: cannot be unpacked: {error}") from None


def _place(archive: Path, folder: Path, member: zipfile.ZipInfo) -> Path:
    """Where a member would lie; refuses what is no plain file or folder below this one."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DataError(f"{archive}: member {member.filename!r} is a link or a device. Not unpacked.")
    place = (folder / member.filename).resolve()
    if not place.is_relative_to(folder.resolve()):
        raise DataError(f"{archive}: member {member.filename!r} would leave its folder. Not unpacked.")
    return place
