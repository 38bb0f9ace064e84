"""Files below a folder: in one order on every machine, and none whose name would garble a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from faultboard.data.reading import files
from faultboard.errors import DataError


def test_files_come_sorted_and_without_what_file_managers_leave(tmp_path: Path) -> None:
    for name in ("b/2.wav", "a/10.wav", "a/.DS_Store", "b/._2.wav", "b/Thumbs.db"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [name for name, _ in files(tmp_path)] == ["a/10.wav", "b/2.wav"]


def test_a_name_that_cannot_be_printed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a\nb.wav").touch()
    with pytest.raises(DataError, match=r"'a\\nb\.wav' is no name in UTF-8 that can be printed") as caught:
        list(files(tmp_path))
    assert str(caught.value).isprintable()
