"""Front ends of the source papers: what librosa, matplotlib and plain convolution give, and the papers' own counts."""

import csv
import io

import librosa
import librosa.display
import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

from faultboard.data.windows import cut
from faultboard.declare.model import Preprocessing
from faultboard.models.inputs import front_end
from faultboard.models.inputs.mel_decibels import decibels, mel_power
from faultboard.models.inputs.scalogram import frequencies, wavelet_power
from faultboard.tasks.folds import Drawable
from faultboard.tasks.splits import draw
from support.in_memory import windows
from support.repository import CARDS, REPOSITORY

PLAIN = Preprocessing(mean=[0.0, 0.0, 0.0], std=[1.0, 1.0, 1.0])
# as the accelerometer's notebook called librosa
ACCELEROMETER = {"assumed_rate": 1000.0, "points": 256}


def librosas_decibels(wave: NDArray[np.floating], rate: float, points: int) -> NDArray[np.floating]:
    power = librosa.feature.melspectrogram(y=wave, sr=rate, n_mels=128, n_fft=points)
    found: NDArray[np.floating] = librosa.power_to_db(power, ref=np.max)
    return found


def axes() -> NDArray[np.float32]:
    """Two windows of three axes in counts: gravity on one, tones and noise on all."""
    t = np.arange(1000)[:, None]
    tones = 400 * np.sin(2 * np.pi * np.array([0.05, 0.11, 0.23]) * t)
    noise = np.random.default_rng(0).standard_normal((2, 1000, 3)) * 60
    return (tones + noise + np.array([150, -900, 16_000])).astype(np.float32)


def test_each_axis_is_librosas_decibels_below_its_own_maximum() -> None:
    batch = axes()
    found = front_end("mel_decibels")(batch, 533.0, PLAIN, **ACCELEROMETER)
    assert found.shape == (2, 3, 128, 2)
    for window, picture in zip(batch, found.numpy(), strict=True):
        for wave, channel in zip(window.T, picture, strict=True):
            expected = librosas_decibels(wave.astype(np.float64), 1000, 256)
            np.testing.assert_allclose(channel, expected, rtol=1e-4, atol=2e-3)


def test_dividing_by_the_largest_magnitude_of_all_files_changes_no_pixel() -> None:
    # why the source's normalisation over the test files too is not built: it leaves nothing that could leak
    largest = np.array([7_000.0, 19_500.0, 20_000.0])
    for wave, most in zip(axes()[0].T.astype(np.float64), largest, strict=True):
        divided, as_recorded = (librosas_decibels(w, 1000, 256) for w in (wave / most, wave))
        np.testing.assert_allclose(divided, as_recorded, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("rate", "points"), [(533.0, 512), (12_001.0, 1024), (22_050.0, 2048)])
def test_the_mel_scale_is_librosas_at_any_rate(rate: float, points: int) -> None:
    wave = np.random.default_rng(1).standard_normal(8192)
    found = decibels(mel_power(torch.from_numpy(wave.astype(np.float32))[None, None], rate, points=points))[0, 0]
    np.testing.assert_allclose(found.numpy(), librosas_decibels(wave, rate, points), rtol=1e-4, atol=2e-3)


def clip() -> NDArray[np.float32]:
    """Two seconds of eight microphones at 16 kHz: a swept tone in noise."""
    t = np.arange(32_000)[:, None] / 16_000
    rng = np.random.default_rng(0)
    return (np.sin(2 * np.pi * (300 + 900 * t) * t) + 0.1 * rng.standard_normal((32_000, 8))).astype(np.float32)[None]


def test_the_coloured_picture_is_the_figure_that_matplotlib_saves() -> None:
    # as the fans' pictures were made: librosa.load, power_to_db, specshow without axes, a file, torchvision's resize
    import soundfile
    from matplotlib.figure import Figure
    from PIL import Image
    from torchvision.transforms import v2

    batch = clip()
    batch -= batch.mean(1, keepdims=True)
    with io.BytesIO() as wav:
        soundfile.write(wav, batch[0], 16_000, "FLOAT", format="WAV")
        wav.seek(0)
        wave, rate = librosa.load(wav)
    figure = Figure(frameon=False)
    axis = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axis.set_axis_off()
    librosa.display.specshow(librosas_decibels(wave, rate, 2048), ax=axis)
    with io.BytesIO() as png:
        figure.savefig(png)
        picture = Image.open(png).convert("RGB")
    assert picture.size == (640, 480)
    expected = v2.Compose([v2.Resize((224, 224)), v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])(picture)
    found = front_end("mel_coloured")(batch, 16_000.0, PLAIN)[0]
    assert float(expected.std()) > 0.1
    # a saved pixel is rounded twice; two decibels near a border of colours may fall to either side
    assert float((found - expected).abs().max()) < 3 / 255
    assert float((found - expected).abs().mean()) < 1 / 255


