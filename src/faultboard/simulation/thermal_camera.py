"""Picture that a thermal camera takes of a machine.

The camera reads the apparent temperature: what the surface emits and what it mirrors [1]_; blur of the lens, noise,
fixed pattern and drift of the detector, then the false colours of a palette whose ends an operator has set.

References
----------
.. [1] M. Vollmer, K.-P. Moellmann, "Infrared Thermal Imaging", Wiley: emissivity, reflection, noise of detectors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from faultboard.simulation.heat import SHAPE, Field, Machine

PICTURE = (120, 160)  # rows, columns of the picture: the camera doubles what it measures
# black, violet, red, orange, yellow, white: the order of the usual "iron" palette, by no maker's table
_PALETTE = np.array([[0, 0, 10], [70, 0, 130], [190, 20, 110], [240, 110, 20], [255, 210, 50], [255, 255, 240]], float)


@dataclass(frozen=True)
class Camera:
    """How one sequence is taken.

    Attributes
    ----------
    ambient, mirrored : float
        Temperature of the air and of what bare metal mirrors, in degrees Celsius.
    low, high : float
        Ends of the palette, in degrees Celsius.
    offset : (2,) float
        Where the camera points, in cells off the nominal.
    pattern : SHAPE float
        Fixed pattern of the detector, in K.
    """

    ambient: float
    mirrored: float
    low: float
    high: float
    offset: Field
    pattern: Field


def draw_camera(rng: np.random.Generator, usual: float) -> Camera:
    """Draw a camera position, a room and an operator's range.

    Parameters
    ----------
    usual : float
        Highest rise of the sound machine once it is warm, in K: what the operator sets the range by.
    """
    ambient = rng.uniform(17, 29)
    low = ambient - rng.uniform(2, 6)
    columns = np.broadcast_to(0.08 * rng.standard_normal(SHAPE[1]), SHAPE)
    return Camera(
        ambient=ambient,
        mirrored=ambient + rng.uniform(-1, 4),
        low=low,
        high=ambient + usual * rng.uniform(2, 3),
        offset=rng.uniform(-2, 2, 2),
        pattern=columns + 0.05 * rng.standard_normal(SHAPE),
    )


def picture(machine: Machine, camera: Camera, rise: Field, drift: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Take a picture.

    Parameters
    ----------
    rise : SHAPE float
        Rise over ambient, in K.
    drift : float
        By how much the detector reads too high at this moment, in K.

    Returns
    -------
    (120, 160, 3) uint8
        False colours.
    """
    emissivity = np.full(SHAPE, 0.93)
    for part, mask in machine.parts().items():
        emissivity[mask] = machine.emissivity[{"housing": 0, "shaft": 2}.get(part, 1)]
    # over a range of some tens of kelvin, radiation may be taken as linear in temperature
    seen = emissivity * (camera.ambient + rise) + (1 - emissivity) * camera.mirrored
    shaken = camera.offset + rng.normal(0, 0.2, 2)
    seen = ndimage.gaussian_filter(ndimage.shift(seen, shaken, order=1, mode="nearest"), 0.6)
    seen = seen + camera.pattern + drift + rng.normal(0, 0.08, SHAPE)
    large = ndimage.zoom(seen, (PICTURE[0] / SHAPE[0], PICTURE[1] / SHAPE[1]), order=1)
    return colours((large - camera.low) / (camera.high - camera.low))


def colours(level: Field) -> NDArray[np.uint8]:
    """False colours of levels from 0 (cold) to 1 (hot); what is outside takes the colour of the end."""
    # as a camera does: 256 steps
    step = np.round(np.clip(level, 0, 1) * 255) / 255
    stops = np.linspace(0, 1, len(_PALETTE))
    return np.stack([np.interp(step, stops, channel) for channel in _PALETTE.T], axis=-1).round().astype(np.uint8)
