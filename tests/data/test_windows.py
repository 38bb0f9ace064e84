"""Windows of resampled recordings: the same to the last bit, however often they are asked for."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soxr

from faultboard.data import windows as module
from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.data.prepared import Prepared
from faultboard.data.windows import cut
from faultboard.declare.catalogue import Catalogue
from faultboard.declare.task import Window
from faultboard.errors import DataError


@pytest.fixture
def resamplings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rows that were resampled, one entry each time."""
    asked: list[int] = []
    known = module._resample
    monkeypatch.setattr(
        module, "_resample", lambda prepared, row, rate: asked.append(row) or known(prepared, row, rate)
    )
    return asked


@pytest.mark.parametrize(("most", "times"), [(1 << 20, 1), (0, 10)])
def test_a_recording_is_resampled_once_and_no_memory_is_needed_for_it(
    cards: Catalogue, root: Path, resamplings: list[int], monkeypatch: pytest.MonkeyPatch, most: int, times: int
) -> None:
    prepared = Prepared(prepare(Edition(root, cards.dataset("toy"), "sim")))
    monkeypatch.setattr(module, "_KEPT", module._Kept(most))
    card = Window.model_validate({"length": 50, "rate": 500.0})
    windows = cut(card, prepared, np.arange(2), "vibration", False, "toy")
    resamplings.clear()
    out = windows.batch(np.arange(10))
    again = np.concatenate([windows.batch(np.array([i])) for i in range(10)])
    whole = soxr.resample(prepared.samples(0).astype(np.float32), 1000.0, 500.0)
    assert np.array_equal(out, whole[:500].reshape(10, 50, 1))
    assert np.array_equal(out, again)
    # counted when the windows were cut, too
    assert len(resamplings) == (0 if times == 1 else 2 * times)


@pytest.mark.parametrize(
    ("rates", "lengths", "window", "message"),
    [
        ([1000, 2000], [100, 100], {"length": 50}, "recordings at rates 1000, 2000 Hz: choose one with 'where'"),
        ([1000, np.nan], [100, 100], {"length": 50}, "recordings at rates 1000 Hz: choose one"),
        ([np.nan, np.nan], [100, 100], {"length": 50}, "recordings at rates none Hz"),
        ([1000, 1000], [100, 120], {"whole": True}, "recordings of 100 to 120 samples: say a window length"),
        ([1000, 1000], [100, 120], {"length": 121}, r"no recording is as long as a window \(121 samples\)"),
    ],
)
def test_windows_that_cannot_be_cut_say_why(
    rates: list[float], lengths: list[int], window: dict[str, object], message: str
) -> None:
    prepared = SimpleNamespace(recordings=pd.DataFrame({"rate": rates, "length": lengths}))
    with pytest.raises(DataError, match=f"toy: {message}"):
        cut(Window.model_validate(window), prepared, np.arange(2), "vibration", False, "toy")  # type: ignore[arg-type]


def test_the_tail_that_fills_no_window_is_left_out() -> None:
    prepared = SimpleNamespace(recordings=pd.DataFrame({"rate": [1000.0, 1000.0], "length": [100, 99]}))
    windows = cut(Window(length=50), prepared, np.arange(2), "vibration", False, "toy")  # type: ignore[arg-type]
    assert windows.recording.tolist() == [0, 0, 1]
    assert windows.start.tolist() == [0, 50, 0]
