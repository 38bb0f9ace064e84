"""Networks of sound: what their authors' checkpoints are called, and what their code computes."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from faultboard.declare.catalogue import Model
from faultboard.errors import DataError
from faultboard.models.inputs.logmel_panns import bank
from faultboard.models.networks.build import _built
from faultboard.models.networks.weights import load_state
from support.repository import CARDS

TORCHVGGISH = {
    "features.0": (64, 1, 3, 3),
    "features.3": (128, 64, 3, 3),
    "features.6": (256, 128, 3, 3),
    "features.8": (256, 256, 3, 3),
    "features.11": (512, 256, 3, 3),
    "features.13": (512, 512, 3, 3),
    "embeddings.0": (4096, 12288),
    "embeddings.2": (4096, 4096),
    "embeddings.4": (128, 4096),
}


def drawn(model: Model, seed: int = 0) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = _built(model)
        for module in net.modules():
            # statistics that are not those of a new network
            if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None:
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr]
    return net.eval()


def vggish(state: dict[str, torch.Tensor], patches: torch.Tensor) -> torch.Tensor:
    """Google's graph on patches (m, 96, 64), written out with its own order of axes."""
    x = patches[:, None]
    for layer, pooled in ((0, True), (3, True), (6, False), (8, True), (11, False), (13, True)):
        x = F.conv2d(x, state[f"features.{layer}.weight"], state[f"features.{layer}.bias"], padding=1).relu()
        x = F.max_pool2d(x, 2) if pooled else x
    x = torch.stack([x[:, :, time, mel] for time in range(6) for mel in range(4)], dim=1).flatten(1)
    for layer in (0, 2, 4):
        x = F.linear(x, state[f"embeddings.{layer}.weight"], state[f"embeddings.{layer}.bias"])
        x = x.relu() if layer < 4 else x
    return x


@pytest.mark.slow
def test_a_checkpoint_of_torchvggish_loads_and_means_what_it_meant(tmp_path: Path) -> None:
    draw = torch.Generator().manual_seed(0)
    state = {}
    for name, shape in TORCHVGGISH.items():
        inside = int(np.prod(shape[1:]))
        state[f"{name}.weight"] = torch.randn(shape, generator=draw) * inside**-0.5
        state[f"{name}.bias"] = 0.1 * torch.randn(shape[0], generator=draw)
    assert sum(v.numel() for v in state.values()) == 72_141_184
    path = tmp_path / "vggish.pth"
    torch.save(state, path)
    model = CARDS.model("vggish.audioset.probe")
    net = _built(model)
    load_state(path, model, net)
    patches = torch.randn(3, 96, 64, generator=draw)
    with torch.inference_mode():
        expected = vggish(state, patches)
        laid = patches.transpose(1, 2).permute(1, 0, 2).flatten(1)[None, None]
        torch.testing.assert_close(net(laid), expected.mean(0, keepdim=True), rtol=1e-4, atol=1e-5)
        assert (expected < 0).any()
        # torchvggish ends with a ReLU; which of the two is said on the card
        net.embeddings[5] = type(_activation("relu"))()  # type: ignore[operator, index]
        torch.testing.assert_close(net(laid), expected.relu().mean(0, keepdim=True), rtol=1e-4, atol=1e-5)


def _activation(said: str) -> nn.Module:
    card = CARDS.backbone("vggish").model_copy(update={"arguments": {"activation": said}})
    card._path, card._id = CARDS.backbone("vggish").path, "vggish"
    with torch.device("meta"):
        return _built(Model(card, "scratch", "probe")).embeddings[5]  # type: ignore[index, return-value]


def test_what_follows_the_embedding_is_declared() -> None:
    assert isinstance(_activation("none"), nn.Identity)
    assert isinstance(_activation("relu"), nn.ReLU)


def panns(state: dict[str, torch.Tensor], x: torch.Tensor, blocks: int) -> torch.Tensor:
    """Scores of the authors' network for (n, time, 64), written out from its tensors."""

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        mean, var, weight, bias = (state[f"{name}.{k}"] for k in ("running_mean", "running_var", "weight", "bias"))
        shape = (1, -1, 1, 1)
        return (x - mean.view(shape)) / (var.view(shape) + 1e-5).sqrt() * weight.view(shape) + bias.view(shape)

    x = norm(x.transpose(1, 2)[..., None], "bn0").permute(0, 3, 2, 1)
    for i in range(1, blocks + 1):
        for j in (1, 2):
            x = norm(F.conv2d(x, state[f"conv_block{i}.conv{j}.weight"], padding=1), f"conv_block{i}.bn{j}").relu()
        x = x if i == 6 else F.avg_pool2d(x, 2)
    x = x.mean(3)
    x = x.max(2).values + x.mean(2)
    x = F.linear(x, state["fc1.weight"], state["fc1.bias"]).relu()
    return F.linear(x, state["fc_audioset.weight"], state["fc_audioset.bias"])


