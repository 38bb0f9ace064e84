"""The cache: what is shared, what a time belongs to, and what goes when there is too much."""

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from faultboard.data.windows import Windows
from faultboard.models.frozen import cache as cached
from faultboard.models.frozen.cache import Cache, Kept, features, prune
from faultboard.models.frozen.features import extract
from support.command import faultboard
from support.in_memory import Arrays, windows
from support.repository import CARDS, REPOSITORY


@dataclass(frozen=True)
class Prepared(Arrays):
    """Windows in memory that say where they come from, as those of a task do."""

    content: str = "a"
    length: int = 2048
    resample: bool = True

    @property
    def prepared(self) -> Any:
        return SimpleNamespace(recordings=pd.DataFrame({"sha256": [self.content]}))

    @property
    def rows(self) -> Any:
        return np.array([0])

    @property
    def recording(self) -> Any:
        return np.zeros(len(self), dtype=np.int64)

    @property
    def identity(self) -> str:
        return str(Windows.identity.func(self))

    @property
    def start(self) -> Any:
        return np.arange(len(self)) * self.length


def prepared(modality: str = "sound", n: int = 40) -> Prepared:
    return Prepared(windows(modality, n).samples, 12_000.0, modality)


def records(folder: Path) -> dict[str, dict[str, float]]:
    found = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    return {record["of"]: record["seconds"] for record in found}


@pytest.mark.parametrize("name", ["mn04.scratch", "yamnet.scratch", "cnn10.scratch", "efficientnet_lite0.scratch"])
def test_features_are_the_same_to_the_last_bit_whoever_made_the_inputs(name: str, tmp_path: Path) -> None:
    model, given = CARDS.model(f"{name}.probe"), prepared()
    alone, _ = extract(model, given, np.arange(40), 0, "cpu")
    kept = features(Cache(tmp_path, "here"), model, given, 0, "cpu")
    np.testing.assert_array_equal(kept.values, alone)
    assert isinstance(kept.values, np.memmap)


def test_backbones_of_one_input_make_it_once_and_each_is_charged_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    plain = cached._inputs

    def counted(cache: Cache, model: Any, windows: Any) -> Kept | None:
        found = plain(cache, model, windows)
        assert found is not None
        made.append("made" if found.waited else "read")
        return found

    monkeypatch.setattr(cached, "_inputs", counted)
    cache, given = Cache(tmp_path, "here"), prepared()
    first, other, seed = (
        features(cache, CARDS.model(name), given, s, "cpu")
        for name, s in (("mn04.scratch.probe", 0), ("mn10.scratch.probe", 0), ("mn04.scratch.probe", 1))
    )
    assert made == ["made", "read", "read"]
    spent = records(tmp_path)["input logmel_efficientat"]["here"]
    for kept in (other, seed):
        assert kept.seconds == pytest.approx(kept.waited + spent)
    assert first.seconds == first.waited > spent
    again = features(cache, CARDS.model("mn04.scratch.probe"), given, 0, "cpu")
    assert made == ["made", "read", "read"], "features that are here need no inputs"
    assert (again.seconds, again.waited) == (first.seconds, 0.0)


def test_another_reading_of_the_same_windows_is_another_input(tmp_path: Path) -> None:
    cache, given = Cache(tmp_path, "here"), prepared("vibration", 4)
    for recipe in ("probe", "as_is"):
        features(cache, CARDS.model(f"yamnet.scratch.{recipe}"), given, 0, "cpu")
    assert len(list(tmp_path.glob("*.npy"))) == 4


def test_inputs_too_large_to_keep_are_made_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "_SHARED_BYTES", 1000)
    kept = features(Cache(tmp_path, "here"), CARDS.model("mn04.scratch.probe"), prepared(n=4), 0, "cpu")
    assert len(list(tmp_path.glob("*.npy"))) == 1
    assert kept.seconds == kept.waited > 0


def test_a_time_is_that_of_the_machine_that_asks(tmp_path: Path) -> None:
    # features of one thread, read by a run of two, made its record say what two threads had never taken
    model, given = CARDS.model("logspec.none.logreg"), prepared()
    first = features(Cache(tmp_path, "1 thread"), model, given, 0, "cpu")
    (record,) = tmp_path.glob("*.json")
    record.write_text(json.dumps({"of": model.id, "seconds": {"1 thread": 500.0}}))
    other = features(Cache(tmp_path, "2 threads"), model, given, 0, "cpu")
    np.testing.assert_array_equal(first.values, other.values)
    assert 0 < other.seconds < 100
    assert other.waited == 0
    assert features(Cache(tmp_path, "1 thread"), model, given, 0, "cpu").seconds == 500
    assert features(Cache(tmp_path, "2 threads"), model, given, 0, "cpu").seconds == other.seconds


def test_what_is_damaged_is_made_again(tmp_path: Path) -> None:
    model, given, cache = CARDS.model("logspec.none.logreg"), prepared(), Cache(tmp_path, "here")
    first = np.array(features(cache, model, given, 0, "cpu").values)
    (values,), (record,) = tmp_path.glob("*.npy"), tmp_path.glob("*.json")
    for path, content in ((values, b"half"), (record, b'{"seconds": 3.0}')):
        path.write_bytes(content)
        np.testing.assert_array_equal(features(cache, model, given, 0, "cpu").values, first)


def three(folder: Path) -> None:
    """Arrays of 1,128 bytes, a, b and c; b was used last."""
    for i, name in enumerate("abc"):
        np.save(folder / f"{name}.npy", np.zeros(250, dtype=np.float32))
        (folder / f"{name}.json").write_text("{}")
        os.utime(folder / f"{name}.json", (100 + i, 100 + i))
    os.utime(folder / "b.json", (1000, 1000))


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    three(tmp_path)
    np.save(tmp_path / "orphan.npy", np.zeros(250, dtype=np.float32))
    (tmp_path / ".123.d.npy").write_bytes(b"of a run under way")
    assert prune(tmp_path, 10_000) == (0, 0, 4 * 1128)
    assert prune(tmp_path, 2 * 1128) == (2, 2 * 1128, 2 * 1128)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".123.d.npy", "b.json", "b.npy", "c.json", "c.npy"]
    assert prune(tmp_path, 1128) == (1, 1128, 1128)
    assert (tmp_path / "b.npy").is_file()


def test_prepare_prunes_and_says_what_was_freed(tmp_path: Path) -> None:
    (tmp_path / "data" / "features").mkdir(parents=True)
    three(tmp_path / "data" / "features")
    said = faultboard("prepare", "--prune", "--limit", "2e-6", root=tmp_path)
    assert said.stdout == "features: 2 arrays deleted, 2.3 kB freed, 1.1 kB left\n"
    assert faultboard("prepare", root=REPOSITORY).returncode == 2


def test_rows_taken_as_they_come_share_nothing_with_resampled_ones() -> None:
    given = prepared()
    hashes = {replace(given, resample=resample).identity for resample in (True, False)}
    assert len(hashes) == 2
