"""Front ends against independent implementations, and pinned: a number that moves needs a new version."""

import numpy as np
import pytest
import torch

from faultboard.declare.model import Preprocessing
from faultboard.models.inputs import front_end
from faultboard.models.inputs.logmel_efficientat import spectrogram
from faultboard.models.inputs.mel_image import _bank
from faultboard.models.inputs.waveform import at_rate
from faultboard.versions import INPUTS

# mean and standard deviation of each front end's output on the signal below, at this version
GOLDEN = {
    ("raw", 1): (0.0, 1.0),
    ("mel_image", 1): (0.041061, 0.228462),
    ("mel_decibels", 1): (-36.771587, 10.312039),
    ("mel_coloured", 1): (-0.224901, 0.521382),
    ("stft_image", 1): (-0.151762, 0.187555),
    ("scalogram", 1): (0.057609, 0.322874),
    ("logmel_efficientat", 1): (-0.471472, 0.748810),
    ("logmel_vggish", 1): (-2.861371, 2.541840),
    ("logmel_yamnet", 1): (-4.382694, 3.592547),
    ("logmel_panns", 1): (-41.287216, 31.101624),
    ("logmel_ast", 1): (-0.270114, 0.477275),
}


def chirp(rate: float, samples: int) -> np.ndarray:
    t = np.arange(samples) / rate
    noise = np.random.default_rng(5).standard_normal(samples)
    return (np.sin(2 * np.pi * (200 + 900 * t) * t) + 0.05 * noise).astype(np.float32)[None, :, None]


@pytest.mark.parametrize("name", [n for n in INPUTS if n not in ("samples", "picture")])
def test_numbers_have_not_moved_without_a_version(name: str) -> None:
    found = front_end(name)(chirp(12_000, 4096), 12_000.0, Preprocessing(mean=[0.5] * 3, std=[0.5] * 3))
    expected = GOLDEN[name, INPUTS[name]]
    assert (float(found.mean()), float(found.std())) == pytest.approx(expected, abs=2e-4)


def test_the_efficientat_spectrogram_is_that_of_kaldi() -> None:
    # independent: frames and Kaldi's triangles written out in numpy
    wave = chirp(32_000, 32_000)[0, :, 0].astype(np.float64)
    emphasised = np.pad(wave[1:] - 0.97 * wave[:-1], 512, mode="reflect")
    window = np.pad(np.hanning(800), 112)
    frames = np.stack([emphasised[i : i + 1024] * window for i in range(0, len(emphasised) - 1023, 320)], axis=1)
    power = np.abs(np.fft.rfft(frames, axis=0)) ** 2
    mel = lambda f: 1127 * np.log(1 + f / 700)  # noqa: E731
    edges = np.linspace(mel(0), mel(15_000), 130)
    bins = mel(np.arange(513) * 32_000 / 1024)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    bank = np.clip(np.minimum(rising, falling), 0, None)
    bank[:, -1] = 0
    expected = (np.log(bank @ power + 1e-5) + 4.5) / 5
    found = spectrogram(torch.from_numpy(wave[None].astype(np.float32)))[0, 0].numpy()
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-3
    assert np.abs(found - expected).mean() < 1e-5


def test_resampling_leaves_no_image_of_the_old_rate() -> None:
    # torchaudio's defaults leave one at -7 dB, which names the source's rate
    t = np.arange(12_000) / 12_000
    tone = torch.from_numpy(np.sin(2 * np.pi * 5700 * t).astype(np.float32))[None]
    power = np.abs(np.fft.rfft(at_rate(tone, 12_000, 32_000)[0].numpy()[4000:-4000] * np.hanning(24_000))) ** 2
    frequency = np.fft.rfftfreq(24_000, 1 / 32_000)
    image = power[frequency > 6200].max() / power[frequency < 6000].max()
    assert 10 * np.log10(image) < -100


@pytest.mark.parametrize(("rate", "window"), [(533.0, 256), (12_000.0, 1024), (16_000.0, 1024), (20_480.0, 64)])
def test_no_mel_band_is_empty(rate: float, window: int) -> None:
    assert (_bank(rate, window, 128).sum(1) > 0.2).all()


@pytest.mark.parametrize(
    ("length", "rate"), [(128, 533.0), (512, 533.0), (4096, 12_000.0), (32_768, 20_480.0), (160_000, 16_000.0)]
)
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_a_mel_image_has_one_size_whatever_the_window(length: int, rate: float, channels: int) -> None:
    batch = np.random.default_rng(0).standard_normal((2, length, channels)).astype(np.float32)
    found = front_end("mel_image")(batch, rate, Preprocessing())
    assert found.shape == (2, 3, 128, 128)
    assert torch.isfinite(found).all()


@pytest.mark.parametrize("fit", ["whole", "centre"])
def test_a_picture_is_prepared_as_torchvision_prepares_it(fit: str) -> None:
    from sklearn.datasets import load_sample_image
    from torchvision.transforms import v2

    picture = np.array(load_sample_image("china.jpg"))
    reference = v2.Compose(
        [
            v2.ToPILImage(),
            *([v2.Resize(256), v2.CenterCrop(224)] if fit == "centre" else [v2.Resize((224, 224))]),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    found = front_end("picture")([picture], None, Preprocessing(), fit=fit)[0]
    assert found.shape == (3, 224, 224)
    assert torch.allclose(found, reference(picture), atol=1e-5)


def test_a_defect_at_the_end_of_a_long_part_stays_in_sight() -> None:
    sound, broken = np.full((2, 100, 400, 1), 200, dtype=np.uint8)
    broken[40:60, 380:] = 0
    whole = front_end("picture")([sound, broken], None, Preprocessing())
    assert float((whole[0] - whole[1]).abs().max()) > 1
    centre = front_end("picture")([sound, broken], None, Preprocessing(), fit="centre")
    assert torch.equal(centre[0], centre[1])


@pytest.mark.parametrize("shape", [(40, 300, 1), (300, 40, 3), (224, 224, 4), (1, 1, 3)])
def test_a_picture_may_have_any_size(shape: tuple[int, int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    assert front_end("picture")([picture], None, Preprocessing()).shape == (1, 3, 224, 224)
