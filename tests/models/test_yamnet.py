"""YAMNet with its TFLite weights: against the file's own front end, and against its graph in whole numbers."""

import csv
import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from faultboard.errors import DataError, Unavailable
from faultboard.models.inputs.logmel_yamnet import patches
from faultboard.models.networks.build import _built
from faultboard.models.networks.tflite import constants
from faultboard.models.networks.weights import load_state, locate
from support.repository import CARDS

MODEL = CARDS.model("yamnet.audioset_tflite.probe")
RATE = 16_000


@cache
def weights() -> Path:
    try:
        return locate(MODEL)
    except Unavailable as error:
        pytest.skip(str(error))


@cache
def network() -> torch.nn.Module:
    net = _built(MODEL)
    load_state(weights(), MODEL, net)
    return net.eval()


def names() -> list[str]:
    path = Path(os.environ.get("FAULTBOARD_WEIGHTS", "")) / "yamnet_class_map.csv"
    if not path.is_file():
        pytest.skip("yamnet_class_map.csv is not beside the weights")
    with path.open(encoding="utf-8", newline="") as stream:
        return [row["display_name"] for row in csv.DictReader(stream)]


def sounds() -> NDArray[np.float32]:
    """Twenty sounds of 3 s: tones, noises, sweeps, impacts, a beating, hum, silence, at several levels."""
    rng = np.random.default_rng(0)
    t = np.arange(3 * RATE) / RATE
    noise = rng.standard_normal((6, len(t)))
    ramp = np.fft.irfft(np.fft.rfft(noise[1]) / np.sqrt(np.arange(len(t) // 2 + 1) + 1))
    made = [np.sin(2 * np.pi * f * t) for f in (50, 440, 1000, 3000, 7000)]
    made += [noise[0] / 4, ramp / np.abs(ramp).max(), noise[2] / 4 * (np.sin(2 * np.pi * 4 * t) > 0)]
    made += [np.sin(2 * np.pi * (a + b * t) * t) for a, b in ((100, 600), (4000, -600))]
    made += [np.exp(-(t % (1 / r)) * 300) * np.sin(2 * np.pi * f * (t % (1 / r))) for r, f in ((3, 900), (30, 2500))]
    made += [np.sin(2 * np.pi * 400 * t) * np.sin(2 * np.pi * 3 * t), np.sign(np.sin(2 * np.pi * 120 * t))]
    made += [
        np.zeros_like(t),
        1e-3 * noise[3],
        0.05 * noise[4] + 0.5 * made[0],
        0.02 * made[2],
        0.3 * made[5],
        t % 0.01,
    ]
    return np.stack(made).astype(np.float32)


def one_by_one(waves: NDArray[np.float32]) -> torch.Tensor:
    """Patches of all sounds, (m, 1, 96, 64)."""
    return patches(torch.from_numpy(waves)).unflatten(3, (-1, 96)).permute(0, 3, 1, 4, 2).flatten(0, 1)


def scores(found: torch.Tensor) -> NDArray[np.float32]:
    with torch.inference_mode():
        return torch.sigmoid(network().classifier(network().embed(found))).numpy()  # type: ignore[operator]


def test_the_front_end_is_that_of_the_tflite_graph() -> None:
    # the file holds its window and its filters; the rest is written out. Noise, since in the empty bands of a tone
    # single precision itself is rounded by more
    stored = constants(weights())
    wave = sounds()[[5, 6, 16], :15_600]
    frames = sliding_window_view(wave.astype(np.float64), 400, axis=1)[:, ::160] * stored["stft/hann_window/sub_2"]
    expected = np.log(np.abs(np.fft.rfft(frames, 512)) @ stored["mel_spectrogram"].T + stored["add"])
    found = one_by_one(wave)[:, 0].numpy()
    assert found.shape == expected.shape == (3, 96, 64)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def interpreted(patches_of: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores of the TFLite interpreter for waveforms of one patch, (n, 15600) to (n, 521)."""
    interpreter = pytest.importorskip("ai_edge_litert.interpreter").Interpreter(str(weights()))
    interpreter.allocate_tensors()
    asked, said = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    found = []
    for wave in patches_of:
        interpreter.set_tensor(asked, wave)
        interpreter.invoke()
        found.append(interpreter.get_tensor(said)[0])
    return np.stack(found)


def test_the_torch_network_scores_as_the_interpreter() -> None:
    # rounding to 8 bits between layers is all that may differ; a wrong padding, order or clipping differs by more
    waves = sliding_window_view(sounds(), 15_600, axis=1)[:, ::7_680].reshape(-1, 15_600)
    ours, theirs = scores(one_by_one(waves)), interpreted(waves)
    assert len(ours) == 100
    # logits of 8 bits come in steps of 0.35, so that several classes may share the first place
    assert (theirs[np.arange(len(ours)), ours.argmax(1)] == theirs.max(1)).mean() >= 0.95
    assert np.abs(ours - theirs).max() <= 0.1


@pytest.mark.parametrize(
    ("sound", "label", "score"), [(14, "Silence", 0.80), (1, "Sine wave", 0.996), (5, "Static", 0.55)]
)
def test_yamnet_names_what_it_hears(sound: int, label: str, score: float) -> None:
    known = names()
    # the last patch is filled up with noughts
    mean = scores(one_by_one(sounds()[[sound]])[:-1]).mean(0)
    assert known[int(mean.argmax())] == label
    assert float(mean.max()) == pytest.approx(score, abs=0.15)


def test_activations_are_cut_at_six_as_the_weights_were_trained() -> None:
    waves = sounds()[:, :15_600]
    cut = np.abs(scores(one_by_one(waves)) - interpreted(waves)).max()
    plain = _built(replace(MODEL, card=MODEL.card.model_copy(update={"arguments": {"activation": "relu"}})))
    load_state(weights(), MODEL, plain)
    with torch.inference_mode():
        uncut = torch.sigmoid(plain.eval()(patches(torch.from_numpy(waves)))).numpy()
    assert np.abs(uncut - interpreted(waves)).max() > 2 * cut


def test_what_is_no_tflite_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.tflite"
    path.write_bytes(b"no such thing")
    with pytest.raises(DataError, match=r"x\.tflite is no TFLite file \(13 bytes\)"):
        constants(path)
    path.write_bytes(weights().read_bytes()[:100_000])
    with pytest.raises(DataError, match=r"x\.tflite is damaged"):
        constants(path)
