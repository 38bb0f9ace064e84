"""Surfaces of machined and made parts, their defects, and pictures of them under a lamp.

A part is a height and a reflectance over its face:

- **texture**: a random field made in the frequency domain, its power falling as a power law, stretched along one
  direction where a tool or rolls went [1]_; a weave adds the lines of its threads. Power, stretch, direction and
  finish are drawn for each part anew, so that no two parts of a category are alike.
- **defects**: a scratch is a groove with raised edges; a pit a round hollow; a stain changes what is reflected and not
  the height; a crack wanders, narrow and deep; a chip breaks out near the border and leaves a rough hollow.
- **light**: each view has a lamp of its own place. Matt reflection goes with the cosine between normal and lamp
  (Lambert), gloss with a power of that between normal and half-way direction [2]_; the lamp falls off over the face.
- **camera**: each view shows the part moved and turned a little, blurred by the lens, with noise, in 256 steps.

Nothing here was fitted to pictures, and severities were not chosen by any model's score.

References
----------
.. [1] B. N. J. Persson et al., "On the nature of surface roughness", Journal of Physics: Condensed Matter 17, 2005.
.. [2] J. F. Blinn, "Models of light reflection for computer synthesized pictures", SIGGRAPH, 1977.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Field = NDArray[np.float64]
Defect = Literal["scratch", "pit", "stain", "crack", "chip"]
DEFECTS: tuple[Defect, ...] = ("scratch", "pit", "stain", "crack", "chip")

SIDE = 128  # of a picture
_FACE = 160  # of the part, so that a moved view has no empty edge
_RIM = 4  # pixels about the picture that are computed too, since blur and slope reach there


@dataclass(frozen=True)
class Finish:
    """What the parts of a category have in common; (low, high) are drawn from for each part.

    Attributes
    ----------
    slope : (low, high)
        Exponent by which power falls with frequency.
    stretch : (low, high)
        How many times longer the texture is along its direction than across.
    turn : (low, high)
        Direction in degrees.
    coarse : float
        Frequency below which power grows no more, in cycles a face.
    height : (low, high)
        Root mean square slope of the surface.
    threads : (low, high)
        Threads a face of a weave; 0 for none.
    reflects : (low, high)
        Share of the light.
    gloss : float
        Height of the gloss.
    """

    slope: tuple[float, float]
    stretch: tuple[float, float]
    turn: tuple[float, float]
    coarse: float
    height: tuple[float, float]
    threads: tuple[float, float]
    reflects: tuple[float, float]
    gloss: float


FINISHES: dict[str, Finish] = {
    "casting": Finish((2.0, 3.0), (1.0, 1.4), (0, 180), 6, (0.10, 0.20), (0, 0), (0.35, 0.60), 0.1),
    "coating": Finish((3.2, 4.2), (1.0, 1.2), (0, 180), 10, (0.04, 0.10), (0, 0), (0.45, 0.80), 0.4),
    "ground": Finish((1.2, 2.0), (12, 30), (-8, 8), 8, (0.06, 0.14), (0, 0), (0.45, 0.70), 0.5),
    "weave": Finish((1.5, 2.5), (1.0, 1.5), (-6, 6), 8, (0.12, 0.22), (14, 22), (0.30, 0.60), 0.05),
}


@dataclass(frozen=True)
class Part:
    """One part.

    Attributes
    ----------
    height : (160, 160) float
        In widths of a pixel.
    reflects : (160, 160) float
        Share of the light that is reflected.
    gloss : float
        Height of the gloss.
    """

    height: Field
    reflects: Field
    gloss: float


def draw_part(finish: Finish, rng: np.random.Generator) -> Part:
    """Draw a part without defect."""
    texture = _texture(finish, rng)
    level = rng.uniform(*finish.reflects)
    # grain and dirt: a sound part is not of one grey either
    grain = ndimage.gaussian_filter(rng.standard_normal((_FACE, _FACE)), rng.uniform(0.7, 6))
    reflects = level * (1 + rng.uniform(0.01, 0.05) * grain / grain.std())
    return Part(texture, reflects.clip(0.02, 1.0), finish.gloss * rng.uniform(0.7, 1.3))


def damage(part: Part, defect: Defect, rng: np.random.Generator) -> Part:
    """Put a defect somewhere on the part where every view shows it."""
    height, reflects = part.height.copy(), part.reflects.copy()
    row, column = np.indices(height.shape).astype(np.float64)
    y, x = rng.uniform(45, _FACE - 45, 2)
    match defect:
        case "scratch":
            away = _distance(_line((y, x), rng.uniform(15, 60), rng.uniform(0, np.pi), 0.02, rng))
            width = rng.uniform(0.7, 1.6)
            # what was ploughed out lies beside
            height += rng.uniform(0.4, 1.2) * (0.5 * _bell(away - 2 * width, width) - _bell(away, width))
        case "pit":
            for _ in range(int(rng.integers(1, 5))):
                away = np.hypot(row - y - rng.normal(0, 8), column - x - rng.normal(0, 8))
                radius = rng.uniform(1.5, 4.5)
                height -= rng.uniform(0.4, 0.9) * radius * _bell(away, radius)
        case "stain":
            noise = ndimage.gaussian_filter(rng.standard_normal(height.shape), 5)
            away = np.hypot((row - y) * rng.uniform(0.6, 1.6), column - x) * (1 + 0.25 * noise / noise.std())
            inside = 1 / (1 + np.exp((away - rng.uniform(6, 18)) / rng.uniform(0.8, 2.5)))
            reflects *= 1 - rng.uniform(0.12, 0.45) * inside
        case "crack":
            away = _distance(_line((y, x), rng.uniform(20, 60), rng.uniform(0, np.pi), 0.35, rng))
            height -= rng.uniform(0.8, 1.6) * _bell(away, 0.8)
            # no light comes back from its depth
            reflects *= 1 - rng.uniform(0.3, 0.6) * _bell(away, 0.7)
        case "chip":
            edge = _FACE / 2 + (SIDE / 2 - 8) * rng.choice([-1, 1])
            noise = ndimage.gaussian_filter(rng.standard_normal(height.shape), 3)
            noise /= noise.std()
            away = np.hypot(row - edge, column - x) if rng.random() < 0.5 else np.hypot(row - y, column - edge)
            inside = 1 / (1 + np.exp(away - rng.uniform(8, 18) + 1.5 * noise))
            height += inside * (0.8 * noise - rng.uniform(1, 3))
            reflects *= 1 + rng.uniform(-0.2, 0.3) * inside
    return Part(height, reflects.clip(0.02, 1.0), part.gloss)


def picture(part: Part, lamp: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Take a picture.

    Parameters
    ----------
    lamp : float
        From where the lamp shines, in radians about the camera's axis.

    Returns
    -------
    (128, 128) uint8
        Grey levels.
    """
    # the part is laid down by hand: turned and moved, which also turns the lamp over it
    angle, moved = rng.normal(0, 2.0), rng.uniform(-4, 4, 2)
    height, reflects = (_laid(field, np.radians(angle), moved) for field in (part.height, part.reflects))
    slope = np.gradient(ndimage.gaussian_filter(height, 0.5))
    normal = np.stack([-slope[0], -slope[1], np.ones_like(height)]) / np.sqrt(1 + slope[0] ** 2 + slope[1] ** 2)
    around, up = lamp + rng.normal(0, 0.08), np.radians(rng.uniform(35, 50))
    light = np.array([np.cos(up) * np.sin(around), np.cos(up) * np.cos(around), np.sin(up)])
    half = light + np.array([0.0, 0.0, 1.0])
    half /= np.linalg.norm(half)
    matt = np.tensordot(light, normal, 1).clip(0)
    shine = np.tensordot(half, normal, 1).clip(0) ** 30
    row, column = np.indices(height.shape) / len(height) - 0.5
    fall = 1 + rng.uniform(0.1, 0.3) * (row * np.sin(around) + column * np.cos(around))
    seen = ndimage.gaussian_filter(fall * (reflects * (matt + 0.15) + part.gloss * reflects * shine), 0.6)
    exposure = rng.uniform(0.85, 1.1)
    grey = 255 * exposure * seen[_RIM:-_RIM, _RIM:-_RIM] + rng.normal(0, 2.0, (SIDE, SIDE))
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def _texture(finish: Finish, rng: np.random.Generator) -> Field:
    """Draw the height of a sound face."""
    turn = np.radians(rng.uniform(*finish.turn))
    f = np.fft.fftfreq(_FACE) * _FACE
    down, right = np.meshgrid(f, f, indexing="ij")
    along, across = down * np.sin(turn) + right * np.cos(turn), down * np.cos(turn) - right * np.sin(turn)
    radius = np.hypot(along * rng.uniform(*finish.stretch), across)
    # a power law above the coarse end, level below it; no mean
    amplitude = (finish.coarse**2 + radius**2) ** (-rng.uniform(*finish.slope) / 2)
    amplitude[0, 0] = 0
    field: Field = np.fft.ifft2(np.fft.fft2(rng.standard_normal((_FACE, _FACE))) * amplitude).real
    field /= _steepness(field)
    if finish.threads[1]:
        field = 0.35 * field + _weave(rng.uniform(*finish.threads), turn, field, rng)
    height: Field = field / _steepness(field) * rng.uniform(*finish.height)
    return height


