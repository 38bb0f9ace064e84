"""The trivial row: level, offset and length or mean colours, and nothing besides."""

import numpy as np
import pytest

from faultboard.declare.dataset import PICTURES, SIGNALS
from faultboard.models.frozen.features import extract
from support.in_memory import Arrays, windows
from support.repository import CARDS

TRIVIAL = CARDS.model("trivial.none.logreg")


def features(given: Arrays) -> np.ndarray:
    return extract(TRIVIAL, given, np.arange(len(given)), 0, "cpu")[0]


def test_it_is_in_every_task() -> None:
    assert set(TRIVIAL.input) == {*SIGNALS, *PICTURES}
    assert {CARDS.dataset(CARDS.task(name).dataset).modality for name in CARDS.paths["task"]} <= set(TRIVIAL.input)


def test_a_signal_is_the_level_and_offset_of_each_channel_and_its_duration() -> None:
    t = np.arange(12_000) / 12_000
    wave = np.stack([0.5 + 3 * np.sin(2 * np.pi * 50 * t), -0.2 + 0.01 * np.sin(2 * np.pi * 50 * t)], axis=1)
    cut = np.where(t[:, None] < 0.25, wave, 0.0)
    found = features(Arrays(np.stack([wave, cut]).astype(np.float32), 12_000.0, "sound"))
    expected = [np.log(3 / np.sqrt(2)), np.log(0.01 / np.sqrt(2)), 0.5, -0.2, 1.0]
    np.testing.assert_allclose(found[0], expected, atol=1e-4)
    assert found[1, -1] == pytest.approx(0.25)


def test_a_last_sample_that_is_0_by_chance_is_no_shorter_window() -> None:
    given = windows("vibration", 2)
    given.samples[1, -1] = 0
    assert features(given)[0, -1] == features(given)[1, -1] == pytest.approx(2048 / 12_000)


@pytest.mark.parametrize("modality", SIGNALS)
def test_the_order_of_samples_says_nothing(modality: str) -> None:
    # what a spectrum is made of is lost on it
    given = windows(modality, 4, channels=3)
    shuffled = np.random.default_rng(1).permuted(given.samples, axis=1)
    np.testing.assert_allclose(features(given), features(Arrays(shuffled, given.rate, modality)), rtol=1e-5, atol=1e-7)


def test_silence_has_a_level() -> None:
    found = features(Arrays(np.zeros((2, 100, 2), np.float32), 99.0, "acceleration"))
    assert found[0].tolist() == pytest.approx([np.log(1e-10)] * 2 + [0.0] * 3)


def test_a_picture_is_its_colours_border_and_size() -> None:
    picture = np.zeros((100, 200, 3), dtype=np.uint8)
    picture[..., 1] = 80
    picture[2:-2, 2:-2, 0] = 200  # all but the outermost fiftieth
    picture[:, ::2, 2] = 10
    found = features(Arrays([picture], None, "photo"))[0]
    share = 96 * 196 / (100 * 200)
    expected = [200 * share, 80, 5, 200 * np.sqrt(share * (1 - share)), 0, 5, 0, 80, 5, np.log(100), np.log(200)]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_grey_transparent_and_the_smallest_pictures_are_as_wide() -> None:
    rng = np.random.default_rng(0)
    shapes = [(30, 40, 1), (30, 40, 4), (2, 5, 3), (1, 1, 3)]
    pictures = [rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]
    found = features(Arrays(pictures, None, "thermal"))
    assert found.shape == (4, 11)
    assert found[0, 0] == found[0, 1] == found[0, 2]
    opaque = Arrays([pictures[1][..., :3]], None, "thermal")
    np.testing.assert_array_equal(found[1], features(opaque)[0])
    # a picture that is all border
    np.testing.assert_allclose(found[2:, 6:9], found[2:, :3], rtol=1e-6)
