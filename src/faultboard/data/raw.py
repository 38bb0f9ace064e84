"""Raw files: finding them, unpacking the archive that a card pins, generating a ``sim`` edition.

A raw folder is whole or absent: it is filled beside its place and renamed into it.
"""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from faultboard.declare.code import code_hash, code_of, load_function
from faultboard.declare.dataset import DatasetCard, Edition
from faultboard.declare.keys import digest
from faultboard.declare.names import did_you_mean
from faultboard.declare.schema import computing
from faultboard.errors import CardError, DataError, Unavailable

MIRROR = "FAULTBOARD_DATA"


def edition_of(card: DatasetCard, edition: str) -> Edition:
    """Edition of a dataset by name.

    Raises
    ------
    CardError
        The dataset has no such edition.
    """
    for name, found in card.editions.items():
        if name == edition:
            return found
    raise CardError(f"{card.id} has no edition '{edition}'.{did_you_mean(edition, card.editions)}")


def raw_folder(root: Path, card: DatasetCard, edition: str) -> Path:
    """Folder that holds (or will hold) the raw files: the root's, unless the mirror has one of that name."""
    name = f"{card.id}@{edition}"
    mirror = _mirror()
    if mirror and (mirror / name).is_dir():
        return mirror / name
    return root / "data" / "raw" / name


def _mirror() -> Path | None:
    named = os.environ.get(MIRROR)
    return Path(named) if named else None


def provide(root: Path, card: DatasetCard, edition: str, again: bool = False) -> Path:
    """Raw files of an edition: those that are here, else out of the archive, else generated.

    Raises
    ------
    Unavailable
        Neither the files nor their archive are on this machine.
    DataError
        The archive is not the one that the card pins, or unpacks to something else.
    """
    folder = raw_folder(root, card, edition)
    source = edition_of(card, edition)
    if folder.is_dir() and not again and not _outdated(root, folder, card, source):
        return folder
    if source.archive:
        archive = find_archive(card, edition, source)
        _fill(folder, lambda place: unpack(archive, place, source.unpacked or 0))
    elif source.simulate:
        path, name = code_of(card.path, "", "simulate")
        simulate = load_function(path, name)
        said = source.simulate
        _fill(folder, lambda place: simulate(place, said.seed, said.seconds, said.recordings))
        _made_by(folder).write_text(simulation_key(card, source), encoding="utf-8")
    else:
        ask = f" {source.ask}" if source.ask else ""
        raise Unavailable(f"{card.id}@{edition}: the raw files are not here. Put them into {folder}.{ask}")
    return folder


def _made_by(folder: Path) -> Path:
    """File beside a generated folder that says what it was drawn with."""
    return folder.with_name(f".{folder.name}.made-by")


def simulation_key(card: DatasetCard, source: Edition) -> str:
    """Identity of generated data: what they are drawn with, and the code that draws them."""
    assert source.simulate is not None
    return digest({"simulate": computing(source.simulate), "code": simulator_hash(card)})


def _outdated(root: Path, folder: Path, card: DatasetCard, source: Edition) -> bool:
    """Whether generated files were drawn by other code or settings; a mirror's are never touched."""
    if not source.simulate or not folder.is_relative_to(root):
        return False
    stamp = _made_by(folder)
    return not stamp.is_file() or stamp.read_text(encoding="utf-8") != simulation_key(card, source)


