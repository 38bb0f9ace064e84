"""Files of two kinds in a user's folder are no data set: the first one that differs is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from faultboard.errors import DataError
from faultboard.tasks.starter.folder import starter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for label in ("ok", "worn"):
        (tmp_path / label).mkdir()
        soundfile.write(tmp_path / label / "1.wav", np.zeros(100), 8000)
    return tmp_path


def test_pictures_beside_sounds_are_refused(folder: Path) -> None:
    Image.new("RGB", (8, 8)).save(folder / "worn/2.png")
    with pytest.raises(DataError, match=r"worn/2\.png is photo, ok/1\.wav sound: keep files of one kind"):
        starter(folder)


def test_two_channels_beside_one_are_refused(folder: Path) -> None:
    soundfile.write(folder / "worn/2.wav", np.zeros((100, 2)), 8000)
    with pytest.raises(DataError, match=r"worn/2\.wav channels: 2, ok/1\.wav 1: keep files of one kind"):
        starter(folder)
