"""Keys of models: what changes a number changes the key, and nothing else does."""

import json
import subprocess
import sys
from pathlib import Path

from faultboard.models.identity import computing_key, features_key
from support.in_memory import SMALL, SMALL_CARD, small
from support.repository import CARDS


def test_keys_need_no_torch() -> None:
    # `run --plan` would wait for it
    rooms = "faultboard.models.identity, faultboard.models.networks.weights"
    code = f"import sys, {rooms}; print({{'torch', 'sklearn', 'timm'}} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"


def test_every_key_is_plain_data() -> None:
    for model in CARDS.models():
        for modality in model.input:
            key = computing_key(model, modality)
            assert json.loads(json.dumps(key, allow_nan=False)) == key


def test_the_code_and_the_recipe_are_in_a_key_and_the_title_is_not(tmp_path: Path) -> None:
    first = computing_key(small(tmp_path, "full:"), "vibration")
    assert computing_key(small(tmp_path, "full:", card=SMALL_CARD.replace("A small", "The same")), "vibration") == first
    narrow = SMALL_CARD.replace("layers:", "arguments: {width: 4}\nlayers:")
    for changed in (
        small(tmp_path / "recipe", "full: {epochs: 11}"),
        small(tmp_path / "arguments", "full:", card=narrow),
        small(tmp_path / "code", "full:", code=SMALL + "# another file\n"),
    ):
        assert computing_key(changed, "vibration") != first


def test_code_that_renames_weights_is_in_the_key(tmp_path: Path) -> None:
    # mended, it loads other tensors into the same places
    weights = f"{{imagenet: {{url: https://example.org/w.pt, sha256: {'0' * 64}, keys: small.py:renamed}}}}"
    card = SMALL_CARD.replace("small.py:build", "torchvision:resnet18").replace("{scratch: {}}", weights)
    model = small(tmp_path, "full:", card=card)
    assert list(computing_key(model, "vibration")["code"]) == ["small.py"]


def test_features_are_shared_by_what_computes_them() -> None:
    # else each head would wait for the same forward pass again
    forest, logreg = (CARDS.model(f"logspec.none.{head}") for head in ("forest", "logreg"))
    assert features_key(forest, "sound", 0) == features_key(logreg, "sound", 1)
    assert computing_key(forest, "sound") != computing_key(logreg, "sound")
    scratch = CARDS.model("mn04.scratch.probe")
    assert features_key(scratch, "sound", 0) != features_key(scratch, "sound", 1)
    loaded = CARDS.model("mn04.audioset.probe")
    assert features_key(loaded, "sound", 0) == features_key(loaded, "sound", 1)
