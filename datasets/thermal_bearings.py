"""Thermal pictures of bearings in six states: ``TRAINING/<CLASS>/`` and ``VALIDATION/<CLASS>/``, read and generated.

Any such folder is read, whatever its files are called. Names such as ``m1_s03_007.png`` say which machine, which
sequence and which frame; where a name does not, the machine is `unknown` and a picture is a sequence of its own. A
video is one recording and one sequence. Where its frames lie somewhere in the folder as ``<video>_<number>``, they are
read in its place, and are that sequence whatever side or class they were copied to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.data import DataError, Recording, file_hash, reading
from faultboard.data.video import read_video, write_video
from faultboard.simulation.heat import Fault, Machine, Plate, draw_machine
from faultboard.simulation.thermal_camera import draw_camera, picture

_CLASSES: dict[str, Fault] = {
    "BALL_DEFECT": "ball",
    "CAGE_DEFECT": "cage",
    "HEALTHY": "healthy",
    "INNER_RACE_DEFECT": "inner_race",
    "LACK_OF_LUBRICATION": "lack_of_lubrication",
    "OUTER_RACE_DEFECT": "outer_race",
}
_NAME = re.compile(
    rf"(TRAINING|VALIDATION)/({'|'.join(_CLASSES)})/([^/]+)\.(?:png|jpe?g|bmp|mp4|avi|mov|mkv)", re.IGNORECASE
)
_VIDEO = re.compile(r"(?:.*/)?([^/]+)\.(?:mp4|avi|mov|mkv)", re.IGNORECASE)
_FRAME = re.compile(r"(.+)_\d+")
_STEM = re.compile(r"(m\d+)_(s\d+)(?:_\d+)?")
_MACHINES = 4
_FRAMES = 8
_TRAINED = 6  # of them; the later ones of the same sequence are for validation
_STEP = 60.0  # s
_WARM = 60  # steps until a machine is as warm as it gets


def read(folder: Path) -> Iterator[Recording]:
    """Read each picture in the colours of the source; grey ones and palettes become RGB, transparency is dropped.

    Yields
    ------
    Recording
        (height, width, 3) uint8, of a video (frames, height, width, 3).

    Raises
    ------
    DataError
        A file is no picture or video of a class, or no whole one of 8 bits.
    """
    walked = dict(reading.files(folder))
    videos = {name: found[1] for name in walked if (found := _VIDEO.fullmatch(name))}
    framed = {found[1] for name in walked if (found := _FRAME.fullmatch(Path(name).stem)) and name not in videos}
    for name, path in walked.items():
        if videos.get(name) in framed:
            continue
        found = _NAME.fullmatch(name)
        if not found:
            raise DataError(
                f"{name} is no file of this set: TRAINING or VALIDATION, a class, a .png, .jpg, .bmp, .mp4 or .avi"
            )
        side, fault, stem = found[1].upper(), found[2].upper(), found[3]
        said = _STEM.fullmatch(stem)
        columns = {
            "fault": fault,
            "folder": side,
            "machine": said[1] if said else "unknown",
            # a number may serve on each machine
            "sequence": f"{said[1]}_{said[2]}" if said else _video_of(stem, videos) or stem,
        }
        # the suffix stays: a folder may hold one name as .png and as .jpg
        if name in videos:
            yield Recording(name, partial(read_video, path, name), None, columns, name, sha256=file_hash(path))
            continue
        yield Recording(name, reading.picture(path, name, ["PNG", "JPEG", "BMP"], reading.COLOURS), None, columns, name)


def _video_of(stem: str, videos: dict[str, str]) -> str | None:
    found = _FRAME.fullmatch(stem)
    return found[1] if found and found[1] in videos.values() else None


def machines(seed: int) -> list[Machine]:
    """Draw the machines of the generated edition."""
    rng = np.random.default_rng([seed, 0])
    return [draw_machine(rng) for _ in range(_MACHINES)]


def simulate(folder: Path, seed: int, seconds: float | None, recordings: int | None) -> None:
    """Write pictures of four generated machines warming up, ``<machine>_<sequence>_<frame>.png``.

    The first six frames of a sequence go to TRAINING, the last two to VALIDATION: in the source, too, both hold
    pictures of the same takes. Of one sequence a class, those of VALIDATION lie there as a video as well, which is read
    by its frames.

    Parameters
    ----------
    folder : Path
        Where to write.
    seed : int
        Same seed, same pictures.
    seconds : float, optional
        Time from the first frame to the last; 1,680 without it. Frames are whole minutes apart.
    recordings : int, optional
        Pictures in all, in sequences of eight, evenly by machine and class; 384 without it. Fewer than 192, one
        sequence of each class on each of four machines, leave machines out.
    """
    from PIL import Image

    filmed = set()
    for name, take, frames in _takes(seed, seconds, recordings):
        for number, pixels in enumerate(frames):
            side = "TRAINING" if number < _TRAINED else "VALIDATION"
            path = folder / side / name / f"{take}_{number:03d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path, compress_level=1)
        if name not in filmed:
            filmed.add(name)
            write_video(folder / "VALIDATION" / name / f"{take}.avi", frames[_TRAINED:], rate=2)


def _takes(
    seed: int, seconds: float | None, recordings: int | None
) -> Iterator[tuple[str, str, list[NDArray[np.uint8]]]]:
    """Class, name and pictures of each sequence."""
    between = max(1, round((seconds or 1680) / _STEP / (_FRAMES - 1)))
    once = (recordings or 384) // (_FRAMES * len(_CLASSES))
    takes, units = max(1, once // _MACHINES), max(1, min(once, _MACHINES))
    for number, machine in enumerate(machines(seed)[:units]):
        plate = Plate(machine, _STEP)
        usual = float(plate.heat(machine.friction * machine.source("healthy"), _WARM).max())
        # classes are taken in no order that the running number could give away
        order = np.random.default_rng([seed, 1, number]).permutation(np.repeat(np.arange(len(_CLASSES)), takes))
        for sequence, which in enumerate(order, start=1):
            rng = np.random.default_rng([seed, 2, number, sequence])
            name, fault = list(_CLASSES.items())[which]
            power = _power(machine, fault, rng)
            camera = draw_camera(rng, usual)
            rise = plate.heat(power, int(rng.integers(5, 20)))
            drift, frames = 0.0, []
            for _ in range(_FRAMES):
                drift += rng.normal(0, 0.15)
                frames.append(picture(machine, camera, rise, drift, rng))
                rise = plate.heat(power, between, rise)
            yield name, f"m{number + 1}_s{sequence:02d}", frames


def _power(machine: Machine, fault: Fault, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw the heat of one sequence, in W a cell: friction at some speed and load, and what the fault adds to it."""
    friction = machine.friction * rng.uniform(0.75, 1.25)
    heat: NDArray[np.float64] = friction * machine.source("healthy")
    if fault == "lack_of_lubrication":
        return heat + friction * rng.uniform(1.0, 2.5) * machine.source(fault)
    if fault != "healthy":
        return heat + friction * rng.uniform(0.4, 1.5) * machine.source(fault)
    return heat