@pytest.mark.parametrize("name", ["cnn10", pytest.param("cnn14", marks=pytest.mark.slow)])
def test_panns_compute_what_their_authors_do(name: str) -> None:
    model = CARDS.model(f"{name}.scratch.probe")
    net = drawn(model)
    x = torch.randn(2, 33, 64, generator=torch.Generator().manual_seed(1))
    blocks = model.card.arguments["blocks"]
    assert isinstance(blocks, int)
    with torch.inference_mode():
        torch.testing.assert_close(
            net(x.transpose(1, 2)[:, None]), panns(net.state_dict(), x, blocks), rtol=1e-3, atol=1e-4
        )


def panns_checkpoint(mels: torch.Tensor) -> dict[str, object]:
    """What a published file of Cnn10 holds: the front end as matrices among what was learned."""
    window = torch.hann_window(1024)
    place = torch.arange(1024)[None] * torch.arange(513)[:, None]
    angle = 2 * torch.pi * (place % 1024) / 1024
    front = {
        "spectrogram_extractor.stft.conv_real.weight": (angle.cos() * window)[:, None],
        "spectrogram_extractor.stft.conv_imag.weight": (-angle.sin() * window)[:, None],
        "logmel_extractor.melW": mels,
    }
    return {"iteration": 600_000, "model": front | drawn(CARDS.model("cnn10.scratch.probe"), 3).state_dict()}


def test_a_checkpoint_of_panns_loads_if_its_front_end_is_ours(tmp_path: Path) -> None:
    mel = pytest.importorskip("librosa.filters").mel
    model = CARDS.model("cnn10.audioset.probe")
    path = tmp_path / "cnn10.pth"
    theirs = torch.from_numpy(mel(sr=32_000, n_fft=1024, n_mels=64, fmin=50, fmax=14_000).T)
    checkpoint = panns_checkpoint(theirs)
    torch.save(checkpoint, path)
    net = _built(model)
    load_state(path, model, net)
    for name, values in net.state_dict().items():
        assert torch.equal(values, checkpoint["model"][name]), name  # type: ignore[index]
    torch.save(panns_checkpoint(bank().T * 1.01), path)
    with pytest.raises(DataError, match="the checkpoint's mel filters are not those of the input logmel_panns"):
        load_state(path, model, net)


def test_yamnet_pads_as_tensorflow_does() -> None:
    # of an even side and stride 2 nothing goes to the top and left: torch's own padding shifts the picture
    model = CARDS.model("yamnet.scratch.probe")
    net = drawn(model)
    conv = net.get_submodule("features.0.0")
    assert isinstance(conv, nn.Conv2d)
    x = torch.randn(1, 1, 96, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(conv(x), F.conv2d(F.pad(x, (0, 1, 0, 1)), conv.weight, stride=2))


def test_yamnets_batch_norm_only_shifts() -> None:
    net = drawn(CARDS.model("yamnet.scratch.probe"))
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    assert len(norms) == 27
    assert {(m.eps, m.momentum, m.weight) for m in norms} == {(1e-4, 0.01, None)}


def test_the_spectrogram_transformer_has_the_parameters_of_its_architecture() -> None:
    with torch.device("meta"):
        net = _built(CARDS.model("ast.scratch.probe"))
    width, places = 384, 128 // 16 * 1024 // 16
    block = 4 * width**2 + 4 * width + 8 * width**2 + 5 * width + 4 * width
    tokens = (2 + places + 2) * width
    head = 2 * width + width * 527 + 527
    expected = 12 * block + (16 * 16 + 1) * width + tokens + 2 * width + head
    assert sum(p.numel() for p in net.parameters()) == expected == CARDS.backbone("ast").parameters


def test_a_transformer_of_pictures_becomes_one_of_spectrograms(tmp_path: Path) -> None:
    # colours are added up and places spread: a grey picture of the trained size is seen as it was
    timm = pytest.importorskip("timm")
    model = CARDS.model("ast.imagenet.probe")
    theirs = timm.create_model("deit_small_distilled_patch16_224", pretrained=False)
    with torch.no_grad():
        theirs.pos_embed.normal_(generator=torch.Generator().manual_seed(0))
    path = tmp_path / "deit.pth"
    torch.save({"model": theirs.state_dict()}, path)
    net = _built(model).eval()
    load_state(path, model, net)
    grey = torch.randn(1, 1, 128, 224, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        seen = net.body.patch_embed.proj(grey)  # type: ignore[union-attr, operator]
        torch.testing.assert_close(seen, theirs.patch_embed.proj(grey.expand(-1, 3, -1, -1)), rtol=1e-3, atol=1e-4)
        grid = net.body.pos_embed[0, 2:].unflatten(0, (8, 64))  # type: ignore[index, union-attr]
        first = theirs.pos_embed[0, 2:].unflatten(0, (14, 14))[3:11]
        torch.testing.assert_close(grid[:, 0], first[:, 0])
        torch.testing.assert_close(grid[:, -1], first[:, -1])
        assert net(torch.zeros(1, 1, 128, 48)).shape == (1, 527)
