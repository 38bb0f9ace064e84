"""Archives: finding the one that a card pins, unpacking it without trust in what it says."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Collection, Sequence
from pathlib import Path

from faultboard.data.edition import SHARED, Edition, shared_folder
from faultboard.declare.dataset import Archive, EditionCard
from faultboard.errors import DataError, Unavailable
from faultboard.files.checksum import agrees


def archive_is_here(source: EditionCard) -> bool:
    """Whether the shared folder holds files of the archives' names."""
    shared = shared_folder()
    return bool(source.packed and shared and all((shared / packed.name).is_file() for packed in source.packed))


def find_archives(edition: Edition) -> list[Path]:
    """Archives of an edition in the shared folder, their hashes checked.

    Raises
    ------
    Unavailable
        One is not there; the message says how to have the files.
    DataError
        One is not what the card pins.
    """
    shared, source = shared_folder(), edition.declared
    if shared is None or not archive_is_here(source):
        names = ", ".join(packed.name for packed in source.packed)
        size = f" ({source.bytes:,} bytes)" if source.bytes else ""
        where = f"in {shared}" if shared else f"on this machine: {SHARED} names no folder"
        fetch = f"faultboard fetch {edition.id}, or set" if source.is_public else "Set"
        raise Unavailable(f"{edition.id}: {names} is not {where}. {fetch} {SHARED} to a folder that holds it{size}.")
    for packed in source.packed:
        path = shared / packed.name
        if not agrees(path, packed.pin):
            size = f" ({path.stat().st_size:,} of {packed.bytes:,} bytes)" if packed.bytes else ""
            raise DataError(f"{path}: damaged, or another file than the card pins{size}. Copy it again.")
    return [shared / packed.name for packed in source.packed]


def unpack_all(archives: Sequence[tuple[Archive, Path]], folder: Path, limit: int) -> list[tuple[str, int, int]]:
    """Unpack several archives, each into the folder that the card names.

    Parameters
    ----------
    archives : sequence of (Archive, Path)
        What the card says of each, and where it lies.
    limit : int
        Bytes that they may hold together.

    Returns
    -------
    list of (path, bytes, CRC-32)
        The files that are there now.
    """
    listed: list[tuple[str, int, int]] = []
    for packed, path in archives:
        place = folder / packed.into
        place.mkdir(parents=True, exist_ok=True)
        members = unpack(path, place, limit)
        limit -= sum(member.file_size for member in members)
        prefix = f"{packed.into}/" if packed.into else ""
        listed += [(prefix + member.filename, member.file_size, member.CRC) for member in members]
    return listed


def unpack(archive: Path, folder: Path, limit: int, wanted: Collection[str] | None = None) -> list[zipfile.ZipInfo]:
    """Unpack a zip archive.

    Parameters
    ----------
    limit : int
        Unpacked bytes that the card declares: an archive that holds more is refused unread.
    wanted : collection of str, optional
        Members to unpack; all of them without it.

    Returns
    -------
    list of ZipInfo
        The files that were unpacked.

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
                if place in seen or place.is_file():
                    raise DataError(f"{archive}: member {member.filename!r} is there twice. Not unpacked.")
                seen.add(place)
            kept = [m for m in members if wanted is None or m.filename in wanted]
            for member in kept:
                zipped.extract(member, folder)
            return [m for m in kept if not m.is_dir()]
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
