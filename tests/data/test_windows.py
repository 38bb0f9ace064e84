"""Windows of resampled recordings: the same to the last bit, however often they are asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soxr

from faultboard.data import windows as module
from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.data.prepared import Prepared
from faultboard.data.windows import cut
from faultboard.declare.catalogue import Catalogue
from faultboard.declare.task import Window


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
