"""Columns of a user's table as a signal: which are channels, and what rate their clock states.

A column that counts, labels or tells the time is no channel: left in, it would give the class or the file away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faultboard.data.user.text_table import Column
from faultboard.errors import DataError

_NO_CHANNEL = ("", "unnamed: 0", "index", "id", "label", "labels", "class", "target")
_CLOCK = re.compile(r"(?:t|ts|times?|timestamps?)(?:[\s_/\[(]+(s|sec|seconds?|ms|us|µs|μs|ns)[\])]?)?")
_UNITS = {"ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9}
_LONGEST = 0.01  # s: a longer step, of a clock without a unit, may as well be counted in milli- or microseconds
_EVEN = 0.05


@dataclass(frozen=True)
class Signal:
    """Channels of a table.

    Attributes
    ----------
    samples : (length, channels) float32
    rate : float or None
        In Hz, as a clock states it.
    notes : tuple of str
        What was left out or taken for granted.
    """

    samples: NDArray[np.float32]
    rate: float | None
    notes: tuple[str, ...]


def signal(columns: list[Column], named: bool = True) -> Signal:
    """Take the channels out of a table.

    Parameters
    ----------
    named : bool
        Whether the names of the columns mean something.

    Raises
    ------
    DataError
        No column is a channel, or the clock stands still.
    """
    channels: list[NDArray[np.float64]] = []
    notes: list[str] = []
    rate: float | None = None
    clock = next((name for name, _ in columns if named and _CLOCK.fullmatch(name.strip().casefold())), None)
    for place, (name, values) in enumerate(columns):
        plain = name.strip().casefold()
        if name == clock:
            rate, note = _rate(name, values)
            notes.append(note)
        elif isinstance(values, list):
            notes.append(f"column '{name}' holds text: left out")
        elif named and (plain in _NO_CHANNEL or _CLOCK.fullmatch(plain)):
            notes.append(f"column '{name}' is no channel by its name: left out")
        elif not named and place == 0 and len(columns) > 1 and _is_even(values):
            notes.append("the first column grows evenly, a counter or a clock without a name: left out")
        else:
            channels.append(values)
    if not channels:
        raise DataError("no column is a signal")
    with np.errstate(over="ignore"):
        # what does not fit is infinite then, and refused
        samples = np.stack(channels, axis=1).astype(np.float32)
    return Signal(samples, rate, tuple(notes))


def _is_even(values: NDArray[np.float64]) -> bool:
    steps = np.diff(values)
    return len(steps) > 1 and steps.min() > 0 and float(np.ptp(steps)) <= 1e-3 * steps.max()


def _rate(name: str, values: NDArray[np.float64] | list[str]) -> tuple[float | None, str]:
    """Rate that a clock states, in Hz, and what is to be said of it."""
    times = _seconds(name, values) if isinstance(values, list) else values
    if len(times) < 2 or not np.isfinite(times).all():
        raise DataError(f"column '{name}' is no clock: {len(times)} times, or one that is not finite")
    steps = np.diff(times)
    if steps.min() <= 0:
        raise DataError(f"column '{name}' stands still or runs backwards after {int(steps.argmin()) + 1:,} rows")
    usual = float(np.median(steps))
    match = _CLOCK.fullmatch(name.strip().casefold())
    unit = match[1] if match else None
    if unit is None and not isinstance(values, list) and usual > _LONGEST:
        return None, f"column '{name}' grows by {usual:g} and names no unit: call it '{name}_ms', '{name}_us' or '_s'"
    # times are rounded when they are written: over all of them that does not matter
    mean = float(times[-1] - times[0]) / len(steps)
    step = (mean if abs(mean / usual - 1) < _EVEN else usual) * _UNITS.get(unit or "s", 1.0)
    uneven = "" if steps.max() < 2 * usual else ", though its steps are not even"
    rate = float(f"{1 / step:.5g}")
    return rate, f"column '{name}' is the clock, {unit or 'seconds'}{uneven}: left out, it states {rate:g} Hz"


def _seconds(name: str, values: list[str]) -> NDArray[np.float64]:
    """Seconds of times of day or dates."""
    import pandas as pd

    try:
        stamps = pd.to_datetime(values, format="ISO8601", utc=True)
    except ValueError:
        raise DataError(f"column '{name}' holds {values[0][:40]!r}, no time in seconds and no date") from None
    seconds: NDArray[np.float64] = (stamps - stamps[0]).total_seconds().to_numpy(dtype=np.float64)
    return seconds
