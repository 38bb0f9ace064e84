"""Motor vibration of SOON-pEMP: thirty CSV files of counts on a clock that is not uniform, read and generated.

What each file is, is said by ``soon_pemp_files.csv``, made from the names of the files.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading
from faultboard.simulation.motor import Motor, Running, clock, counts, draw_motor, vibration

_HEADER = ["Timestamp", "AccX", "AccY", "AccZ"]
_STATES = {(False, False): "healthy", (True, False): "imbalance", (False, True): "electrical", (True, True): "both"}
_GRAVITY = 16_384  # counts
_LINE = 25.0  # Hz: half of 50, for half speed
_STEP = 1876e-6  # s
_OVERSAMPLED = 8  # times the rate of the logger
_IMBALANCE = 0.035  # g, of the mass that is put on a rotor


def read(folder: Path) -> Iterator[Recording]:
    """Read each file as the counts that it holds.

    Yields
    ------
    Recording
        (length, 3) int32 counts with the time of each row in seconds; no rate, since there is none.

    Raises
    ------
    DataError
        A file is none of the thirty, is damaged, or its clock runs backwards.
    """
    known = {facts["file"]: facts for facts in _files()}
    for name, path in reading.files(folder):
        if path.name not in known:
            raise DataError(f"{name} is no file of this set")
        facts = known[path.name]
        rows = _rows(path, name)
        columns = {
            "state": _STATES[facts["imbalance"] == "yes", bool(facts["resistor_ohm"])],
            "recording_name": facts["number"],
            "load": facts["load_nm"],
            "background": facts["background"],
            "condition": f"{facts['load_nm']}_{facts['background']}",
            "rotated": facts["rotated"],
        }
        samples = rows[:, 1:].astype(np.int32)
        yield Recording(path.stem, samples, None, columns, name, times=rows[:, 0] / 1e6)


def _files() -> list[dict[str, str]]:
    with Path(__file__).with_name("soon_pemp_files.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _rows(path: Path, name: str) -> NDArray[np.int64]:
    """Time stamps and counts, (length, 4), all of them whole numbers."""
    content = path.read_bytes()
    # a number cut short is a number still
    if not content.endswith(b"\n"):
        raise DataError(f"{name} ends in the middle of a line, after {len(content):,} bytes")
    try:
        lines = content.decode("ascii").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{name} is no text: byte {error.start:,}") from None
    if [field.strip() for field in lines[0].split(",")] != _HEADER:
        raise DataError(f"{name} starts with {lines[0][:60]!r}, not {','.join(_HEADER)}")
    if len(lines) < 3:
        raise DataError(f"{name} holds {len(lines) - 1} rows")
    try:
        rows: NDArray[np.int64] = np.loadtxt(lines[1:], dtype=np.int64, delimiter=",", ndmin=2, comments=None)
    except ValueError as error:
        # numpy counts rows from the first below the header
        raise DataError(f"{name} has a row that is not four whole numbers: {str(error).splitlines()[0]}") from None
    if rows.shape[1] != len(_HEADER):
        raise DataError(f"{name} has {rows.shape[1]} columns, not {len(_HEADER)}")
    back = np.flatnonzero(np.diff(rows[:, 0]) <= 0)
    if len(back):
        raise DataError(f"{name}: the clock stands still or runs backwards in line {back[0] + 3:,}")
    if abs(rows[:, 1:]).max() > 32_768:
        raise DataError(f"{name} holds counts of more than 16 bits")
    return rows


def motors(seed: int) -> tuple[Motor, Motor]:
    """Draw the tested motor and the one in the background.

    Both hang on supplies of the same frequency; slip is each one's own.
    """
    rng = np.random.default_rng([seed, 0])
    return draw_motor(rng, _LINE), draw_motor(rng, _LINE)


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None) -> None:
    """Write the thirty files of one generated motor.

    Parameters
    ----------
    folder : Path
        Where to write.
    seed : int
        Same seed, same files.
    seconds : float, optional
        Length of a file; 8 without it.
    recordings : int, optional
        How many of the thirty, from the first; all without it.
    """
    tested, background = motors(seed)
    length = round((seconds or 8.0) / _STEP)
    for facts in _files()[:recordings]:
        rng = np.random.default_rng([seed, 1, int(facts["number"])])
        stamps = clock(length, rng)
        acceleration = _acceleration(facts, tested, background, (stamps - stamps[0]) / 1e6, rng)
        rows = np.column_stack([stamps, counts(acceleration, _axes(facts["rotated"] == "yes", rng), _GRAVITY, rng)])
        text = "\n".join(",".join(map(str, row)) for row in rows.tolist())
        (folder / facts["file"]).write_text(f"{','.join(_HEADER)}\n{text}\n", encoding="ascii", newline="\n")


def _acceleration(
    facts: dict[str, str], tested: Motor, background: Motor, t: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Acceleration in g at the times of the rows, (length, 3)."""
    running = Running(
        # the same mass, put on anew
        imbalance=_IMBALANCE * rng.uniform(0.8, 1.2) if facts["imbalance"] == "yes" else 0.0,
        misalignment=rng.uniform(0.001, 0.003),
        looseness=rng.uniform(0.0, 0.002),
        resistor=float(facts["resistor_ohm"] or 0),
        load=float(facts["load_nm"]),
    )
    rate = _OVERSAMPLED / _STEP
    seconds = float(t[-1]) + 0.1
    heard = vibration(_today(tested, rng), running, seconds, rate, rng)
    if facts["background"] != "none":
        beside = Running(imbalance=_IMBALANCE if facts["background"] == "imbalanced" else 0.0, misalignment=0.002)
        # over the table, from the side: weaker, and along other axes
        heard = heard + 0.3 * vibration(_today(background, rng), beside, seconds, rate, rng)[:, [1, 0, 2]]
    grid = np.arange(len(heard)) / rate
    return np.stack([np.interp(t, grid, channel) for channel in heard.T], axis=1)


def _today(motor: Motor, rng: np.random.Generator) -> Motor:
    """Vary what warmth and screws vary from one recording to the next: modes by a per cent, noise by a tenth."""
    modes = motor.modes * (1 + rng.normal(0, [0.01, 0.1], motor.modes.shape).clip(-0.3, 0.3))
    return replace(motor, modes=modes, noise=motor.noise * rng.uniform(0.9, 1.1))


def _axes(rotated: bool, rng: np.random.Generator) -> NDArray[np.float64]:
    """Directions of the sensor's axes, one a row: glued on by hand, or turned a quarter about X."""
    tilt = rng.normal(0, 0.005, 3)
    small = np.eye(3) + np.array([[0, -tilt[2], tilt[1]], [tilt[2], 0, -tilt[0]], [-tilt[1], tilt[0], 0]])
    turn = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]) if rotated else np.eye(3)
    axes: NDArray[np.float64] = turn @ small
    return axes
