"""Raw files over the network: what is missing is fetched, checked and changed as the card says.

What came stays, whatever ends the process: finished files lie in ``.NAME.partial`` and those under way in
``.NAME.parts``, both beside the raw folder, and the next call goes on with them.
"""

from __future__ import annotations

import errno
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, urlsplit

from filelock import FileLock, Timeout

from faultboard.data.edition import Edition
from faultboard.data.raw.archive import archive_is_here
from faultboard.data.raw.folder import fill_from, put_in_place, refuse_shared
from faultboard.data.raw.public_files import PublicFile, public_files
from faultboard.declare.code import code_of, load_function
from faultboard.declare.dataset import Archive, EditionCard
from faultboard.errors import DataError, Unavailable
from faultboard.files.checksum import agrees
from faultboard.files.download import Step, download, size_of

_AT_ONCE = 4
_SPARE = 64 * 2**20  # bytes of the disk that are left free


@dataclass(frozen=True)
class Order:
    """What is to be fetched for one edition.

    Attributes
    ----------
    edition : Edition
        What will be there.
    files : tuple of PublicFile
        All files of the edition, or its archives.
    change : callable, optional
        Bytes of a file as published to those that the edition keeps.
    packed : EditionCard, optional
        What is declared, where the files are archives.
    """

    edition: Edition
    files: tuple[PublicFile, ...]
    change: Callable[[bytes], bytes] | None = None
    packed: EditionCard | None = None

    @property
    def name(self) -> str:
        """``dataset@edition``."""
        return self.edition.id

    @cached_property
    def folder(self) -> Path:
        """The raw folder that will be there."""
        return self.edition.raw

    @property
    def unpacked(self) -> int:
        """Bytes that the archives unpack to, at most."""
        return (self.packed.unpacked or 0) if self.packed else 0

    @property
    def is_of_known_size(self) -> bool:
        """Whether card or servers say the size of every file that is missing."""
        return all(file.bytes for file in self.missing)

    @property
    def partial(self) -> Path:
        """Folder of finished files."""
        return self.folder.with_name(f".{self.folder.name}.partial")

    @property
    def parts(self) -> Path:
        """Folder of files as published, under way."""
        return self.folder.with_name(f".{self.folder.name}.parts")

    @cached_property
    def missing(self) -> tuple[PublicFile, ...]:
        """Files that are not here as they should be, neither finished before nor in the folder that is replaced."""
        return tuple(file for file in self.files if self._here(file) is None)

    @property
    def bytes(self) -> int:
        """Bytes that the network must bring."""
        return sum(file.bytes for file in self.missing)

    @property
    def hosts(self) -> list[str]:
        """Where they come from, the first to be asked."""
        return sorted({urlsplit(file.urls[0]).netloc for file in self.missing})

    def _here(self, file: PublicFile) -> Path | None:
        places = (self.partial / file.path, self.folder / file.path)
        return next((p for p in places if p.is_file() and any(agrees(p, k) for k in file.kept)), None)

    def keep(self) -> None:
        """Gather in ``partial`` what is here, and nothing else."""
        wanted = {self.partial / file.path for file in self.files}
        for path in self.partial.rglob("*"):
            if path.is_file() and path not in wanted:
                path.unlink()
        for file in self.files:
            here = self._here(file)
            if here and here != self.partial / file.path:
                (self.partial / file.path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(here, self.partial / file.path)


def order(edition: Edition, again: bool = False) -> Order | None:
    """Say what an edition needs from the network; None where `provide` has it, or nobody has.

    Raises
    ------
    DataError
        ``again`` was asked for files of the shared folder.
    """
    source = edition.declared
    if (edition.raw.is_dir() and not again) or archive_is_here(source) or not source.is_public:
        return None
    refuse_shared(edition)
    if source.url:
        return Order(edition, tuple(_archive(source, packed) for packed in source.packed), packed=source)
    change = load_function(*code_of(edition.card.path, source.change, "")) if source.change else None
    return Order(edition, tuple(public_files(edition)), change)


def _archive(source: EditionCard, packed: Archive) -> PublicFile:
    urls = tuple(url.format(name=quote(packed.name)) for url in source.url)
    return PublicFile(packed.name, urls, packed.bytes or size_of(urls) or 0, packed.pin, (packed.pin,))


def fetch(wanted: Order, step: Step) -> Path:
    """Fetch what is missing, several files at a time, and put the raw folder in its place.

    Parameters
    ----------
    step : callable
        Called with each number of bytes that came, from several threads.

    Raises
    ------
    Unavailable
        A file cannot be had; the message names the first one.
    DataError
        The disk is too small, a change gives something else than the list says, or the archive is refused.
    """
    try:
        with _alone(wanted):
            _refuse_small_disk(wanted)
            wanted.keep()
            _fetch_missing(wanted, step)
            if wanted.packed is None:
                put_in_place(wanted.partial, wanted.folder)
            else:
                # filling begins with an empty `partial`; in `parts` archives are found again if the disk is full
                names = [file.path for file in wanted.files]
                archives = [(wanted.partial / name).replace(wanted.parts / name) for name in names]
                fill_from(wanted.folder, wanted.packed, archives)
            shutil.rmtree(wanted.parts)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        why = "the disk is full" if full else f"{type(error).__name__}: {error}"
        raise DataError(f"{wanted.name}: {wanted.folder.parent}: {why}. {_kept(wanted)}") from None
    return wanted.folder


def _fetch_missing(wanted: Order, step: Step) -> None:
    stop = threading.Event()
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        under_way = [pool.submit(_fetch_one, wanted, file, step, stop) for file in wanted.missing]
        for done in as_completed(under_way):
            done.result()
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _fetch_one(wanted: Order, file: PublicFile, step: Step, stop: threading.Event) -> None:
    try:
        came = download(file.urls, wanted.parts / file.path, file.sha256, file.bytes or None, step, stop)
    except Unavailable as error:
        raise Unavailable(f"{wanted.name}: {file.path} cannot be fetched: {error}. {_kept(wanted)}") from None
    if file.is_changed:
        came.write_bytes(_changed(wanted, file, came.read_bytes()))
    place = wanted.partial / file.path
    place.parent.mkdir(parents=True, exist_ok=True)
    came.replace(place)


def _changed(wanted: Order, file: PublicFile, content: bytes) -> bytes:
    assert wanted.change is not None
    try:
        kept = wanted.change(content)
    except Exception as error:
        raise DataError(f"{wanted.name}: {file.path}: change failed: {type(error).__name__}: {error}") from error
    result = sha256(kept).hexdigest()
    if result not in file.kept:
        hashes = f"sha256 {result[:12]}..., the list says {file.kept[0][:12]}..."
        raise DataError(
            f"{wanted.name}: {file.path}: the change gives another file than the one that is kept: {hashes}"
        )
    return kept


def _kept(wanted: Order) -> str:
    finished = sum((wanted.partial / file.path).is_file() for file in wanted.files)
    return f"{finished:,} of {len(wanted.files):,} files are kept: the same command goes on"


def _refuse_small_disk(wanted: Order) -> None:
    wanted.parts.mkdir(parents=True, exist_ok=True)
    wanted.partial.mkdir(exist_ok=True)
    needed = wanted.bytes + wanted.unpacked + _SPARE
    free = shutil.disk_usage(wanted.parts).free
    if free < needed:
        place = wanted.folder.parent
        raise DataError(f"{wanted.name}: needs {needed:,} bytes, and {free:,} are free in {place}. Nothing came.")


@contextmanager
def _alone(wanted: Order) -> Iterator[None]:
    try:
        with FileLock(wanted.edition.lock, timeout=0):
            yield
    except Timeout:
        raise DataError(f"{wanted.name} is being fetched or prepared by another process; wait for it to end") from None
