"""The raw folder of an edition, and filling it without the network.

Raw files are the files as their source published them, or as the simulator of a generated edition drew them. They lie
in ``data/raw/<dataset>@<edition>/`` of the root, or in ``<dataset>@<edition>/`` where ``FAULTBOARD_DATA`` points.
`provide` takes those that are here; else it generates them, or unpacks the archive that the card pins. What only the
network has is left to `fetch`.

A raw folder is whole or absent: it is filled beside its place, in ``.<dataset>@<edition>.partial``, and then renamed,
so that a kill leaves no half of one. One that holds files of a user is not replaced.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from faultboard.data.edition import SHARED, Edition
from faultboard.data.raw.archive import archive_is_here, find_archives, unpack, unpack_all
from faultboard.data.raw.public_files import public_files
from faultboard.data.raw.simulated import draw, drawn_files, drawn_with, simulation_key, write_stamp
from faultboard.data.raw.unpacked import note_unpacked
from faultboard.data.reading import is_clutter
from faultboard.declare.dataset import EditionCard
from faultboard.errors import DataError, Unavailable
from faultboard.files.checksum import file_hash

_NAMED = 3  # files that a message names


def files_below(folder: Path) -> Iterator[Path]:
    """Files below a folder, sorted by their path with forward slashes; not those that file managers left."""
    paths = (p for p in folder.rglob("*") if p.is_file() and not is_clutter(p))
    return iter(sorted(paths, key=lambda p: p.relative_to(folder).as_posix()))


def is_here(edition: Edition) -> bool:
    """Whether the raw files of an edition are here or can be made without fetching."""
    source = edition.declared
    return bool(source.simulate) or archive_is_here(source) or edition.raw.is_dir()


def provide(edition: Edition, again: bool = False) -> Path:
    """Raw files of an edition without the network: those that are here, else out of the archive, else generated.

    Raises
    ------
    Unavailable
        Neither the files nor their archive are on this machine; the message says how to have them.
    DataError
        The archive is not the one that the card pins, or unpacks to something else; or ``again`` was asked for
        files of the shared folder.
    """
    folder, source = edition.raw, edition.declared
    if folder.is_dir() and not again and not _outdated(edition):
        return folder
    refuse_shared(edition)
    if source.simulate:
        fill(folder, lambda place: draw(edition, place))
        write_stamp(edition)
    elif source.archives:
        fill_from(folder, source, find_archives(edition))
    elif source.archive:
        (archive,) = find_archives(edition)
        wanted = {file.path for file in public_files(edition)} if source.files else None
        fill(folder, lambda place: unpack(archive, place, source.unpacked or 0, wanted))
    elif source.is_public:
        raise Unavailable(f"{edition.id}: the raw files are not here: faultboard fetch {edition.id}")
    else:
        ask = f" {source.ask}" if source.ask else ""
        raise Unavailable(f"{edition.id}: the raw files are not here. Put them into {folder}.{ask}")
    return folder


def refuse_shared(edition: Edition) -> None:
    """Leave a raw folder alone that others may use as well.

    Raises
    ------
    DataError
        The folder is not the root's own.
    """
    if not edition.is_own:
        raise DataError(
            f"{edition.raw} lies where {SHARED} points, and faultboard writes nothing there: mend it yourself"
        )


def remedy(edition: Edition) -> str:
    """What mends raw files that are not as they should be."""
    source = edition.declared
    if edition.is_own and (source.simulate or source.packed or source.is_public):
        return f"Fetch it again: faultboard fetch {edition.id} --again"
    return f"Mend or replace it in {edition.raw.resolve()}"


def _outdated(edition: Edition) -> bool:
    """Whether generated files were drawn by other code or settings; the shared folder's are taken as they are."""
    if not edition.declared.simulate or not edition.is_own:
        return False
    return drawn_with(edition.raw) != simulation_key(edition)


def fill_from(folder: Path, source: EditionCard, archives: Sequence[Path]) -> None:
    """Fill a folder from the archives of an edition, in the order of the card, and note what came of them."""
    files: list[tuple[str, int, int]] = []
    pairs = list(zip(source.packed, archives, strict=True))
    fill(folder, lambda place: files.extend(unpack_all(pairs, place, source.unpacked or 0)))
    note_unpacked(folder, files, {packed.name: file_hash(path) for packed, path in pairs if not packed.pin})


def fill(folder: Path, fill_it: Callable[[Path], object]) -> None:
    """Fill a folder beside its place, then rename it into place."""
    beside = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        fill_it(beside)
        put_in_place(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def put_in_place(beside: Path, folder: Path) -> None:
    """Rename a filled folder into its place, over what was there.

    Raises
    ------
    DataError
        What was there holds files that are none of the edition: they would be gone.
    """
    there, coming = ({p.relative_to(at).as_posix() for p in files_below(at)} for at in (folder, beside))
    if extra := sorted(there - coming - drawn_files(folder).keys()):
        more = f" and {len(extra) - _NAMED:,} more" if len(extra) > _NAMED else ""
        lost = f"{', '.join(extra[:_NAMED])}{more} would be gone, and are no files of this edition"
        raise DataError(f"{folder} is not replaced: {lost}. Move them elsewhere first")
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)
