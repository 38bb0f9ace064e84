"""Videos: what is written is read back, and what is cut short is not taken for whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faultboard.data.video import read_video, write_video
from faultboard.errors import DataError


@pytest.fixture
def frames() -> np.ndarray:
    """Five pictures of a square that moves to the right."""
    out = np.full((5, 48, 64, 3), (20, 60, 120), dtype=np.uint8)
    for number, picture in enumerate(out):
        picture[16:32, 10 * number : 10 * number + 12] = (230, 180, 40)
    return out


def test_avi_loses_nothing(tmp_path: Path, frames: np.ndarray) -> None:
    write_video(tmp_path / "a.avi", frames, 5)
    assert np.array_equal(read_video(tmp_path / "a.avi", "a.avi"), frames)


def test_mp4_shows_the_frames_in_their_order(tmp_path: Path, frames: np.ndarray) -> None:
    write_video(tmp_path / "a.mp4", frames, 5)
    found = read_video(tmp_path / "a.mp4", "a.mp4").astype(int)
    off = np.abs(found[:, None] - frames.astype(int)[None]).mean(axis=(2, 3, 4))
    assert off.argmin(1).tolist() == [0, 1, 2, 3, 4]
    assert np.diag(off).max() < 5


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
def test_the_same_frames_give_the_same_bytes(tmp_path: Path, frames: np.ndarray, suffix: str) -> None:
    paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for path in paths:
        write_video(path, frames, 5)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9])
def test_a_cut_video_is_refused_in_one_line(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"a{suffix}"
    write_video(path, np.random.default_rng(0).integers(0, 256, (9, 48, 64, 3), dtype=np.uint8), 5)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError, match=r"^sub/a\.\w+ (is no whole video|ends after)[^\n]*$") as caught:
        read_video(path, f"sub/a{suffix}")
    assert str(tmp_path) not in str(caught.value)


def test_another_suffix_is_refused(tmp_path: Path, frames: np.ndarray) -> None:
    with pytest.raises(DataError, match=r"say one that ends in \.mp4 or \.avi"):
        write_video(tmp_path / "a.gif", frames, 5)
