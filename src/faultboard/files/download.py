"""One file over HTTP: whole and checked in its place, or not there.

pooch checks the hash and puts the file in its place. The way there is ours, since pooch begins every try anew: a
broken download is taken up where it ended, and a server that is busy is asked again when it says.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from faultboard.errors import Unavailable
from faultboard.files.checksum import agrees, file_hash

if TYPE_CHECKING:
    from requests import RequestException, Session

Step = Callable[[int], None]
_TRIES = 4  # in a row without one more byte
_PAUSE = 1.0  # seconds before the second try, twice as long before each further one
_LONGEST_PAUSE = 120.0  # what a server may ask for
_TIMEOUT = (10.0, 30.0)  # seconds to connect, and between two pieces
_PIECE = 1 << 14  # bytes; what a broken connection loses at most
_DIGITS = 64  # of a whole SHA-256
_BUSY = (408, 425, 429, 500, 502, 503, 504)
_local = threading.local()


def download(
    urls: Sequence[str],
    target: Path,
    pin: str,
    size: int | None = None,
    step: Step | None = None,
    stop: threading.Event | None = None,
) -> Path:
    """Fetch a file.

    Parameters
    ----------
    urls : sequence of str
        Addresses of the file; the next is asked where one fails. One that gives another file is asked twice.
    target : Path
        Where to put it; a download that was broken off lies beside it as ``.part``.
    pin : str
        What the file must be, as `checksum.agrees` takes it.
    size : int, optional
        Bytes of the file: a server that offers another number is refused.
    step : callable, optional
        Called with each number of bytes that came; a negative one if they are fetched anew.
    stop : Event, optional
        Set by another thread to break off.

    Raises
    ------
    Unavailable
        No address gives the file; the message has the reason of each.
    CancelledError
        ``stop`` was set.
    OSError
        The disk is full, or the folder cannot be written to.
    """
    import pooch
    from requests import RequestException

    pooch.get_logger().setLevel("WARNING")
    part = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    resuming = _Resuming(part, size, step or (lambda count: None), stop or threading.Event())
    # of a hash that is known in part pooch knows nothing
    known = f"sha256:{pin}" if len(pin) == _DIGITS else pin if ":" in pin else None
    reasons = []
    for url in urls:
        for last in (False, True):
            try:
                found = Path(pooch.retrieve(url, known, target.name, target.parent, downloader=resuming))
                if not known:
                    _check_digits(found, pin)
                return found
            except RequestException as error:
                reasons.append(f"{url}: {_said(error)}")
                break
            except ValueError as error:
                resuming.forget()
                if last:
                    reasons.append(f"{url}: another file than the one that is pinned: {_said(error)}")
    raise Unavailable("; ".join(reasons))


def _check_digits(path: Path, first: str) -> None:
    if not agrees(path, first):
        found = file_hash(path)
        path.unlink()
        raise ValueError(f"sha256 {found[:12]}... instead of {first}...")


def size_of(urls: Sequence[str]) -> int | None:
    """Bytes of a file as the first server that knows it says; None where none says so."""
    from requests import RequestException

    for url in urls:
        try:
            # compressed on the way, it would be another size
            answer = _session().head(
                url, headers={"Accept-Encoding": "identity"}, timeout=_TIMEOUT, allow_redirects=True
            )
            answer.raise_for_status()
        except RequestException:
            continue
        said = answer.headers.get("Content-Length", "")
        if said.isdecimal():
            return int(said)
    return None


@dataclass
class _Resuming:
    """What pooch calls to fetch a file: it goes on with what is there, and waits for a busy server."""

    part: Path
    size: int | None
    step: Step
    stop: threading.Event
    counted: int = 0

    def __call__(self, url: str, output_file: str, _: object) -> None:
        from requests import RequestException

        failures, longest = 0, -1
        while True:
            try:
                self._pull(url)
                break
            except RequestException as error:
                have = _length(self.part)
                failures = failures + 1 if have <= longest else 1
                longest = max(have, longest)
                pause = _pause(error, failures)
                if pause is None or failures == _TRIES:
                    raise
                if self.stop.wait(pause):
                    raise CancelledError from None
        self.part.replace(output_file)

    def forget(self) -> None:
        """Begin anew: what came is of another file."""
        self.part.unlink(missing_ok=True)
        self._count(0)

    def _count(self, have: int) -> None:
        self.step(have - self.counted)
        self.counted = have

    def _pull(self, url: str) -> None:
        """Append what is missing, or all of it if the server does not go on where the file ends."""
        import requests

        have = _length(self.part)
        self._count(have)
        if self.size is not None and have == self.size:
            return
        # compressed on the way, neither sizes nor ranges would be those of the file
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with _session().get(url, headers=headers, stream=True, timeout=_TIMEOUT) as answer:
            if have and answer.status_code == 416:
                self.forget()
                raise requests.ConnectionError(f"the server does not go on at byte {have:,}")
            answer.raise_for_status()
            # 200 is all of the file; another range than the one asked for shows in size or hash
            if answer.status_code != 206:
                have = 0
            offered = answer.headers.get("Content-Length", "")
            if self.size is not None and offered.isdecimal() and have + int(offered) != self.size:
                raise ValueError(f"{have + int(offered):,} bytes instead of {self.size:,}")
            with self.part.open("ab" if have else "wb") as stream:
                self._count(have)
                for piece in answer.iter_content(_PIECE):
                    if self.stop.is_set():
                        raise CancelledError
                    stream.write(piece)
                    have += len(piece)
                    self._count(have)
                    if self.size is not None and have > self.size:
                        raise ValueError(f"more than {self.size:,} bytes")
        if self.size is not None and have < self.size:
            raise requests.ConnectionError(f"ends after {have:,} of {self.size:,} bytes")


def _pause(error: RequestException, failures: int) -> float | None:
    """Seconds to wait before the next try; None where there is none to wait for."""
    from requests.exceptions import ChunkedEncodingError, ConnectionError, Timeout

    usual = _PAUSE * 2.0 ** (failures - 1)
    if isinstance(error, ConnectionError | Timeout | ChunkedEncodingError):
        return usual
    if error.response is None or error.response.status_code not in _BUSY:
        return None
    asked = error.response.headers.get("Retry-After", "")
    try:
        if asked.isdecimal():
            seconds = float(asked)
        else:
            seconds = (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):  # no such header, or a date without a zone
        return usual
    return max(seconds, 0.0) if seconds <= _LONGEST_PAUSE else None


def _length(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _session() -> Session:
    """One session a thread: connections are kept open between files, and sessions are not for two threads."""
    import requests

    if not hasattr(_local, "session"):
        _local.session = requests.Session()
    session: Session = _local.session
    return session


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
