"""Real weights give what their authors say; what is not they is refused."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from faultboard.declare.catalogue import Model
from faultboard.errors import DataError, Unavailable
from faultboard.models.inputs.logmel_efficientat import spectrogram
from faultboard.models.networks.build import network
from faultboard.models.networks.weights import locate
from support.repository import CARDS


def with_head(model: Model) -> torch.nn.Module:
    """The network as published, its own classifier on."""
    from faultboard.declare.code import code_of, load_function
    from faultboard.models.networks.weights import load_state

    path, name = code_of(model.card.path, model.card.builder, "build")
    net = load_function(path, name)(**model.card.arguments)
    load_state(locate(model), model, net)
    return net.eval()


@pytest.mark.parametrize(
    ("sound", "label", "score"),
    [("silence", "Silence", 0.541), ("sine", "Sine wave", 0.759), ("noise", "Static", 0.385)],
)
def test_mn04_names_what_it_hears(sound: str, label: str, score: float) -> None:
    # wrong filters, window, padding or batch-norm epsilon all move these figures
    model = CARDS.model("mn04.audioset.probe")
    try:
        net = with_head(model)
        labels = Path(os.environ["FAULTBOARD_WEIGHTS"]) / "class_labels_indices.csv"
        names = [row["display_name"] for row in csv.DictReader(labels.open())]
    except (Unavailable, KeyError, FileNotFoundError) as error:
        pytest.skip(f"weights are not here: {error}")
    t = torch.arange(320_000) / 32_000
    wave = {
        "silence": torch.zeros(320_000),
        "sine": 0.5 * torch.sin(2 * np.pi * 440 * t),
        "noise": torch.from_numpy(np.random.default_rng(0).uniform(-0.5, 0.5, 320_000).astype(np.float32)),
    }[sound]
    with torch.inference_mode():
        found = torch.sigmoid(net(spectrogram(wave[None])))[0]
    assert names[int(found.argmax())] == label
    assert float(found.max()) == pytest.approx(score, abs=0.15)


def test_lite0_names_a_flower() -> None:
    # 296 tensors loaded by order: one out of place and this is no daisy
    from sklearn.datasets import load_sample_image

    from faultboard.models.inputs.picture import prepare
    from faultboard.models.networks.weights import load_state

    model = CARDS.model("efficientnet_lite0.imagenet.probe")
    import timm

    net = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    load_state(locate(model), model, net)
    picture = prepare([load_sample_image("flower.jpg")], None, model.pretraining.preprocessing)
    with torch.inference_mode():
        assert int(net.eval()(picture).argmax()) == 985


@pytest.mark.parametrize("name", ["efficientnet_lite0.imagenet", "squeezenet1_1.imagenet_deepscale"])
def test_pretrained_networks_name_an_espresso(name: str) -> None:
    import timm
    from skimage.data import coffee
    from torchvision.models import squeezenet1_1

    from faultboard.models.inputs import front_end
    from faultboard.models.networks.weights import load_state

    model = CARDS.model(f"{name}.probe")
    net = timm.create_model("tf_efficientnet_lite0") if name.startswith("eff") else squeezenet1_1()
    try:
        load_state(locate(model), model, net)
    except Unavailable as error:
        pytest.skip(str(error))
    espresso = 967
    for fit in ("whole", "centre"):
        picture = front_end("picture")([coffee()], None, model.preprocessing, fit=fit)
        with torch.inference_mode():
            found = net.eval()(picture).softmax(1)[0]
        assert int(found.argmax()) == espresso
        assert found[espresso] > 0.85


def test_deepscales_squeezenet_names_a_temple() -> None:
    # red and blue exchanged, or a deviation of torchvision's, and it is a boathouse or an umbrella
    from sklearn.datasets import load_sample_image
    from torchvision.models import squeezenet1_1

    from faultboard.models.inputs import front_end
    from faultboard.models.networks.weights import load_state

    model = CARDS.model("squeezenet1_1.imagenet_deepscale.probe")
    net = squeezenet1_1()
    try:
        load_state(locate(model), model, net)
    except Unavailable as error:
        pytest.skip(str(error))
    temple = load_sample_image("china.jpg")
    picture = front_end("picture")([temple], None, model.preprocessing, fit="centre")
    with torch.inference_mode():
        first = net.eval()(picture)[0].topk(5).indices.tolist()
    dome, monastery, bell_cote, boathouse = 538, 663, 442, 449
    assert first[0] == dome
    assert {monastery, bell_cote, boathouse} < set(first)


def test_a_damaged_weight_file_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTBOARD_WEIGHTS", str(tmp_path))
    (tmp_path / "resnet18-f37072fd.pth").write_bytes(b"not these weights")
    with pytest.raises(
        DataError, match=r"resnet18-f37072fd\.pth: damaged, or another file: sha256 .* of 17 bytes"
    ) as caught:
        locate(CARDS.model("resnet18.imagenet.probe"))
    assert "\n" not in str(caught.value)


def test_weights_that_are_not_here_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTBOARD_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(Unavailable, match=r"weights resnet50-0676ba61\.pth \(98 MiB\): faultboard fetch resnet50"):
        network(CARDS.model("resnet50.imagenet.full"), 3, 0)


def test_a_pickle_that_runs_code_does_not(tmp_path: Path) -> None:
    import pickle

    from faultboard.models.networks.weights import load_state

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (os.mkdir, (str(tmp_path / "pwned"),))

    (tmp_path / "x.pth").write_bytes(pickle.dumps({"a": Evil()}))
    with pytest.raises(pickle.UnpicklingError):
        load_state(tmp_path / "x.pth", CARDS.model("resnet18.imagenet.probe"), torch.nn.Linear(1, 1))
    assert not (tmp_path / "pwned").exists()