def find_archive(card: DatasetCard, edition: str, source: Edition) -> Path:
    """Archive of an edition in the folder that ``FAULTBOARD_DATA`` names, its hash checked."""
    assert source.archive is not None
    mirror = _mirror()
    if mirror is None or not (mirror / source.archive).is_file():
        where = f"in {mirror}" if mirror else f"on this machine: {MIRROR} names no folder"
        raise Unavailable(
            f"{card.id}@{edition}: {source.archive} is not {where}. "
            f"Set {MIRROR} to a folder that holds it ({source.bytes or 0:,} bytes)."
        )
    archive = mirror / source.archive
    found = file_hash(archive)
    if found != source.sha256:
        raise DataError(
            f"{archive}: damaged, or another file: sha256 {found[:12]}..., the card says {str(source.sha256)[:12]}... "
            f"({archive.stat().st_size:,} of {source.bytes:,} bytes). Copy it again."
        )
    return archive


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _fill(folder: Path, fill: object) -> None:
    """Fill a folder beside its place, then rename it into place."""
    assert callable(fill)
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        fill(beside)
        shutil.rmtree(folder, ignore_errors=True)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def unpack(archive: Path, folder: Path, limit: int) -> None:
    """Unpack a zip archive.

    Parameters
    ----------
    limit : int
        Unpacked bytes that the card declares: an archive that holds more is refused unread.

    Raises
    ------
    DataError
        A member would leave the folder, is a link or a device, or the archive is damaged or too large.
    """
    try:
        with zipfile.ZipFile(archive) as zipped:
            members = zipped.infolist()
            total = sum(m.file_size for m in members)
            if total > limit:
                raise DataError(f"{archive}: unpacks to {total:,} bytes, the card declares {limit:,}. Not unpacked.")
            for member in members:
                _refuse_escape(archive, folder, member)
            for member in members:
                zipped.extract(member, folder)
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise DataError(f"{archive}: cannot be unpacked: {error}") from None


def _refuse_escape(archive: Path, folder: Path, member: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DataError(f"{archive}: member {member.filename!r} is a link or a device. Not unpacked.")
    if not (folder / member.filename).resolve().is_relative_to(folder.resolve()):
        raise DataError(f"{archive}: member {member.filename!r} would leave its folder. Not unpacked.")


def files_below(folder: Path) -> Iterator[Path]:
    """Files below a folder, sorted by their path with forward slashes."""
    return iter(sorted((p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.relative_to(folder).as_posix()))


def simulator_hash(card: DatasetCard) -> str:
    """Hash of the code that generates an edition: the card's own file and the physics that it imports."""
    path, _ = code_of(card.path, "", "simulate")
    seen: dict[Path, str] = {}
    todo = [path]
    while todo:
        file = todo.pop()
        if file not in seen:
            seen[file] = code_hash(file)
            todo += _physics_imported(file)
    return hashlib.sha256("".join(sorted(seen.values())).encode()).hexdigest()


def _physics_imported(path: Path) -> list[Path]:
    room = Path(__file__).parents[1] / "simulation"
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    stems = {name.split(".")[2] for name in names if name.startswith("faultboard.simulation.")}
    return sorted(room / f"{stem}.py" for stem in stems if (room / f"{stem}.py").is_file())


def is_here(root: Path, card: DatasetCard, edition: str) -> bool:
    """Whether the raw files of an edition are here or can be made without fetching."""
    source = edition_of(card, edition)
    mirror = _mirror()
    archived = bool(source.archive and mirror and (mirror / source.archive).is_file())
    return bool(source.simulate) or archived or raw_folder(root, card, edition).is_dir()


def compare(root: Path, card: DatasetCard, edition: str) -> list[dict[str, str]]:
    """Hold raw files against the archive that the card pins.

    Returns
    -------
    list of {file, fault}
        Every missing, extra, altered or truncated file, sorted by name.

    Raises
    ------
    Unavailable
        There is nothing to hold them against, or no raw file.
    """
    source = edition_of(card, edition)
    folder = raw_folder(root, card, edition)
    if not folder.is_dir():
        raise Unavailable(f"{card.id}@{edition}: no raw files in {folder}: faultboard fetch {card.id}@{edition}")
    if not source.archive:
        raise Unavailable(f"{card.id}@{edition}: the card pins no archive to hold the files against")
    with zipfile.ZipFile(find_archive(card, edition, source)) as zipped:
        pinned = {m.filename: m for m in zipped.infolist() if not m.is_dir()}
    faults = []
    found = {p.relative_to(folder).as_posix(): p for p in files_below(folder)}
    for name in sorted(pinned.keys() | found.keys()):
        if name not in found:
            faults.append({"file": name, "fault": "missing"})
        elif name not in pinned:
            faults.append({"file": name, "fault": "extra: not in the archive"})
        elif found[name].stat().st_size != pinned[name].file_size:
            sizes = f"{found[name].stat().st_size:,} of {pinned[name].file_size:,} bytes"
            faults.append({"file": name, "fault": f"truncated or altered: {sizes}"})
        elif zlib.crc32(found[name].read_bytes()) != pinned[name].CRC:
            faults.append({"file": name, "fault": "altered: same size, other content"})
    return faults
