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

    Parameters
    ----------
    name : str
        Of the recording or the sequence.

    Returns
    -------
    DataFrame
        A row a frame, with the columns of the store.

    Raises
    ------
    CardError
        The row is not stored, or tested nothing of that name.
    """
    results = Results(suite.cells_file(card.id))
    keys = _keys_of_row(results, suite, card, protocol, model)
    rows = pd.concat([results.rows(key) for key in keys])
    columns = [column for column in _NAMED if column in rows]
    for column in columns:
        part = rows[rows[column].astype(str) == name]
        if len(part):
            return _in_order(part)
    known = [str(value) for column in columns for value in rows[column].unique()]
    raise CardError(f"{card.id} {protocol}: no test frame of '{name}'.{did_you_mean(name, known)}")


def _keys_of_row(results: Results, suite: Suite, card: TaskCard, protocol: str, model: str) -> list[str]:
    """Keys of the stored cells of a row, one a fold, with the first seed and the whole training side."""
    done = [record.cell for record in results.records.values() if record.status == "ok"]
    cells = [cell for cell in done if cell.budget == "all" and cell.protocol == protocol]
    of_model = [cell for cell in cells if cell.model == model]
    if not of_model:
        raise CardError(
            f"no stored row {card.id} {protocol} {model} in {suite.card.id}@{suite.edition}."
            f"{did_you_mean(model, [cell.model for cell in cells])}"
        )
    seed = min(cell.seed for cell in of_model)
    return [cell.key for cell in of_model if cell.seed == seed]


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by recording, then by frame: ``take 2`` before ``take 10``."""
    places = zip(rows["recording"], rows["start"], strict=True)
    order = sorted(places, key=lambda place: (natural(place[0]), place[1]))
    return rows.set_index(["recording", "start"]).loc[order].reset_index()


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
    windows = zip(task.column("recording").tolist(), task.windows.start.tolist(), strict=True)
    number_of = {place: number for number, place in enumerate(windows)}
    names, probabilities = task.card.class_names, probabilities_of(rows)
    places = rows[["recording", "start", "truth"]].itertuples(index=False)
    for (recording, start, truth), chances in zip(places, probabilities, strict=True):
        predicted = int(chances.argmax())
        is_right = predicted == truth
        (pixels,) = task.windows.batch(np.array([number_of[recording, start]]))
        words = f"{names[predicted]} {chances[predicted]:.2f}" + ("" if is_right else f" (it is {names[truth]})")
        yield _drawn(pixels, words, _RIGHT if is_right else _WRONG)


def _drawn(pixels: NDArray[np.uint8], words: str, colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Picture under a strip with words, enlarged until they can be read."""
    from PIL import Image, ImageDraw, ImageFont

    three = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[..., :3]
    large = -(-_WIDTH // three.shape[1])
    picture = Image.fromarray(np.ascontiguousarray(three.repeat(large, axis=0).repeat(large, axis=1)))
    width, height = (side + side % 2 for side in picture.size)
    canvas = Image.new("RGB", (width, height + _STRIP))
    canvas.paste(picture, (0, _STRIP))
    ImageDraw.Draw(canvas).text((6, 5), words, fill=colour, font=ImageFont.load_default(size=16))
    return np.asarray(canvas)
