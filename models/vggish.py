"""VGGish: six convolutions and three linear layers over log-mel patches of 0.96 s.

Names of parameters are those of torchvggish (harritaylor/torchvggish, Apache-2.0), whose file is Google's checkpoint.
Source: Hershey et al., ICASSP 2017, arXiv 1609.09430; tensorflow/models, research/audioset/vggish.
"""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from faultboard.models.patches import mean_over_patches


def build(activation: str = "none") -> nn.Module:
    """Build the network.

    Parameters
    ----------
    activation : {"none", "relu"}
        What follows the embedding: nothing, as in Google's release, or a ReLU, as in torchvggish and in the table of
        the network of Di Maggio, Sensors 2023.
    """
    return VGGish({"none": nn.Identity, "relu": nn.ReLU}[activation]())


class VGGish(nn.Module):
    """Embeddings of patches, their mean, and a place for a head."""

    def __init__(self, activation: nn.Module) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inside = 1
        for wide, pooled in ((64, True), (128, True), (256, False), (256, True), (512, False), (512, True)):
            layers += [nn.Conv2d(inside, wide, 3, padding=1), nn.ReLU()]
            layers += [nn.MaxPool2d(2)] if pooled else []
            inside = wide
        self.features = nn.Sequential(*layers)
        self.embeddings = nn.Sequential(
            nn.Linear(6 * 4 * 512, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 128), activation
        )
        self.head = nn.Identity()

    def embed(self, patches: Tensor) -> Tensor:
        """Embeddings of patches, (m, 1, 96, 64) to (m, 128)."""
        # flattened as TensorFlow does: time, band, channel
        return cast(Tensor, self.embeddings(self.features(patches).permute(0, 2, 3, 1).flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.head(mean_over_patches(x, self.embed)))
