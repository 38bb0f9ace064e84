"""What a recipe declares is what training does: stopping, schedules, heads, changes to windows."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from faultboard.declare.model import Decay, Head, Recipe
from faultboard.errors import CardError, FaultboardError
from faultboard.models.networks.build import network, set_trainable
from faultboard.models.networks.trained_head import AttentionPool, new_head
from faultboard.models.training.augment import Augmenter
from faultboard.models.training.fit import Side, TrainingResult, train_head, train_predict
from faultboard.models.training.loop import Loop
from faultboard.models.training.optimiser import Schedule, optimiser
from support.in_memory import SMALL, Arrays, small, tones, windows

PICTURE_NET = '''
"""A small network with a feature map that is pooled."""
from torch import nn


def build(width=8):
    body = nn.Conv2d(3, width, 5, 4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    return nn.Sequential(*body, nn.Linear(width, 7))
'''
PICTURE_CARD = """
title: A small network for pictures
builder: small.py:build
input: {photo: picture, vibration: mel_image}
layers: {first: "0", head: "4", width: 8, pool: "2"}
pretraining: {scratch: {}}
recipes:
"""


def learnt(folder: Path, recipe: str, labels: str = "true", seed: int = 0) -> tuple[TrainingResult, Arrays, Side]:
    """Train on 24 windows, watch 8 others, predict these."""
    found, y = tones(32)
    if labels == "random":
        y = np.random.default_rng(3).integers(0, 2, 32)
    watched = Side(np.arange(24, 32), y[24:])
    ids = np.arange(24)
    model = small(folder, recipe)
    result = train_predict(model, found, ids, y[:24], watched.ids, 2, seed, "cpu", watched=watched)  # type: ignore[arg-type]
    return result, found, watched


def test_early_stopping_ends_in_time_and_uses_the_best_epoch(tmp_path: Path) -> None:
    result, _, watched = learnt(tmp_path, "full: {epochs: 60, rate: 0.02, batch: 8, early_stopping: 3}", "random")
    losses = [point["validation_loss"] for point in result.curve]
    assert result.epochs == len(losses) < 60
    best = int(np.argmin(losses))
    assert len(losses) - 1 - best == 3
    # the watched windows are those that are predicted here: the loss of the weights that are used
    used = -np.log(result.probabilities[np.arange(8), watched.y]).mean()
    assert used == pytest.approx(losses[best], rel=1e-4)
    assert used < losses[-1]


def test_watching_changes_nothing_without_early_stopping(tmp_path: Path) -> None:
    found, y = tones(32)
    model = small(tmp_path, "full: {epochs: 3, batch: 8}")
    args = (model, found, np.arange(24), y[:24], np.arange(24, 32), 2, 0, "cpu")
    alone = train_predict(*args)  # type: ignore[arg-type]
    seen = train_predict(*args, watched=Side(np.arange(24, 32), y[24:]))  # type: ignore[arg-type]
    assert np.array_equal(alone.probabilities, seen.probabilities)
    assert "validation_accuracy" in seen.curve[-1]


def rates(recipe: Recipe, losses: list[float], steps: int = 2) -> list[float]:
    """Rate at the end of each epoch."""
    moved = optimiser(recipe, nn.Linear(1, 1))
    schedule = Schedule(recipe, moved, steps)
    out = []
    for loss in losses:
        for _ in range(steps):
            moved.step()
            schedule.step()
        schedule.epoch(loss)
        out.append(moved.param_groups[0]["lr"])
    return out


def test_schedules_do_what_they_are_called() -> None:
    falling = [1.0, 0.9, 0.8, 0.7]
    assert rates(Recipe(rate=1.0, schedule="constant"), falling) == [1.0] * 4
    step = Recipe(rate=1.0, schedule="step", decay=Decay(every=2, factor=0.5))
    assert rates(step, falling) == pytest.approx([1.0, 0.5, 0.5, 0.25])
    plateau = Recipe(rate=1.0, schedule="plateau", decay=Decay(factor=0.1, patience=1, least=0.05))
    assert rates(plateau, falling) == [1.0] * 4
    assert rates(plateau, [1.0] * 6) == pytest.approx([1.0, 1.0, 0.1, 0.1, 0.05, 0.05])
    cosine = rates(Recipe(rate=1.0, schedule="cosine", epochs=4), falling)
    assert cosine == pytest.approx([0.5 * (1 + np.cos(np.pi * k / 4)) for k in (1, 2, 3, 4)], abs=1e-9)
    warm = rates(Recipe(rate=1.0, schedule="constant", warm_up=2), falling)
    assert warm[0] < warm[1]
    assert warm[1:] == pytest.approx([1.0] * 3)


def test_layer_decay_gives_each_block_the_rate_of_the_next_times_the_decay(tmp_path: Path) -> None:
    net = network(small(tmp_path, "full: {layer_decay: 0.5}"), 2, 0)
    groups = optimiser(Recipe(regime="full", rate=1.0, layer_decay=0.5), net).param_groups
    assert [g["lr"] for g in groups] == [0.5**k for k in (4, 3, 2, 1, 0)]
    assert sum(len(g["params"]) for g in groups) == len(list(net.parameters()))


def test_a_head_with_a_hidden_layer_has_its_parts() -> None:
    head = new_head(Head(hidden=16, dropout=0.4), 8, 3)
    kinds = [type(m).__name__ for m in head.children()]
    assert kinds == ["Dropout", "Linear", "ReLU", "Dropout", "Linear"]
    assert isinstance(new_head(None, 8, 3), nn.Linear)


def test_attention_is_a_mean_where_every_place_is_alike_and_looks_where_it_is_told() -> None:
    pool = AttentionPool(4, 2)
    features = torch.rand(2, 4, 5, 7, generator=torch.Generator().manual_seed(0))
    features[0, 0, 3, 2] = 2.0  # stands out: with a second one as strong it would look at both
    with torch.no_grad():
        pool.score[2].weight.zero_()
        assert torch.allclose(pool(features), features.mean((2, 3), keepdim=True), atol=1e-6)
        pool.score[0].weight[:] = 0
        pool.score[0].weight[:, 0] = 100.0
        pool.score[0].bias.zero_()
        pool.score[2].weight.fill_(1.0)
        assert torch.allclose(pool(features)[0, :, 0, 0], features[0, :, 3, 2], atol=1e-6)


def test_a_probe_with_attention_trains_attention_and_head_alone(tmp_path: Path) -> None:
    model = small(tmp_path, "probe: {head: {pool: attention, attention: 4}}", PICTURE_CARD, PICTURE_NET)
    net = network(model, 2, 0)
    set_trainable(net, model)
    moving = {name.partition(".")[0] for name, p in net.named_parameters() if p.requires_grad}
    assert moving == {"2", "4"}
    assert net(torch.zeros(2, 3, 64, 64)).shape == (2, 2)


def test_attention_without_a_named_pool_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"recipes\.probe: attention needs layers\.pool"):
        small(tmp_path, "probe: {head: {pool: attention}}")


def test_a_head_learns_from_features(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    y = np.arange(40) % 2
    X = (rng.standard_normal((40, 8)) + 3 * y[:, None]).astype(np.float32)
    model = small(tmp_path, "probe: {epochs: 30, rate: 0.05, batch: 8, head: {dropout: 0.5}}")
    first, again = (train_head(model, X[:30], y[:30], X[30:], 2, 0, "cpu") for _ in range(2))
    assert np.array_equal(first.probabilities, again.probabilities)
    assert (first.probabilities.argmax(1) == y[30:]).all()
    assert first.trained_parameters == 8 * 2 + 2


PICTURE_CHANGES = [
    "rotation: 20", "flip: yes", "shift: 0.2", "zoom: 0.3", "crop: 0.5", "colour: 0.4", "time_mask: 30",
    "frequency_mask: 30",
]  # fmt: skip


@pytest.mark.parametrize("change", PICTURE_CHANGES)
def test_pictures_are_changed_one_by_one_and_from_the_seed(change: str, tmp_path: Path) -> None:
    model = small(tmp_path, f"full: {{augmentation: {{{change}}}}}", PICTURE_CARD, PICTURE_NET)
    x = torch.randn(1, 3, 64, 48, generator=torch.Generator().manual_seed(0)).expand(8, -1, -1, -1).contiguous()
    first, again = (Augmenter(model, np.random.default_rng(1), "photo").inputs(x) for _ in range(2))
    assert first.shape == x.shape
    assert torch.equal(first, again)
    assert not torch.equal(first, x)
    assert not torch.equal(first[0], first[1]) or not torch.equal(first[0], first[2])


def test_a_mask_is_one_stripe_no_wider_than_said(tmp_path: Path) -> None:
    model = small(tmp_path, "full: {augmentation: {time_mask: 10}}", PICTURE_CARD, PICTURE_NET)
    found = Augmenter(model, np.random.default_rng(0), "vibration").inputs(torch.ones(50, 3, 20, 60))
    blank = (found < 0).all(dim=(1, 2))
    assert ((found == 1) | blank[:, None, None, :]).all()
    widths = blank.sum(1)
    assert 8 <= int(widths.max()) <= 10
    for row in blank:
        places = row.nonzero().ravel()
        assert len(places) == 0 or int(places[-1] - places[0]) + 1 == len(places)


def test_noise_has_the_power_that_is_said_and_a_shift_loses_nothing(tmp_path: Path) -> None:
    wave = windows("vibration", n=4, length=20_000).samples + 5.0
    model = small(tmp_path, "full: {augmentation: {noise: 10}}")
    added = Augmenter(model, np.random.default_rng(0), "vibration").signals(wave) - wave
    assert np.var(wave) / np.var(added) == pytest.approx(10, rel=0.05)
    model = small(tmp_path / "other", "full: {augmentation: {time_shift: 0.5}}")
    moved = Augmenter(model, np.random.default_rng(0), "vibration").signals(wave)
    assert not np.array_equal(moved, wave)
    assert np.array_equal(np.sort(moved, axis=1), np.sort(wave, axis=1))


@pytest.mark.parametrize(
    ("change", "modality", "said"),
    [("noise: 10", "photo", "noise is for signals"), ("flip: yes", "vibration", "the input is 2-dimensional")],
)
def test_a_change_that_fits_no_window_of_this_kind_is_refused(
    change: str, modality: str, said: str, tmp_path: Path
) -> None:
    model = small(tmp_path, f"full: {{augmentation: {{{change}}}}}")
    with pytest.raises(CardError, match=said):
        Augmenter(model, np.random.default_rng(0), modality).inputs(torch.zeros(2, 1, 100))


@pytest.mark.parametrize("change", ["noise: 20", "time_shift: 0.5", "mixup: 0.4"])
def test_only_training_windows_are_changed(change: str, tmp_path: Path) -> None:
    # at a rate of nothing, what was trained on cannot show; what is predicted would
    found, y = tones(16)
    ids = np.arange(16)
    plain, changed = (
        train_predict(small(tmp_path / name, recipe), found, ids, y, ids, 2, 0, "cpu")  # type: ignore[arg-type]
        for name, recipe in (
            ("a", "probe: {epochs: 1, rate: 0.0}"),
            ("b", f"probe: {{epochs: 1, rate: 0.0, augmentation: {{{change}}}}}"),
        )
    )
    assert np.array_equal(plain.probabilities, changed.probabilities)
    assert plain.curve != changed.curve


def test_where_memory_runs_out_the_batch_is_halved_and_learns_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = SMALL.replace("nn.BatchNorm1d(width)", "nn.Identity()").replace("nn.BatchNorm1d(2 * width)", "nn.Identity()")
    found, _ = tones(16)
    ids, y = np.arange(16), (np.arange(16) > 12).astype(np.int64)
    # weights that are not alike: a half of the rare class must not count as much as one of the frequent class
    model = small(tmp_path, "full: {epochs: 2, batch: 16, class_weight: balanced}", code=code)
    args = (model, found, ids, y, ids, 2, 0, "cpu")
    whole = train_predict(*args, watched=Side(ids, y))  # type: ignore[arg-type]
    sizes = small_memory(monkeypatch, 5)
    halved = train_predict(*args, watched=Side(ids, y))  # type: ignore[arg-type]
    assert sizes[:3] == [16, 8, 4]
    np.testing.assert_allclose(halved.probabilities, whole.probabilities, atol=1e-4)
    for one, other in zip(halved.curve, whole.curve, strict=True):
        assert one == pytest.approx(other, rel=1e-3)


def small_memory(monkeypatch: pytest.MonkeyPatch, most: int) -> list[int]:
    """Let memory run out beyond so many windows; gives the sizes of all batches."""
    sizes: list[int] = []
    forward = Loop._forward

    def limited(self: Loop, x: torch.Tensor) -> torch.Tensor:
        sizes.append(len(x))
        if len(x) > most:
            raise torch.cuda.OutOfMemoryError("no memory")
        return forward(self, x)

    monkeypatch.setattr(Loop, "_forward", limited)
    return sizes


def test_a_batch_norm_that_moves_is_never_given_one_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, y = tones(5)
    ids = np.arange(5)
    sizes = small_memory(monkeypatch, 1)
    with pytest.raises(torch.cuda.OutOfMemoryError):
        train_predict(small(tmp_path, "full: {batch: 5}"), found, ids, y, ids, 2, 0, "cpu")  # type: ignore[arg-type]
    assert sizes == [5, 3]
    # a frozen one does not mind
    sizes.clear()
    train_predict(small(tmp_path, "probe: {epochs: 1, batch: 5}"), found, ids, y, ids, 2, 0, "cpu")  # type: ignore[arg-type]
    assert sizes[:8] == [5, 3, 2, 1, 1, 1, 1, 1]


def test_a_validation_loss_that_is_not_finite_ends_with_its_epoch(tmp_path: Path) -> None:
    # it is never smaller than the best: training would go on with weights that nobody chose
    found, y = tones(12)
    found.samples[8:] = np.nan
    recipe = "full: {epochs: 3, early_stopping: 2}"
    with pytest.raises(FaultboardError, match="the validation loss is not finite in epoch 1"):
        train_predict(
            small(tmp_path, recipe), found, np.arange(8), y[:8], np.arange(8), 2, 0, "cpu",  # type: ignore[arg-type]
            watched=Side(np.arange(8, 12), y[8:]),
        )  # fmt: skip


def test_a_warm_up_that_never_ends_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CardError, match="warm_up of 3 in 3 epochs: the schedule never begins"):
        small(tmp_path, "full: {epochs: 3, warm_up: 3}")
    assert rates(Recipe(rate=1.0, epochs=3, warm_up=2), [1.0] * 3)[-1] == pytest.approx(0, abs=1e-9)
