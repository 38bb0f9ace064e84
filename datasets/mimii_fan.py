"""MIMII in the layout of its archives, ``fan/id_NN/{normal,abnormal}/NNNNNNNN.wav``: read, and fans generated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, reading
from faultboard.simulation.fan import Fan, State, at_microphones, draw_fan, factory, sound

_NAME = re.compile(r"fan/(id_\d\d)/(normal|abnormal)/\d{8}\.wav")
_ARCHIVE = re.compile(r"(-6|0|6)_dB_(fan|pump|slider|valve)/\2/id_(\d\d)/(normal|abnormal)/\d{8}\.wav")
_RATE = 16_000
_CHANNELS = 8  # microphones
_MACHINES = ("id_00", "id_02", "id_04", "id_06")


def read(folder: Path) -> Iterator[Recording]:
    """Read all microphones of each clip.

    Yields
    ------
    Recording
        (length, 8) int16 at 16 kHz.

    Raises
    ------
    DataError
        A file is none of the set, is cut short, or no 16-bit WAV of this rate and number of channels.
    """
    for name, path in reading.files(folder):
        found = _NAME.fullmatch(name)
        if not found:
            raise DataError(f"{name} is no file of this set")
        columns = {"machine": found[1], "label": found[2]}
        samples = partial(reading.wav, path, name, _RATE, _CHANNELS)
        yield Recording(name.removesuffix(".wav"), samples, float(_RATE), columns, name)


def first_microphone(folder: Path) -> Iterator[Recording]:
    """Read the first microphone of each clip of all archives, each unpacked into a folder of its own name.

    Yields
    ------
    Recording
        (160000, 1) int16 at 16 kHz.

    Raises
    ------
    DataError
        As of `read`, or the clip is not 10 s long.
    """
    for name, path in reading.files(folder):
        found = _ARCHIVE.fullmatch(name)
        if not found:
            raise DataError(f"{name} is no file of this set: <SNR>_dB_<type>/<type>/id_<NN>/<label>/<number>.wav")
        snr, kind, number, label = found.groups()
        columns = {"label": label, "machine": f"{kind}_{number}", "type": kind, "snr": snr}
        yield Recording(name.removesuffix(".wav"), partial(_first, path, name), float(_RATE), columns, name)


def _first(path: Path, name: str) -> NDArray[np.int16]:
    return reading.wav(path, name, _RATE, _CHANNELS, 10 * _RATE)[:, :1]


def units(seed: int) -> dict[str, Fan]:
    """Draw the four fans of the generated edition: no two have the same number of blades."""
    rng = np.random.default_rng([seed, 0])
    blades = rng.permutation(np.arange(4, 10))
    return {name: draw_fan(rng, int(count)) for name, count in zip(_MACHINES, blades, strict=False)}


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None, snr: float = 6.0) -> None:
    """Write clips of four generated fans as the archives hold them: eight channels, 16 kHz, 16 bit.

    Parameters
    ----------
    folder : Path
        Where to write.
    seed : int
        Same seed, same clips.
    seconds : float, optional
        Length of a clip; 1.5 without it.
    recordings : int, optional
        Clips in all, shared evenly by the machines, a third of them abnormal; 84 without it.
    snr : float
        The fan against the factory in dB: 6, 0 and -6 in the source. At each level the same clips under the same noise.
    """
    import soundfile

    length = round((seconds or 1.5) * _RATE)
    each = max(3, (recordings or 84) // len(_MACHINES))
    abnormal = each // 3
    for number, (machine, fan) in enumerate(units(seed).items()):
        clips = [("normal", i) for i in range(each - abnormal)] + [("abnormal", i) for i in range(abnormal)]
        rngs = [np.random.default_rng([seed, 1, number, i, int(label == "abnormal")]) for label, i in clips]
        heard = []
        for (label, i), rng in zip(clips, rngs, strict=True):
            state = _faulty(rng, i) if label == "abnormal" else _running(rng)
            heard.append(at_microphones(sound(fan, state, length, _RATE, rng), fan.bearing, _RATE))
        # as in the source, one gain a machine: its mean power against the factory's, so that clips keep their loudness
        noise = np.sqrt(np.mean(np.square(heard))) * 10 ** (-snr / 20)
        for (label, i), clip, rng in zip(clips, heard, rngs, strict=True):
            mixed = (clip + noise * factory(length, _RATE, rng)) * fan.gains
            path = folder / "fan" / machine / label / f"{i:08d}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            samples = np.clip(np.round(mixed * 32767), -32768, 32767).astype(np.int16)
            soundfile.write(path, samples, _RATE, subtype="PCM_16")


def _running(rng: np.random.Generator) -> State:
    """Draw how a sound fan runs: mains and load vary from clip to clip, and no rotor is balanced to the last."""
    return State(speed=rng.uniform(0.985, 1.015), imbalance=rng.uniform(0, 0.1), clogging=rng.uniform(0, 0.08))


def _faulty(rng: np.random.Generator, number: int) -> State:
    """Draw how a faulty fan runs: the four faults in turn, each from slight to severe."""
    usual = _running(rng)
    severity = rng.uniform(0.25, 1.0)
    match number % 4:
        case 0:
            return State(usual.speed, severity, 0.0, usual.clogging)
        case 1:
            return State(usual.speed, usual.imbalance, severity, usual.clogging)
        case 2:
            # a choked fan moves less air and runs a little faster
            return State(usual.speed * (1 + 0.02 * severity), usual.imbalance, 0.0, severity)
        case _:
            return State(usual.speed * (1 - 0.2 * severity), usual.imbalance, 0.0, usual.clogging)
