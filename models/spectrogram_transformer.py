"""Audio spectrogram transformer: timm's distilled DeiT over patches of a log-mel spectrogram.

Source: Gong, Chung, Glass, Interspeech 2021, arXiv 2104.01778 (repository YuanGongND/ast, BSD-3-Clause).
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_BANDS, _FRAMES, _PATCH = 128, 1024, 16  # ten seconds, which the learnt places are laid out for


def build(size: str, classes: int = 527) -> nn.Module:
    """Build a network of DeiT's size ``tiny``, ``small`` or ``base``."""
    return SpectrogramTransformer(size, classes)


class SpectrogramTransformer(nn.Module):
    """Mean of the class and the distillation token, and a classifier."""

    def __init__(self, size: str, classes: int) -> None:
        super().__init__()
        import timm

        # the places of another length of window are interpolated
        body: Any = timm.create_model(
            f"deit_{size}_distilled_patch{_PATCH}_224", pretrained=False, num_classes=0, in_chans=1,
            img_size=(_BANDS, _FRAMES), dynamic_img_size=True,
        )  # fmt: skip
        self.body: nn.Module = body
        width: int = body.embed_dim
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, classes))

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.body.forward_features(x)  # type: ignore[operator]
        return cast(Tensor, self.head(tokens[:, :2].mean(1)))


def from_pictures(checkpoint: dict[str, Any]) -> dict[str, Tensor]:
    """Weights of a DeiT that was trained on pictures, put into the transformer as its authors did.

    Its three colours are added up. Of the places of its square grid the middle rows become the bands, and the columns
    are spread over the frames. Noughts stand in the place of the last layer: a new head replaces it.
    """
    state: dict[str, Tensor] = checkpoint["model"]
    width = state["cls_token"].shape[2]
    body = {name: values for name, values in state.items() if not name.startswith("head")}
    body["patch_embed.proj.weight"] = body["patch_embed.proj.weight"].sum(1, keepdim=True)
    tokens, places = body["pos_embed"][:, :2], body["pos_embed"][:, 2:]
    side = int(places.shape[1] ** 0.5)
    rows, columns = _BANDS // _PATCH, _FRAMES // _PATCH
    first = (side - rows) // 2
    grid = places.transpose(1, 2).reshape(1, width, side, side)[:, :, first : first + rows]
    spread = F.interpolate(grid, (rows, columns), mode="bilinear").flatten(2).transpose(1, 2)
    body["pos_embed"] = torch.cat([tokens, spread], dim=1)
    head = {"0.weight": (width,), "0.bias": (width,), "1.weight": (527, width), "1.bias": (527,)}
    return {f"body.{name}": values for name, values in body.items()} | {
        f"head.{name}": torch.zeros(shape) for name, shape in head.items()
    }
