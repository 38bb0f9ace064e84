"""Heat of a rolling bearing in its housing.

The face that the camera sees is a plate: heat is conducted in its plane and leaves it by convection and linearised
radiation,

    rho c d dT/dt = div(k d grad T) + q - h (T - ambient)

with thickness d, solved for the rise over ambient by finite volumes and implicit Euler, which loses no heat whatever
the step [1]_. The matrix depends on the machine alone, so that it is factorised once and serves all its sequences.

Where a fault makes heat [2]_ [3]_: a damaged outer race in the load zone, where it stands still; a damaged inner race
all round the ring that turns; damaged balls all along their path; a cage between inner race and balls, where it rubs;
lack of lubrication in every contact at once. A sound bearing is warm too: friction grows with speed and load.

Nothing here was fitted to recordings, and powers were not chosen by any model's score.

References
----------
.. [1] S. V. Patankar, "Numerical Heat Transfer and Fluid Flow", Hemisphere, 1980.
.. [2] T. A. Harris, M. N. Kotzalas, "Rolling Bearing Analysis", CRC Press: friction torque and heat generation.
.. [3] A. Palmgren, "Ball and Roller Bearing Engineering", SKF, 1959.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

Field = NDArray[np.float64]
Mask = NDArray[np.bool_]
Fault = Literal["ball", "cage", "healthy", "inner_race", "lack_of_lubrication", "outer_race"]

SHAPE = (60, 80)  # rows, columns of the grid, and of the detector
# what leaves the air around the housing at once, so that it stays at ambient (W/m2 K)
_OPEN_AIR = 5e3


@dataclass(frozen=True)
class Machine:
    """One machine before the camera: what differs from unit to unit. Lengths in m.

    Attributes
    ----------
    pixel : float
        Width of a cell of the grid.
    centre : (2,) float
        Row and column of the axis, in cells.
    radii : (4,) float
        Of shaft, outer edge of the inner ring, inner edge of the outer ring, outer edge of the outer ring.
    housing : (2,) float
        Half height and half width of the housing; a foot reaches to the lower edge of the picture.
    thickness : float
        Of the plate.
    conductivity : float
        Of the housing, in W/m K.
    exchange : float
        Heat that leaves, in W/m2 K of what the camera sees: both faces in the draught of the machine, and what shaft
        and frame conduct away behind it.
    emissivity : (3,) float
        Of housing, rings and shaft.
    load : float
        Direction of the load zone, in radians from below.
    friction : float
        Heat of the sound bearing at nominal speed and load, in W: torque 0.5 x 0.0015 x load x bore [2]_, which at
        2 to 4 kN, a bore of 40 mm and 2,000 to 3,000 turns a minute is 13 to 38 W.
    """

    pixel: float
    centre: Field
    radii: Field
    housing: Field
    thickness: float
    conductivity: float
    exchange: float
    emissivity: Field
    load: float
    friction: float

    @property
    def _grid(self) -> tuple[Field, Field]:
        """Distance from the axis in m and angle from below, of each cell."""
        row, column = np.indices(SHAPE)
        y, x = (row - self.centre[0]) * self.pixel, (column - self.centre[1]) * self.pixel
        return np.hypot(y, x), np.arctan2(x, y)

    def parts(self) -> dict[str, Mask]:
        """Cells of each part; together they are the machine."""
        radius, _ = self._grid
        row, column = np.indices(SHAPE)
        y, x = (row - self.centre[0]) * self.pixel, (column - self.centre[1]) * self.pixel
        block = (abs(y) < self.housing[0]) & (abs(x) < self.housing[1])
        foot = (y > 0) & (abs(x) < 0.7 * self.housing[1])
        shaft, inner, outer, edge = self.radii
        return {
            "shaft": radius < shaft,
            "inner": (radius >= shaft) & (radius < inner),
            "balls": (radius >= inner) & (radius < outer),
            "outer": (radius >= outer) & (radius < edge),
            "housing": (radius >= edge) & (block | foot),
        }

    def source(self, fault: Fault) -> Field:
        """Where a fault makes its heat.

        Returns
        -------
        SHAPE float
            Share of the power in each cell, of sum 1; ``healthy`` is the friction of a sound bearing.
        """
        radius, angle = self._grid
        parts = self.parts()
        _, inner, outer, _ = self.radii
        # half a turn carries the load, most of it in the middle (Stribeck's distribution, smoothed)
        zone = np.clip(np.cos(angle - self.load), 0, None) ** 1.5
        contact = parts["balls"] | _ring(radius, inner, self.pixel) | _ring(radius, outer, self.pixel)
        match fault:
            case "outer_race":
                shape = _ring(radius, outer, self.pixel) * zone
            case "inner_race":
                shape = _ring(radius, inner, self.pixel).astype(float)
            case "ball":
                shape = parts["balls"].astype(float)
            case "cage":
                shape = _ring(radius, 0.7 * inner + 0.3 * outer, self.pixel).astype(float)
            case "lack_of_lubrication":
                shape = contact * (0.6 + 0.4 * zone)
            case "healthy":
                shape = contact * (0.3 + 0.7 * zone)
        share: Field = shape / shape.sum()
        return share


def draw_machine(rng: np.random.Generator) -> Machine:
    """Draw a unit: another bearing, housing, paint, and place of the camera."""
    edge = rng.uniform(0.030, 0.050)
    return Machine(
        pixel=edge / rng.uniform(15, 20),
        centre=np.array([rng.uniform(24, 30), rng.uniform(35, 45)]),
        radii=edge * np.array([rng.uniform(0.40, 0.48), rng.uniform(0.56, 0.62), rng.uniform(0.80, 0.86), 1.0]),
        housing=edge * rng.uniform(1.15, 1.6, 2),
        thickness=rng.uniform(0.010, 0.020),
        conductivity=rng.uniform(35, 60),
        exchange=rng.uniform(40, 80),
        # paint; steel under grease; a shaft that is dull at best
        emissivity=np.array([rng.uniform(0.85, 0.95), rng.uniform(0.65, 0.85), rng.uniform(0.35, 0.7)]),
        load=rng.uniform(-0.5, 0.5),
        friction=rng.uniform(13, 25),
    )


class Plate:
    """The conduction problem of one machine, factorised.

    Parameters
    ----------
    machine : Machine
        The unit.
    step : float
        Time step in s.
    insulated : bool
        Let no heat out, and none into the air: for the check that none is lost.
    """

    def __init__(self, machine: Machine, step: float, insulated: bool = False) -> None:
        parts = machine.parts()
        solid = np.logical_or.reduce([*parts.values()])
        # a dozen balls touch either race in spots of half a millimetre, some 20 K/W each, with grease beside them: two
        # or three K/W from ring to ring, which is a plate of this conductivity
        k = np.where(parts["balls"], 1.5, np.where(parts["housing"], machine.conductivity, 45.0))
        k = np.where(solid, k, 0.0) * machine.thickness
        area = machine.pixel**2
        self.capacity: Field = np.where(solid, 3.7e6, 1.2e3) * machine.thickness * area
        leaves = np.zeros(SHAPE) if insulated else np.where(solid, machine.exchange, _OPEN_AIR) * area
        self._leaves, self._step = leaves, step
        matrix = sparse.diags((self.capacity / step + leaves).ravel()) + _exchange(k)
        self._solve: Any = splu(matrix.tocsc())

    def heat(self, power: Field, steps: int, rise: Field | None = None) -> Field:
        """Heat the plate.

        Parameters
        ----------
        power : SHAPE float
            Heat made in each cell, in W.
        steps : int
            Time steps.
        rise : SHAPE float, optional
            Rise over ambient at the start, in K; none without it.

        Returns
        -------
        SHAPE float
            Rise over ambient at the end, in K.
        """
        now = np.zeros(power.size) if rise is None else rise.ravel()
        for _ in range(steps):
            now = self._solve.solve(self.capacity.ravel() / self._step * now + power.ravel())
        return now.reshape(SHAPE)

    def stored(self, rise: Field) -> float:
        """Heat that the plate holds, in J."""
        return float((self.capacity * rise).sum())

    def leaving(self, rise: Field) -> float:
        """Heat that leaves the plate, in W."""
        return float((self._leaves * rise).sum())


def _ring(radius: Field, at: float, width: float) -> Mask:
    """Cells within one of a circle."""
    return abs(radius - at) < width


def _exchange(k: Field) -> Any:
    """Matrix of the heat that neighbours exchange: harmonic mean of their conductance, what one loses another gains."""
    cells = np.arange(k.size).reshape(k.shape)
    pairs = [(cells[:, :-1], cells[:, 1:]), (cells[:-1], cells[1:])]
    first = np.concatenate([a.ravel() for a, _ in pairs])
    second = np.concatenate([b.ravel() for _, b in pairs])
    both = k.ravel()[first] + k.ravel()[second]
    # square cells: width and distance cancel
    through = 2 * k.ravel()[first] * k.ravel()[second] / np.where(both > 0, both, 1.0)
    off = sparse.coo_matrix((through, (first, second)), shape=(k.size, k.size))
    off = off + off.T
    return sparse.diags(np.asarray(off.sum(axis=1)).ravel()) - off
