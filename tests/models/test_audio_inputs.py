"""Front ends of VGGish, YAMNet and PANNs against plain numpy and librosa; what becomes of short and long windows."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from faultboard.declare.model import Preprocessing
from faultboard.errors import CardError
from faultboard.models.inputs import front_end, logmel_ast, logmel_panns, logmel_yamnet
from faultboard.models.patches import in_a_row, mean_over_patches

PLAIN = Preprocessing()


def noise(samples: int, seed: int = 0) -> NDArray[np.float32]:
    """Noise under a slow envelope, one window of one channel, in [-1, 1] and without a mean."""
    wave = np.random.default_rng(seed).standard_normal(samples) * np.hanning(samples)
    wave -= wave.mean()
    return (wave / np.abs(wave).max()).astype(np.float32)[None, :, None]


def official_mel(wave: NDArray[np.float32], offset: float) -> NDArray[np.float64]:
    """Log-mel frames (frames, 64), written as the two papers' code computes them: loops, double precision."""
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    count = 1 + (len(wave) - 400) // 160
    magnitude = np.abs([np.fft.rfft(wave[160 * i : 160 * i + 400] * hann, 512) for i in range(count)])
    mel = 1127 * np.log(1 + np.arange(257) * 16_000 / 512 / 700)
    low, high = 1127 * np.log(1 + np.array([125, 7_500]) / 700)
    edges = np.linspace(low, high, 66)
    bank = np.zeros((257, 64))
    for band in range(64):
        left, centre, right = edges[band : band + 3]
        bank[:, band] = np.maximum(0, np.minimum((mel - left) / (centre - left), (right - mel) / (right - centre)))
    bank[0] = 0
    return np.log(magnitude @ bank + offset)


def patches_of(found: torch.Tensor) -> NDArray[np.float32]:
    """Patches (patches, 96, 64) of one window."""
    return found[0, 0].unflatten(1, (-1, 96)).permute(1, 2, 0).numpy()


def test_vggish_patches_are_those_of_its_authors() -> None:
    # 3 s, as in their smoke test: three patches, and ten frames that their code leaves out
    wave = noise(48_000)
    frames = official_mel(wave[0, :, 0], 0.01)
    found = patches_of(front_end("logmel_vggish")(wave, 16_000.0, PLAIN, tail="drop"))
    assert frames.shape == (298, 64)
    assert found.shape == (3, 96, 64)
    np.testing.assert_allclose(found, frames[:288].reshape(3, 96, 64), rtol=1e-4, atol=1e-4)
    heard = patches_of(front_end("logmel_vggish")(wave, 16_000.0, PLAIN))
    assert len(heard) == 4
    np.testing.assert_array_equal(heard[:3], found)
    np.testing.assert_allclose(heard[3], frames[-96:], rtol=1e-4, atol=1e-4)


def test_the_smoke_tests_tone_lies_in_one_band() -> None:
    # 1 kHz for 3 s: the input whose embedding Google publishes
    t = np.arange(48_000) / 16_000
    tone = np.sin(2 * np.pi * 1_000 * t).astype(np.float32)[None, :, None]
    found = patches_of(front_end("logmel_vggish")(tone, 16_000.0, PLAIN, tail="drop"))
    expected = official_mel(tone[0, :, 0], 0.01)[:288].reshape(3, 96, 64)
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert found.mean() == pytest.approx(expected.mean(), rel=1e-4)
    assert found.std() == pytest.approx(expected.std(), rel=1e-4)
    # half the sum of the Hann window is 100
    assert found.max() == pytest.approx(np.log(100), abs=0.5)
    edges = np.linspace(*(1127 * np.log(1 + np.array([125, 7_500]) / 700)), 66)
    assert int(found.mean((0, 1)).argmax()) == np.abs(edges[1:-1] - 1127 * np.log(1 + 1_000 / 700)).argmin()


def test_yamnet_fills_up_to_whole_steps() -> None:
    wave = noise(20_000)
    padded = np.pad(wave[0, :, 0], (0, 15_600 + 7_680 - 20_000))
    frames = official_mel(padded, 0.001)
    found = patches_of(logmel_yamnet.patches(torch.from_numpy(wave[..., 0])))
    assert found.shape == (2, 96, 64)
    np.testing.assert_allclose(found[0], frames[:96], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found[1], frames[48:], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("samples", "patches"), [(100, 1), (15_600, 1), (15_601, 2), (23_280, 2), (160_000, 20)]
)  # fmt: skip
def test_yamnet_hears_every_sample(samples: int, patches: int) -> None:
    assert front_end("logmel_yamnet")(noise(samples), 16_000.0, PLAIN).shape == (1, 1, 64, 96 * patches)


