"""Front ends: what turns windows into the input that a backbone was trained on.

One file a front end, with a function ``prepare``; ``waveform.py`` holds what those of sound share. The table below
says what there is without importing torch, since keys need the versions. A version is raised when a front end gives
other numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from faultboard.declare.model import ModelCard, Preprocessing
from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError

if TYPE_CHECKING:
    import torch

_SIGNALS = ("vibration", "acceleration", "sound")
_PICTURES = ("photo", "thermal")


@dataclass(frozen=True)
class FrontEnd:
    """A front end; calling it prepares one batch.

    Attributes
    ----------
    modalities : tuple of str
        What it can prepare.
    settings : tuple of str
        Names that a card's ``input_settings`` may give it.
    """

    name: str
    version: int
    modalities: tuple[str, ...]
    settings: tuple[str, ...] = ()

    def __call__(self, batch: Any, rate: float | None, preprocessing: Preprocessing, **settings: Any) -> torch.Tensor:
        """Prepare a batch, as ``prepare`` of the front end's own file says."""
        prepared: torch.Tensor = import_module(f"faultboard.models.inputs.{self.name}").prepare(
            batch, rate, preprocessing, **settings
        )
        return prepared


_FRONT_ENDS = {
    front.name: front
    for front in (
        FrontEnd("samples", 1, _SIGNALS + _PICTURES),
        FrontEnd("raw", 1, _SIGNALS),
        FrontEnd("mel_image", 1, _SIGNALS, ("size",)),
        FrontEnd("logmel_efficientat", 1, _SIGNALS),
        FrontEnd("logmel_vggish", 1, _SIGNALS, ("reading", "tail")),
        FrontEnd("logmel_yamnet", 1, _SIGNALS, ("reading",)),
        FrontEnd("logmel_panns", 1, _SIGNALS),
        FrontEnd("picture", 2, _PICTURES, ("size", "fit")),
    )
}


VERSIONS = {name: front.version for name, front in _FRONT_ENDS.items()}


def front_end(name: str) -> FrontEnd:
    """Front end of this name.

    Raises
    ------
    CardError
        There is none.
    """
    if name not in _FRONT_ENDS:
        raise CardError(f"no input '{name}'.{did_you_mean(name, _FRONT_ENDS)}")
    return _FRONT_ENDS[name]


def input_of(card: ModelCard, modality: str) -> tuple[FrontEnd, dict[str, Any]]:
    """Front end that a card names for a modality, and those of the card's settings that are its.

    Raises
    ------
    CardError
        The front end does not take the modality, or no front end of the card knows a setting.
    """
    chosen = {str(m): name for m, name in card.input.items()}
    front = front_end(chosen[modality])
    if modality not in front.modalities:
        fitting = [f.name for f in _FRONT_ENDS.values() if modality in f.modalities]
        raise CardError(f"{card.path}: input: {front.name} does not take {modality}; {', '.join(fitting)} do")
    known = [s for name in chosen.values() for s in front_end(name).settings]
    for setting in card.input_settings:
        if setting not in known:
            raise CardError(f"{card.path}: input_settings: no input has '{setting}'.{did_you_mean(setting, known)}")
    return front, {k: v for k, v in card.input_settings.items() if k in front.settings}
