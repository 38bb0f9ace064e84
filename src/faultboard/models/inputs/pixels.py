"""What front ends of pictures share: decibels as a picture, three channels, the weights' own normalisation."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from faultboard.declare.model import Preprocessing

_FLOOR_DB = 80.0


def decibel_picture(power: torch.Tensor, size: int, preprocessing: Preprocessing) -> torch.Tensor:
    """Picture of a window's power over time and frequency.

    Decibels relative to each window's own maximum, cut at -80 dB, become [0, 1]: level does not count.

    Parameters
    ----------
    power : (n, channels, bands, frames) Tensor

    Returns
    -------
    (n, 3, size, size) Tensor
        Low bands first, normalised as the weights were trained.
    """
    db = 10 * torch.log10(power.clamp_min(1e-20))
    db = db - db.amax((1, 2, 3), keepdim=True)
    picture = three((db.clamp_min(-_FLOOR_DB) + _FLOOR_DB) / _FLOOR_DB)
    if picture.shape[2:] != (size, size):
        picture = F.interpolate(picture, (size, size), mode="bilinear", align_corners=False, antialias=True)
    return normalised(picture, preprocessing)


def three(picture: torch.Tensor) -> torch.Tensor:
    """Red, green and blue: one channel is repeated, two are followed by their mean, of more the first three count."""
    channels = picture.shape[1]
    if channels == 1:
        return picture.expand(-1, 3, -1, -1)
    if channels == 2:
        return torch.cat([picture, picture.mean(1, keepdim=True)], 1)
    return picture[:, :3]


def normalised(picture: torch.Tensor, preprocessing: Preprocessing) -> torch.Tensor:
    """Take off the mean and divide by the deviation that the weights were trained with, a channel each."""
    mean = torch.tensor(preprocessing.mean).view(1, 3, 1, 1)
    std = torch.tensor(preprocessing.std).view(1, 3, 1, 1)
    return (picture - mean) / std