@pytest.mark.parametrize(("samples", "patches"), [(100, 1), (15_600, 1), (15_760, 2), (160_000, 11)])
def test_vggish_hears_every_frame(samples: int, patches: int) -> None:
    assert front_end("logmel_vggish")(noise(samples), 16_000.0, PLAIN).shape == (1, 1, 64, 96 * patches)


def test_panns_are_given_what_librosa_computes() -> None:
    librosa = pytest.importorskip("librosa")
    wave = noise(48_000)[0, :, 0]
    power = np.abs(librosa.stft(wave, n_fft=1024, hop_length=320, pad_mode="reflect")) ** 2
    mel = librosa.filters.mel(sr=32_000, n_fft=1024, n_mels=64, fmin=50, fmax=14_000) @ power
    expected = 10 * np.log10(np.maximum(mel, 1e-10))
    found = logmel_panns.spectrogram(torch.from_numpy(wave[None]))[0, 0].numpy()
    assert found.shape == expected.shape == (64, 151)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)


def test_the_spectrogram_transformer_is_given_what_kaldi_computes() -> None:
    from torchaudio.compliance.kaldi import fbank

    wave = torch.from_numpy(noise(20_000)[..., 0])
    expected = fbank(
        wave, sample_frequency=16_000, window_type="hanning", num_mel_bins=128, dither=0.0, htk_compat=True,
        use_energy=False,
    )  # fmt: skip
    torch.testing.assert_close(logmel_ast.filter_bank(wave)[0].T, expected, rtol=1e-4, atol=1e-3)
    # filled up to whole patches of 16 frames, with what the authors fill up with: nought, less the mean
    found = front_end("logmel_ast")(noise(20_000), 16_000.0, PLAIN)
    assert found.shape == (1, 1, 128, 128)
    assert expected.shape[0] == 123
    torch.testing.assert_close(found[..., 123:], torch.full((1, 1, 128, 5), 4.2677393 / (2 * 4.5689974)))
    assert front_end("logmel_ast")(noise(5), 16_000.0, PLAIN).shape == (1, 1, 128, 16)


@pytest.mark.parametrize(("samples", "frames"), [(5, 32), (9_920, 32), (10_240, 33), (320_000, 1001)])
def test_a_window_too_short_for_panns_is_filled(samples: int, frames: int) -> None:
    assert front_end("logmel_panns")(noise(samples), 32_000.0, PLAIN).shape == (1, 1, 64, frames)


@pytest.mark.parametrize(
    ("name", "own"),
    [("logmel_vggish", 16_000), ("logmel_yamnet", 16_000), ("logmel_efficientat", 32_000), ("logmel_panns", 32_000),
     ("logmel_ast", 16_000)],
)  # fmt: skip
def test_a_reading_keeps_frequencies_or_samples(name: str, own: int) -> None:
    # a tone of 1,200 Hz sampled at 25,600 Hz stays there, or is heard at 750 Hz or 1,500 Hz
    def tone(hertz: float, rate: float) -> NDArray[np.float32]:
        return np.sin(2 * np.pi * hertz * np.arange(51_200) / rate).astype(np.float32)[None, :, None]

    def heard(rate: float, wave: NDArray[np.float32], **settings: str) -> torch.Tensor:
        return front_end(name)(wave, rate, PLAIN, **settings)

    for reading, expected in (("resample", 1_200), ("as_is", 1_200 * own / 25_600)):
        found, true = heard(25_600.0, tone(1_200, 25_600), reading=reading), heard(own, tone(expected, own))
        assert int(found[0, 0, :, 5:90].mean(1).argmax()) == int(true[0, 0, :, 5:90].mean(1).argmax())
    assert torch.equal(heard(25_600.0, tone(1_200, 25_600)), heard(25_600.0, tone(1_200, 25_600), reading="resample"))
    with pytest.raises(CardError, match="input_settings: reading: 'resampled': say resample or as_is"):
        heard(25_600.0, tone(1_200, 25_600), reading="resampled")


def test_an_unknown_tail_is_said() -> None:
    with pytest.raises(CardError, match="input_settings: tail: 'keep': say overlap or drop"):
        front_end("logmel_vggish")(noise(16_000), 16_000.0, PLAIN, tail="keep")


@pytest.mark.parametrize("grad", [False, True])
def test_embeddings_are_the_mean_over_patches(grad: bool) -> None:
    # 200 patches are computed in parts, or at once while training, and each window keeps its own
    spectrogram = torch.randn(2, 64, 96 * 100, generator=torch.Generator().manual_seed(0))
    laid = in_a_row(spectrogram, range(0, 96 * 100, 96))
    assert torch.equal(laid[:, 0], spectrogram)
    with torch.set_grad_enabled(grad):
        found = mean_over_patches(laid, lambda p: p[:, 0].amax(1))
    expected = spectrogram.unflatten(2, (100, 96)).amax(3).mean(2)
    torch.testing.assert_close(found, expected)