def test_the_short_time_spectrum_is_scipys() -> None:
    from scipy.signal import ShortTimeFFT

    wave = windows("vibration", 1, 224 * 40).samples[0, :, 0].astype(np.float64)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512)
    spectrum = ShortTimeFFT(hann, hop=40, fs=1).stft(wave - wave.mean(), p0=0, p1=225)
    db = 20 * np.log10(np.abs(spectrum))
    shown = torch.from_numpy((np.maximum(db - db.max(), -80) + 80) / 80)[None, None]
    expected = torch.nn.functional.interpolate(shown, (224, 224), mode="bilinear", antialias=True)[0, 0]
    found = front_end("stft_image")(wave[None, :, None].astype(np.float32), 12_000.0, PLAIN)
    assert found.shape == (1, 3, 224, 224)
    torch.testing.assert_close(found[0, 0].double(), expected, rtol=1e-4, atol=1e-4)


def test_wavelet_power_is_that_of_a_convolution_with_morlets_wavelet() -> None:
    # in the domain of time, in double precision, nought outside the window
    wave, bands = np.random.default_rng(0).standard_normal(1024), 24
    expected = []
    for f in frequencies(1024, bands):
        scale = 6 / (2 * np.pi * f)
        x = np.arange(-1023, 1024) / scale
        wavelet = np.pi**-0.25 / np.sqrt(scale) * np.exp(6j * x - x**2 / 2)
        expected.append(np.abs(np.convolve(wave, wavelet)[1023:2047]) ** 2)
    found = wavelet_power(torch.from_numpy(wave.astype(np.float32)), bands).numpy()
    assert found.shape == (bands, 512)
    # the highest wavelets reach beyond half the rate, where no sample can tell
    below = frequencies(1024, bands) < 0.25
    np.testing.assert_allclose(found[below], np.array(expected)[below, ::2], rtol=1e-4, atol=1e-4 * np.max(expected))


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_scalogram_shows_a_tone_and_a_knock_where_they_are(place: float) -> None:
    length, size = 8192, 64
    wave = np.zeros(length)
    wave[int(place * length)] = 300.0
    wave += np.sin(2 * np.pi * 0.02 * np.arange(length))
    found = front_end("scalogram")(wave[None, :, None].astype(np.float32), 12_000.0, PLAIN, size=size)[0, 0].numpy()
    assert found.shape == (size, size)
    assert frequencies(length, size)[np.median(found, axis=1).argmax()] == pytest.approx(0.02, rel=0.1)
    assert abs(found[-1].argmax() - place * size) <= 1


@pytest.mark.parametrize("name", ["stft_image", "scalogram", "mel_coloured"])
@pytest.mark.parametrize("length", [200, 4096])
def test_pictures_have_the_size_that_is_said(name: str, length: int) -> None:
    found = front_end(name)(windows("acceleration", 2, length, 3).samples, 12_000.0, PLAIN, size=96)
    assert found.shape == (2, 3, 96, 96)
    assert torch.isfinite(found).all()


class Thirty:
    """The thirty recordings with 3,532,165 rows in all, as published; how many each has is known but for its tail."""

    def __init__(self) -> None:
        with (REPOSITORY / "datasets" / "soon_pemp_files.csv").open(encoding="utf-8", newline="") as stream:
            files = list(csv.DictReader(stream))
        self.names = [f["number"] for f in files]
        self.published = [int(f["windows_in_source"]) for f in files]
        filled = np.array([1000 * (count + 1) // 2 for count in self.published])
        short = np.full(30, (filled.sum() - 3_532_165) // 30)
        short[: (filled.sum() - 3_532_165) % 30] += 1
        self.recordings = pd.DataFrame({"length": filled - short, "rate": np.nan})


def test_the_accelerometers_7068_windows_are_split_5654_to_1414() -> None:
    card = CARDS.task("soon_pemp_recordings")
    thirty = Thirty()
    assert thirty.recordings["length"].sum() == 3_532_165
    found = cut(card.window, thirty, np.arange(30), "acceleration", False, "")  # type: ignore[arg-type]
    assert np.bincount(found.recording).tolist() == thirty.published
    assert (len(found), found.length) == (7068, 1000)
    name = np.array(thirty.names)[found.recording]
    folds = draw(card.protocols["published"], Drawable(name, found.start, name, lambda _: name))
    assert [len(folds[0].train), len(folds[0].test)] == [5654, 1414]


def test_a_window_of_torino_is_one_patch_and_the_first() -> None:
    # 1.6 s hold one patch of 0.96 s and a rest: 1,728 windows are 54 batches of 32, as in the paper
    wave = windows("vibration", 3, 32_768).samples
    found = front_end("logmel_vggish")(wave, 20_480.0, PLAIN, tail="drop")
    heard = front_end("logmel_vggish")(wave, 20_480.0, PLAIN)
    assert found.shape == (3, 1, 64, 96)
    assert heard.shape == (3, 1, 64, 2 * 96)
    assert torch.equal(found, heard[..., :96])
