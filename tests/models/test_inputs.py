"""Front ends: what libraries and papers compute, and nothing that names the source of a window."""

from pathlib import Path

import numpy as np
import pytest
import torch

from faultboard.declare.model import Preprocessing
from faultboard.errors import CardError
from faultboard.models.identity import computing_key
from faultboard.models.inputs import front_end, input_of
from faultboard.models.inputs.waveform import at_rate
from faultboard.versions import INPUTS
from support.in_memory import small, windows

PLAIN = Preprocessing(mean=[0.0, 0.0, 0.0], std=[1.0, 1.0, 1.0])
SIGNALS = [name for name in INPUTS if name not in ("samples", "picture")]


def test_mel_image_is_librosas_where_no_band_is_narrower_than_a_bin() -> None:
    # at 1,000 Hz each of 64 bands is wider than a bin of 512 points, and both mean the same filters
    mel = pytest.importorskip("librosa.filters").mel
    wave = np.random.default_rng(0).standard_normal(4096).astype(np.float32)
    size, rate, points = 64, 1000.0, 512
    found = front_end("mel_image")(wave[None, :, None], rate, PLAIN, size=size)
    padded = np.pad(wave - wave.mean(), points // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, points)[:: len(wave) // size]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(points) / points)
    power = np.abs(np.fft.rfft(frames * hann, axis=1)).T ** 2
    db = 10 * np.log10(mel(sr=rate, n_fft=points, n_mels=size, htk=True, norm=None) @ power)
    db = np.maximum(db - db.max(), -80)
    picture = torch.from_numpy((db + 80) / 80)[None, None].float()
    picture = torch.nn.functional.interpolate(picture, (size, size), mode="bilinear", antialias=True)
    assert found.shape == (1, 3, size, size)
    torch.testing.assert_close(found[:, :1], picture, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", SIGNALS)
def test_a_silent_window_is_finite(name: str) -> None:
    assert torch.isfinite(front_end(name)(np.zeros((1, 4096, 1), np.float32), 16_000.0, PLAIN)).all()


def test_axes_of_raw_windows_keep_what_they_say_of_each_other() -> None:
    signal = windows("acceleration", 4, 500, 3).samples * np.array([1, 2, 3], np.float32)
    found = front_end("raw")(signal, 1_000.0, PLAIN)
    assert found.shape == (4, 3, 500)
    torch.testing.assert_close(found.square().mean((1, 2)), torch.ones(4))
    std = found.std(2)
    torch.testing.assert_close(std[:, 1] / std[:, 0], torch.full((4,), 2.0), rtol=0.2, atol=0)


@pytest.mark.parametrize(("rate", "tone"), [(12_000.0, 5_400), (48_828.0, 14_000), (51_200.0, 14_000)])
def test_a_tone_keeps_its_pitch_and_no_image_of_it_sounds(rate: float, tone: int) -> None:
    # an image above the old Nyquist frequency names the recorder; 48,828 is a ratio replaced by a near one
    t = np.arange(int(rate)) / rate
    wave = torch.from_numpy(np.sin(2 * np.pi * tone * t).astype(np.float32))[None]
    found = at_rate(wave, rate, 32_000)[0, 4_000:20_000]
    power = torch.fft.rfft(found * torch.hann_window(len(found))).abs().square()
    bins = tone // 2
    assert int(power.argmax()) == bins
    loudest = float(power.max())
    power[bins - 20 : bins + 21] = 0
    assert float(power.max()) < 1e-9 * loudest


def test_what_32_khz_cannot_hold_is_gone() -> None:
    t = np.arange(51_200) / 51_200
    wave = torch.from_numpy(np.sin(2 * np.pi * 19_000 * t).astype(np.float32))[None]
    assert float(at_rate(wave, 51_200.0, 32_000)[0, 4_000:20_000].abs().max()) < 1e-5


def test_pictures_of_any_size_and_depth_become_one_batch() -> None:
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (30, 500, 1), dtype=np.uint8)
    colour = np.repeat(grey, 3, axis=2)
    veiled = np.concatenate([colour, np.full((30, 500, 1), 9, np.uint8)], axis=2)
    found = front_end("picture")([grey, colour, veiled], None, PLAIN, size=64)
    assert found.shape == (3, 3, 64, 64)
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[1], found[2])


def test_a_front_end_refuses_what_it_cannot_prepare(tmp_path: Path) -> None:
    from support.in_memory import SMALL_CARD

    said = r"small.yaml:3: input.vibration: picture does not take vibration; samples, raw, .*logmel_efficientat.* do"
    with pytest.raises(CardError, match=said):
        computing_key(small(tmp_path, "full:", card=SMALL_CARD.replace(": raw", ": picture")), "vibration")
    with pytest.raises(CardError, match=r"no input 'mel_imge'\. Did you mean 'mel_image'\?"):
        computing_key(small(tmp_path, "full:", card=SMALL_CARD.replace(": raw", ": mel_imge")), "vibration")


def test_a_front_end_is_given_only_its_own_settings(tmp_path: Path) -> None:
    # a card may name several inputs, and `size` means nothing to some of them
    from support.in_memory import SMALL_CARD

    both = SMALL_CARD.replace("{vibration: raw}", "{vibration: raw, photo: picture}\ninput_settings: {size: 96}")
    model = small(tmp_path, "full:", card=both)
    assert input_of(model, "vibration")[1] == {}
    assert input_of(model, "photo")[1] == {"size": 96}
    wrong = small(tmp_path, "full:", card=both.replace("size: 96", "sise: 96"))
    with pytest.raises(CardError, match=r"no input has 'sise'\. Did you mean 'size'\?"):
        input_of(wrong, "photo")
