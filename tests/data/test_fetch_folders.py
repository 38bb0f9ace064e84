"""Where files are put: what is there already, and disks that are too small."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest

from faultboard.data.raw import fetch as module
from faultboard.errors import DataError
from support.public_files import FIRST, Source, faults, get


def test_what_does_not_belong_to_the_set_does_not_come_along(source: Source) -> None:
    partial = source.root / "data/raw/.toy@full.partial"
    partial.mkdir(parents=True)
    (partial / "of_an_older_list.npy").write_bytes(b"x")
    (partial / FIRST).write_bytes(b"damaged")
    get(source)
    assert faults(source) == {}


def test_again_fetches_what_is_damaged_and_nothing_else(source: Source) -> None:
    folder = get(source)
    (folder / FIRST).write_bytes(b"damaged")
    source.asked.clear()
    get(source, again=True)
    assert set(source.asked) == {FIRST}
    assert faults(source) == {}


def test_the_shared_folder_is_never_written_to(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tmp_path / "shared/toy@full"
    shared.mkdir(parents=True)
    (shared / "mine.txt").write_text("x")
    monkeypatch.setenv("FAULTBOARD_DATA", str(shared.parent))
    with pytest.raises(DataError, match="writes nothing there"):
        get(source, again=True)
    assert [p.name for p in shared.iterdir()] == ["mine.txt"]


def test_a_disk_that_is_too_small_is_said_before_anything_comes(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(source.root)._replace(free=1000)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DataError, match=r"toy@full: needs [\d,]+ bytes, and 1,000 are free in .*Nothing came"):
        get(source)
    assert not source.asked


def test_a_disk_that_fills_up_is_one_line(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = source.root / "data/raw/.toy@full.parts"
    parts.mkdir(parents=True)
    # every write to this device fails as on a full disk
    (parts / f"{FIRST}.part").symlink_to("/dev/full")
    with pytest.raises(DataError, match=r"the disk is full\. \d+ of 12 files are kept") as caught:
        get(source)
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_not_taken_for_a_bad_network() -> None:
    from requests import RequestException

    assert not isinstance(OSError(errno.ENOSPC, "full"), RequestException)
