"""The pictures of a recording with what a stored row says of each drawn on them, as a video."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from faultboard.declare.names import did_you_mean
from faultboard.declare.task import TaskCard
from faultboard.errors import CardError
from faultboard.run.store import Results, probabilities_of
from faultboard.run.suite import Suite
from faultboard.tasks.folds import natural

if TYPE_CHECKING:
    from faultboard.tasks.task import Task

# what a person may name: one recording, or a sequence of them
_NAMED = ("recording", "sequence")
_WIDTH = 480  # least, in pixels, so that the words can be read
_STRIP = 28
_RIGHT, _WRONG = (90, 220, 120), (255, 110, 90)


def stored_predictions(suite: Suite, card: TaskCard, protocol: str, model: str, name: str) -> pd.DataFrame:
    """Predictions of a row on one recording or sequence, with the first seed, in the order of its frames.

    Raises
    ------
    CardError
        The row is not stored, or tested nothing of that name.
    """
    results = Results(suite.cells_file(card.id))
    cells = [r.cell for r in results.records.values() if r.status == "ok" and r.cell.budget == "all"]
    under = [c for c in cells if c.protocol == protocol]
    mine = [c for c in under if c.model == model]
    if not mine:
        raise CardError(
            f"no stored row {card.id} {protocol} {model} in {suite.card.id}@{suite.edition}."
            f"{did_you_mean(model, [c.model for c in under])}"
        )
    seed = min(c.seed for c in mine)
    rows = pd.concat([results.rows(c.key) for c in mine if c.seed == seed])
    columns = [column for column in _NAMED if column in rows]
    found = next((part for column in columns if len(part := rows[rows[column].astype(str) == name])), None)
    if found is None:
        known = [str(value) for column in columns for value in rows[column].unique()]
        raise CardError(f"{card.id} {protocol}: no test frame of '{name}'.{did_you_mean(name, known)}")
    order = sorted(zip(found["recording"], found["start"], strict=True), key=lambda at: (natural(at[0]), at[1]))
    return found.set_index(["recording", "start"]).loc[order].reset_index()


def frames(task: Task, rows: pd.DataFrame) -> Iterator[NDArray[np.uint8]]:
    """Draw the class that was found, its probability, and whether it is right, on each picture.

    Parameters
    ----------
    rows : DataFrame
        What `stored_predictions` gives.

    Yields
    ------
    (height, width, 3) uint8
        Of even size, as the codecs of video want.

    Raises
    ------
    CardError
        The task's recordings are not pictures.
    """
    if not task.dataset.is_pictures:
        raise CardError(f"{task.card.id} is {task.dataset.modality}: only pictures and videos can be drawn")
    at = {
        key: i for i, key in enumerate(zip(task.column("recording").tolist(), task.windows.start.tolist(), strict=True))
    }
    names, probabilities = task.card.class_names, probabilities_of(rows)
    for (recording, start, truth), chances in zip(
        rows[["recording", "start", "truth"]].itertuples(index=False), probabilities, strict=True
    ):
        found = int(chances.argmax())
        (pixels,) = task.windows.batch(np.array([at[recording, start]]))
        said = f"{names[found]} {chances[found]:.2f}" + ("" if found == truth else f" (it is {names[truth]})")
        yield _drawn(pixels, said, _RIGHT if found == truth else _WRONG)


def _drawn(pixels: NDArray[np.uint8], said: str, colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    from PIL import Image, ImageDraw, ImageFont

    three = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[..., :3]
    large = -(-_WIDTH // three.shape[1])
    picture = Image.fromarray(np.ascontiguousarray(three.repeat(large, axis=0).repeat(large, axis=1)))
    width, height = (side + side % 2 for side in picture.size)
    canvas = Image.new("RGB", (width, height + _STRIP))
    canvas.paste(picture, (0, _STRIP))
    ImageDraw.Draw(canvas).text((6, 5), said, fill=colour, font=ImageFont.load_default(size=16))
    return np.asarray(canvas)
