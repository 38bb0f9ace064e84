"""MIMII's fans in the layout of its archives, ``fan/id_NN/{normal,abnormal}/NNNNNNNN.wav``: read, and generated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording
from faultboard.simulation.fan import Fan, State, at_microphones, draw_fan, factory, sound

_NAME = re.compile(r"fan/(id_\d\d)/(normal|abnormal)/\d{8}\.wav")
_RATE = 16_000
_CHANNELS = 8  # microphones
_MACHINES = ("id_00", "id_02", "id_04", "id_06")
_SNR = 6.0  # dB, the fan against the factory


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
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    for name, path in sorted(files.items()):
        found = _NAME.fullmatch(name)
        if not found:
            raise DataError(f"{name} is no file of this set")
        columns = {"machine": found[1], "label": found[2]}
        yield Recording(name.removesuffix(".wav"), _clip(path, name), float(_RATE), columns, name)


def _clip(path: Path, name: str) -> NDArray[Any]:
    import soundfile

    _refuse_cut(path, name)
    try:
        with soundfile.SoundFile(path) as sound:
            # what was not 16 bit would be scaled in silence
            if sound.subtype != "PCM_16" or sound.samplerate != _RATE or sound.channels != _CHANNELS:
                form = f"{sound.format} {sound.subtype}, {sound.samplerate} Hz, {sound.channels} channels"
                raise DataError(f"{name} is {form}, not 16-bit WAV, {_RATE} Hz, {_CHANNELS} channels")
            samples: NDArray[Any] = sound.read(dtype="int16", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise DataError(f"{name} is no WAV file: {error.error_string}") from None
    return samples


def _refuse_cut(path: Path, name: str) -> None:
    """Hold the file against the size in its header: a cut file is read without complaint, and shorter."""
    with path.open("rb") as stream:
        head = stream.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise DataError(f"{name} is no WAV file ({path.stat().st_size:,} bytes)")
    stated, found = int.from_bytes(head[4:8], "little") + 8, path.stat().st_size
    if found < stated:
        raise DataError(f"{name} ends after {found:,} of {stated:,} bytes")


def units(seed: int) -> dict[str, Fan]:
    """Draw the four fans of the generated edition: no two have the same number of blades."""
    rng = np.random.default_rng([seed, 0])
    blades = rng.permutation(np.arange(4, 10))
    return {name: draw_fan(rng, int(count)) for name, count in zip(_MACHINES, blades, strict=False)}


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None) -> None:
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
        noise = np.sqrt(np.mean(np.square(heard))) * 10 ** (-_SNR / 20)
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
