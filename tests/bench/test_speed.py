"""Hot paths beside a peer that does the same work, in one run: `make bench`. Read ratios, not seconds."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.declare.catalogue import Catalogue
from faultboard.declare.model import Preprocessing
from faultboard.models.inputs import front_end
from faultboard.run.compute import Settings
from faultboard.run.store import Store
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
from faultboard.tasks.task import Task

pytestmark = pytest.mark.slow
Benchmark = Callable[..., Any]


@pytest.mark.benchmark(group="start: list tasks")
@pytest.mark.parametrize("words", [["-m", "faultboard", "list", "tasks"], ["-c", "pass"]], ids=["faultboard", "python"])
def test_list(benchmark: Benchmark, words: list[str]) -> None:
    benchmark(subprocess.run, [sys.executable, *words], check=True, capture_output=True)


@pytest.mark.benchmark(group="prepare: 12 recordings")
def test_prepare(benchmark: Benchmark, ready: Catalogue) -> None:
    benchmark(prepare, Edition(ready.root, ready.dataset("toy"), "sim"), True)


@pytest.mark.benchmark(group="prepare: 12 recordings")
def test_read_alone(benchmark: Benchmark, ready: Catalogue) -> None:
    files = sorted((ready.root / "data/raw/toy@sim").glob("*.npy"))
    benchmark(lambda: [np.load(f).astype(np.float32) for f in files])


@pytest.mark.benchmark(group="mel picture: 64 windows of 4,096")
def test_mel_image(benchmark: Benchmark) -> None:
    wave = np.random.default_rng(0).standard_normal((64, 4096, 1)).astype(np.float32)
    benchmark(front_end("mel_image"), wave, 12_000.0, Preprocessing())


@pytest.mark.benchmark(group="mel picture: 64 windows of 4,096")
def test_mel_librosa(benchmark: Benchmark) -> None:
    from librosa.feature import melspectrogram

    wave = np.random.default_rng(0).standard_normal((64, 4096)).astype(np.float32)
    benchmark(melspectrogram, y=wave, sr=12_000, n_fft=1024, hop_length=32, n_mels=128)


@pytest.mark.benchmark(group="24 cells")
def test_a_run(benchmark: Benchmark, ready: Catalogue) -> None:
    work = SuiteRun(Suite.of(ready, "toy_suite"), fresh=True)
    benchmark.pedantic(work.run, (Settings(1, "cpu"), 1, lambda *_: None), rounds=3)  # type: ignore[attr-defined]


@pytest.mark.benchmark(group="24 cells")
def test_scikit_learn_alone(benchmark: Benchmark, ready: Catalogue) -> None:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    task = Task.find(ready, "toy")
    X, y = task.arrays()
    power = np.abs(np.fft.rfft(X, axis=1))[:, 1:101] ** 2
    X = np.log(power.reshape(len(X), 20, 5).sum(2) + 1e-9)
    heads = [make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))]
    heads += [RandomForestClassifier(20, random_state=seed, n_jobs=1) for seed in (0, 1)]

    def fit() -> None:
        for protocol in task.card.protocols:
            for train, test in task.splits(protocol):
                for head in heads:
                    head.fit(X[train], y[train]).predict_proba(X[test])

    benchmark.pedantic(fit, rounds=3)  # type: ignore[attr-defined]


@pytest.mark.benchmark(group="store: one cell")
def test_store(benchmark: Benchmark, tmp_path: Path) -> None:
    from faultboard.run.cell import Cell
    from faultboard.run.record import Record

    cell = Cell("k" * 32, "a/b", "sim", "p", "0", "h", "m", 0)
    benchmark(Store(tmp_path).save, Record(cell, "ok"), np.zeros((350, 4), np.float16))
