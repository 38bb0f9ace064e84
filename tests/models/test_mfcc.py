"""Mel cepstrum and spectral contrast: librosa's own where it can, and something finite where its defaults cannot."""

import sys
from pathlib import Path

import librosa
import numpy as np
import pytest
from numpy.typing import NDArray

from faultboard.errors import FaultboardError, broken_library
from faultboard.models.frozen.features import extract
from support.in_memory import Arrays, tones, windows
from support.repository import CARDS

MFCC = CARDS.model("mfcc.none.logreg")


def features(samples: NDArray[np.floating], rate: float) -> NDArray[np.float32]:
    given = Arrays(samples.astype(np.float32), rate, "sound")
    return extract(MFCC, given, np.arange(len(given)), 0, "cpu")[0]


def coloured(n: int, length: int, channels: int = 1) -> NDArray[np.float64]:
    """Noise whose low frequencies are loud, and louder from window to window."""
    rng = np.random.default_rng(0)
    noise = np.cumsum(rng.standard_normal((n, length, channels)), axis=1)
    return (noise + rng.standard_normal(noise.shape)) * 10.0 ** np.arange(n)[:, None, None]


def test_at_16_khz_it_is_librosa_by_its_defaults() -> None:
    samples = coloured(2, 16_000)
    found = features(samples, 16_000.0)
    for window, row in zip(samples[..., 0], found, strict=True):
        wave = (window - window.mean()) / window.std()
        cepstrum = librosa.feature.mfcc(y=wave, sr=16_000)
        delta = librosa.feature.delta(cepstrum)
        contrast = librosa.feature.spectral_contrast(y=wave, sr=16_000)
        rows = np.concatenate([cepstrum, delta, contrast])
        np.testing.assert_allclose(row, np.concatenate([rows.mean(1), rows.std(1)]), rtol=1e-3, atol=1e-3)


def test_librosas_defaults_fail_where_these_do_not() -> None:
    # if they no longer do, the settings may be simpler
    wave = coloured(1, 2560)[0, :, 0]
    with pytest.raises(librosa.ParameterError, match="exceeds Nyquist"):
        librosa.feature.spectral_contrast(y=wave, sr=12_000)
    with pytest.raises(librosa.ParameterError, match="width=9"):
        librosa.feature.delta(librosa.feature.mfcc(y=wave, sr=25_600))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("rate", "length", "width"),
    [
        (12_000.0, 4096, 94),
        (20_000.0, 4000, 94),
        (25_600.0, 2560, 94),
        (64_000.0, 8192, 94),
        (48_000.0, 2048, 94),
        (533.0, 512, 94),
        (99.0, 256, 78),
        (99.0, 255, 44),
        (8.0, 17, 10),
        (8.0, 16, 10),
    ],
)
def test_any_rate_and_length_give_finite_numbers_that_tell_windows_apart(rate: float, length: int, width: int) -> None:
    samples = coloured(3, length, 3)
    found = features(samples, rate)
    assert found.shape == (3, 3 * width)
    assert np.isfinite(found).all()
    # the lowest band of contrast may be one bin, which has none
    assert (found.std(axis=0) > 0).mean() >= 0.8


def test_bands_of_contrast_follow_the_rate() -> None:
    samples = coloured(2, 4096)
    contrast = [features(samples, rate)[:, 40:47] for rate in (12_000.0, 64_000.0)]
    np.testing.assert_allclose(*contrast, rtol=1e-5)


def test_windows_that_are_too_short_are_refused() -> None:
    with pytest.raises(FaultboardError, match="mfcc needs windows of 16 samples or more, these have 15"):
        features(coloured(2, 15), 99.0)


def test_level_and_offset_do_not_count() -> None:
    samples = coloured(1, 4096, 2)
    np.testing.assert_allclose(features(samples, 12e3), features(1e-4 * samples + 3, 12e3), rtol=1e-2, atol=2e-2)


def test_a_window_and_a_channel_know_nothing_of_their_neighbours() -> None:
    # the second is ten times as loud as the first, the third a hundred times
    samples = coloured(3, 4096, 2)
    together = features(samples, 12_000.0)
    width = together.shape[1] // 2
    np.testing.assert_array_equal(together[:1], features(samples[:1], 12_000.0))
    np.testing.assert_array_equal(together[:, width:], features(samples[..., 1:], 12_000.0))


@pytest.mark.parametrize("value", [0.0, 0.1, -3e4])
def test_silence_is_finite_and_one_whatever_its_offset(value: float) -> None:
    samples = np.full((1, 4000, 2), value)
    samples[..., 1] = coloured(1, 4000)[..., 0]
    found = features(samples, 20_000.0)
    silent = features(np.zeros((1, 4000, 1)), 20_000.0)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[:, :94], silent, atol=1e-4)


def test_tones_are_told_apart_and_a_change_in_time_is_seen() -> None:
    given, y = tones(4)
    found = features(given.samples, 12_000.0)
    assert np.abs(found[y == 0].mean(0) - found[y == 1].mean(0)).max() > 5 * np.abs(found[0] - found[2]).max()
    steady = coloured(1, 16_000)
    fading = steady * np.geomspace(1, 1e-3, 16_000)[None, :, None]
    # deviation of the first coefficient and mean of its delta: loudness over time
    assert features(fading, 16e3)[0, 47] > 5 * features(steady, 16e3)[0, 47]
    assert features(fading, 16e3)[0, 20] < -5 * abs(features(steady, 16e3)[0, 20])


def test_without_librosa_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "librosa", None)
    given = windows("sound", 2)
    with pytest.raises(ImportError) as caught:
        extract(MFCC, given, np.arange(2), 0, "cpu")
    assert broken_library(caught.value).startswith("librosa is not installed: install faultboard again")


def test_no_other_card_needs_it() -> None:
    # a machine without it computes all other rows
    named = {p.name for p in Path(MFCC.card.path).parent.glob("**/*.py") if "import librosa" in p.read_text()}
    assert named == {"mfcc.py"}
