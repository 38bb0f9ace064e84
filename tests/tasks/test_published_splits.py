"""Splits that a paper published are drawn to its counts."""

import numpy as np

from faultboard.tasks.folds import Drawable
from faultboard.tasks.splits import draw
from support.repository import CARDS


def test_the_torino_paper_trains_on_1728_windows_and_tests_216() -> None:
    protocol = CARDS.task("polito_srb").protocols["published"]
    classes = ["normal", "inner", "outer"]
    recording = np.array([f"{c}/{i:02d}" for c in classes for i in range(40) for _ in range(18)])
    start = np.tile(np.arange(18) * 32_768, 120)
    label = np.repeat(classes, 720)
    (fold,) = draw(protocol, Drawable(recording, start, label, lambda _: recording))
    sides = [fold.train, fold.validation, fold.test]
    assert [len(side) for side in sides] == [1728, 216, 216]
    for side, count in zip(sides, (576, 72, 72), strict=True):
        assert {c: int((label[side] == c).sum()) for c in classes} == dict.fromkeys(classes, count)
    assert sorted(np.concatenate(sides)) == list(range(2160))
