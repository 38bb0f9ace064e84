"""Front ends: what turns windows into the input that a backbone was trained on.

One file a front end, with a function ``prepare``; ``waveform.py`` holds what those of sound share. The table below
says what there is without importing torch, since keys need it; `faultboard.versions` holds their versions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from faultboard.declare.catalogue import Model
from faultboard.declare.dataset import PICTURES, SIGNALS
from faultboard.declare.model import Preprocessing
from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError
from faultboard.versions import INPUTS

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from faultboard.models.windows import WindowsLike


@dataclass(frozen=True)
class FrontEnd:
    """A front end; calling it prepares one batch.

    Attributes
    ----------
    modalities : tuple of str
        What it can prepare.
    black : float or None
        Value of an empty place in what it prepares; None where pixels are normalised as the weights were trained.
    settings : tuple of str
        Names that the ``input_settings`` of a card or a recipe may give it.
    """

    name: str
    modalities: tuple[str, ...]
    settings: tuple[str, ...] = ()
    black: float | None = 0.0

    @property
    def version(self) -> int:
        """Raised when the front end gives other numbers."""
        return INPUTS[self.name]

    def __call__(self, batch: Any, rate: float | None, preprocessing: Preprocessing, **settings: Any) -> torch.Tensor:
        """Prepare a batch, as ``prepare`` of the front end's own file says."""
        module = import_module(f"faultboard.models.inputs.{self.name}")
        made: torch.Tensor = module.prepare(batch, rate, preprocessing, **settings)
        return made


_FRONT_ENDS = {
    front.name: front
    for front in (
        FrontEnd("samples", SIGNALS + PICTURES),
        FrontEnd("raw", SIGNALS),
        FrontEnd("mel_image", SIGNALS, ("size",), None),
        FrontEnd("mel_decibels", SIGNALS, ("assumed_rate", "bands", "points", "hop"), -80.0),
        FrontEnd("mel_coloured", SIGNALS, ("size",), None),
        FrontEnd("stft_image", SIGNALS, ("size",), None),
        FrontEnd("scalogram", SIGNALS, ("size",), None),
        FrontEnd("logmel_efficientat", SIGNALS, ("reading",)),
        FrontEnd("logmel_vggish", SIGNALS, ("reading", "tail")),
        FrontEnd("logmel_yamnet", SIGNALS, ("reading",)),
        FrontEnd("logmel_ast", SIGNALS, ("reading",)),
        FrontEnd("logmel_panns", SIGNALS, ("reading",)),
        FrontEnd("picture", PICTURES, ("size", "fit"), None),
    )
}


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


def input_of(model: Model, modality: str) -> tuple[FrontEnd, dict[str, Any]]:
    """Front end that a model's recipe or card names for a modality, and those of its settings that are the front end's.

    Raises
    ------
    CardError
        The model or the front end does not take the modality, or no front end of the model knows a setting.
    """
    own = ("recipes", model.recipe_name) if model.recipe.input else ()
    chosen = {str(m): name for m, name in model.input.items()}
    if modality not in chosen:
        raise CardError(f"{model.card.path}: {model.id} takes {', '.join(chosen)}, not {modality}")
    front = front_end(chosen[modality])
    if modality not in front.modalities:
        fitting = [f.name for f in _FRONT_ENDS.values() if modality in f.modalities]
        at = model.card.at(*own, "input", modality)
        raise CardError(f"{at}: {front.name} does not take {modality}; {', '.join(fitting)} do")
    known = [s for name in chosen.values() for s in front_end(name).settings]
    for setting in model.input_settings:
        if setting not in known:
            at = model.card.at(*own, "input_settings", setting)
            raise CardError(f"{at}: no input has '{setting}'.{did_you_mean(setting, known)}")
    return front, {k: v for k, v in model.input_settings.items() if k in front.settings}


def prepared(
    model: Model,
    windows: WindowsLike,
    ids: NDArray[np.int64],
    change: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None,
) -> torch.Tensor:
    """Input of some windows, as a model's front end makes it.

    Parameters
    ----------
    change : callable, optional
        Of signals, (n, length, channels) to the same, before their front end.

    Returns
    -------
    (n, ...) float32 Tensor
    """
    front, settings = input_of(model, windows.modality)
    batch: Any = windows.batch(ids)
    return front(change(batch) if change else batch, windows.rate, model.preprocessing, **settings)


def black(model: Model, modality: str) -> list[float]:
    """Value of a black pixel in a model's inputs: one for all channels, or one each."""
    value = input_of(model, modality)[0].black
    given = model.preprocessing
    return [-m / s for m, s in zip(given.mean, given.std, strict=True)] if value is None else [value]