def _weave(threads: float, turn: float, field: Field, rng: np.random.Generator) -> Field:
    """Plain weave: threads of two directions, over and under each other in turn, never laid quite straight."""
    row, column = np.indices(field.shape) / _FACE
    bent = ndimage.gaussian_filter(rng.standard_normal((2, *field.shape)), (0, 12, 12))
    bent = 0.08 * bent / bent.std()
    a = np.pi * (threads * (column * np.cos(turn) + row * np.sin(turn)) + bent[0])
    b = np.pi * (threads * (row * np.cos(turn) - column * np.sin(turn)) + bent[1])
    over = np.sin(a) * np.sin(b) > 0
    cloth: Field = ndimage.gaussian_filter(np.where(over, abs(np.sin(a)), abs(np.sin(b))), 0.7)
    return cloth / _steepness(cloth)


def _steepness(field: Field) -> float:
    slope = np.gradient(field)
    return float(np.sqrt(np.mean(slope[0] ** 2 + slope[1] ** 2)))


def _line(middle: tuple[float, float], length: float, angle: float, bend: float, rng: np.random.Generator) -> Field:
    """Points of a line through a place, half a pixel apart; ``bend`` is how its direction wanders a pixel."""
    count = round(2 * length)
    course = angle + np.cumsum(rng.normal(0, bend * np.sqrt(0.5), count))
    points = np.cumsum(0.5 * np.stack([np.sin(course), np.cos(course)], axis=1), axis=0)
    placed: Field = points - points[count // 2] + np.array(middle)
    return placed


def _distance(points: Field) -> Field:
    """Distance of every pixel from a line of points."""
    free = np.ones((_FACE, _FACE), dtype=bool)
    row, column = np.rint(points).astype(np.int64).clip(0, _FACE - 1).T
    free[row, column] = False
    away: Field = ndimage.distance_transform_edt(free)
    return away


def _bell(away: Field, width: float) -> Field:
    bell: Field = np.exp(-0.5 * (away / width) ** 2)
    return bell


def _laid(field: Field, angle: float, moved: Field) -> Field:
    """Turn a face about its middle, by radians, and move it; of it, the picture and its rim."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    size = SIDE + 2 * _RIM
    middle, centre = np.full(2, (_FACE - 1) / 2), np.full(2, (size - 1) / 2)
    offset = middle - turn @ (centre + moved)
    laid: Field = ndimage.affine_transform(field, turn, offset, (size, size), order=1, mode="reflect")
    return laid
