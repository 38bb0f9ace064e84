"""Features of frozen backbones and hand-made ones."""

from pathlib import Path

import numpy as np
import pytest

from faultboard.declare.catalogue import Model
from faultboard.errors import CardError, FaultboardError
from faultboard.models.frozen.features import extract
from support.in_memory import HAND_MADE, LOUDNESS, Arrays, small, windows
from support.repository import CARDS


def test_code_beside_a_card_in_a_folder_of_ones_own_works(tmp_path: Path) -> None:
    signal = windows("vibration", 5, 100, 2)
    values, seconds = extract(small(tmp_path, "logreg:", HAND_MADE, LOUDNESS), signal, np.array([3, 1]), 0, "cpu")
    np.testing.assert_allclose(values, (signal.samples[[3, 1]] ** 2).mean(1), rtol=1e-6)
    assert values.dtype == np.float32
    assert seconds > 0


def test_features_of_a_wrong_shape_are_refused(tmp_path: Path) -> None:
    flat = small(tmp_path, "logreg:", HAND_MADE, LOUDNESS.replace(".mean(1)", ".mean((1, 2))"))
    with pytest.raises(CardError, match=r"small\.yaml: small\.py:loudness gives \(5,\) for \(5, width\)"):
        extract(flat, windows("vibration", 5), np.arange(5), 0, "cpu")


def test_features_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    holes = small(tmp_path, "logreg:", HAND_MADE, LOUDNESS.replace("mean(1)", "mean(1) * float('nan')"))
    with pytest.raises(FaultboardError, match="small: features are not finite"):
        extract(holes, windows("vibration", 5), np.arange(5), 0, "cpu")


def test_a_frozen_backbone_cannot_move_its_statistics(tmp_path: Path) -> None:
    # the card would say one thing and the number another
    with pytest.raises(CardError, match=r"recipes\.probe: 'batch_norm: moving' needs training"):
        extract(small(tmp_path, "probe: {batch_norm: moving}"), windows("vibration"), np.arange(2), 0, "cpu")


@pytest.mark.parametrize("name", ["small", "mn04.scratch.probe"])
def test_batch_size_does_not_matter(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # statistics of the batch in a frozen pass would make a window's features depend on its neighbours
    model = small(tmp_path, "probe:") if name == "small" else CARDS.model(name)
    signal = windows("vibration", 7)
    together, _ = extract(model, signal, np.arange(7), 0, "cpu")
    monkeypatch.setattr("faultboard.models.frozen.features._BATCH", 2)
    seen: list[int] = []
    apart, _ = extract(model, signal, np.arange(7), 0, "cpu", seen.append)
    assert seen == [2, 4, 6, 7]
    np.testing.assert_allclose(apart, together, rtol=1e-3, atol=1e-4 * np.abs(together).max())


def test_batch_norms_that_know_the_data_let_the_signal_pass() -> None:
    """As initialised, features of this network are of the size of rounding."""
    signal = windows("vibration", 40)
    as_initialised, _ = extract(CARDS.model("mn04.scratch.probe"), signal, np.arange(40), 0, "cpu")
    with_statistics, _ = extract(CARDS.model("mn04.scratch.data_norm"), signal, np.arange(40), 0, "cpu")
    assert np.abs(as_initialised).mean() < 1e-6
    assert np.abs(with_statistics).mean() > 0.01
    # and once it knows them, a window's features do not depend on its neighbours: the pass itself normalises no batch
    again, _ = extract(CARDS.model("mn04.scratch.data_norm"), signal, np.arange(40), 0, "cpu")
    np.testing.assert_array_equal(with_statistics, again)


def test_a_network_without_batch_norm_has_no_statistics_to_take() -> None:
    card = CARDS.backbone("squeezenet1_1")
    asked = {"probe": card.recipes["probe"].model_copy(update={"batch_norm": "data"})}
    model = Model(card.model_copy(update={"recipes": asked}), "scratch", "probe")
    model.card._path, model.card._id = card.path, card.id
    with pytest.raises(CardError, match="batch_norm data: it has no batch norm"):
        extract(model, windows("vibration"), np.arange(2), 0, "cpu")


@pytest.mark.parametrize("backbone", ["logspec", "envelope"])
def test_hand_made_features_do_not_know_the_level(backbone: str) -> None:
    signal = windows("vibration", 4)
    louder = Arrays(signal.samples * 1e4, signal.rate, signal.modality)
    model = CARDS.model(f"{backbone}.none.forest")
    first, second = (extract(model, w, np.arange(4), 0, "cpu")[0] for w in (signal, louder))
    np.testing.assert_allclose(first, second, rtol=1e-3, atol=1e-3)


def test_logspec_finds_a_tone() -> None:
    t = np.arange(4096) / 12_000
    tone = Arrays(np.sin(2 * np.pi * 3_000 * t)[None, :, None].astype(np.float32), 12_000.0, "vibration")
    values, _ = extract(CARDS.model("logspec.none.logreg"), tone, np.arange(1), 0, "cpu")
    # 128 bands to 6 kHz, the first at 46.9 Hz
    assert int(values.argmax()) == 63


def test_envelope_finds_the_rate_of_impacts() -> None:
    # a resonance at 3 kHz struck 117 times a second: the spectrum itself has nothing at 117 Hz
    t = np.arange(12_000) / 12_000
    since = t % (1 / 117)
    wave = np.exp(-since * 800) * np.sin(2 * np.pi * 3_000 * since)
    struck = Arrays(wave[None, :, None].astype(np.float32), 12_000.0, "vibration")
    values, _ = extract(CARDS.model("envelope.none.forest"), struck, np.arange(1), 0, "cpu")
    # 64 bands to 1 kHz
    assert int(values[0, :64].argmax()) == int(117 / 1000 * 64)
