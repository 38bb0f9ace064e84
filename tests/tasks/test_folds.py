import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from faultboard.declare.keys import digest
from faultboard.declare.task import Protocol
from faultboard.errors import ProtocolError
from faultboard.tasks.folds import Drawable, Fold, apart, by_hash, natural
from faultboard.tasks.splits import SPLITS, draw


def drawable(recording: list[str], start: list[int], label: list[str], **columns: list[str]) -> Drawable:
    values = {name: np.array(v) for name, v in columns.items()} | {"recording": np.array(recording)}
    return Drawable(np.array(recording), np.array(start), np.array(label), lambda name: values[name])


@st.composite
def data(draw_: st.DrawFn, min_groups: int = 2) -> Drawable:
    """Windows of recordings of units; a unit is of one class or of several."""
    units = draw_(st.integers(min_groups, 8))
    recording, start, label, unit = [], [], [], []
    for u in range(units):
        for r in range(draw_(st.integers(1, 3))):
            name = draw_(st.sampled_from(["ok", "bad", "worse"]))
            for w in range(draw_(st.integers(1, 4))):
                recording.append(f"u{u}_r{r}")
                start.append(100 * w)
                label.append(name)
                unit.append(f"u{u}")
    return drawable(recording, start, label, unit=unit)


def times_tested(folds: list, windows: int) -> NDArray[np.int64]:
    return np.bincount(np.concatenate([f.test for f in folds]), minlength=windows)


@given(found=data())
def test_leave_one_out_tests_every_window_once_and_shares_no_group(found: Drawable) -> None:
    folds = draw(Protocol(split="leave_one_out", by="unit", separates=["unit"]), found)
    unit = found.column("unit")
    for fold in folds:
        assert not set(unit[fold.train]) & set(unit[fold.test])
        assert sorted([*fold.train, *fold.test]) == list(range(len(unit)))
    assert (times_tested(folds, len(unit)) == 1).all()
    assert [f.name for f in folds] == sorted(set(unit.tolist()))


@given(found=data(min_groups=4), count=st.integers(2, 4))
@settings(max_examples=50, deadline=None)
@pytest.mark.filterwarnings("ignore:The least populated class")
def test_grouped_k_fold_tests_every_window_once_and_shares_no_group(found: Drawable, count: int) -> None:
    unit = found.column("unit")
    try:
        folds = draw(Protocol(split="k_fold", by="unit", folds=count, separates=["unit"]), found)
    except ProtocolError:
        return
    for fold in folds:
        assert not set(unit[fold.train]) & set(unit[fold.test])
    assert (times_tested(folds, len(unit)) == 1).all()


@given(found=data(), count=st.integers(2, 5), of=st.sampled_from(["window", "recording"]))
def test_random_folds_test_every_window_once_and_are_even(found: Drawable, count: int, of: str) -> None:
    protocol = Protocol.model_validate({"split": "random", "of": of, "folds": count, "separates": []})
    items = (
        found.recording
        if of == "recording"
        else np.array([f"{r}:{s}" for r, s in zip(found.recording, found.start, strict=True)])
    )
    if len(set(items.tolist())) < count:
        with pytest.raises(ProtocolError):
            draw(protocol, found)
        return
    folds = draw(protocol, found)
    assert (times_tested(folds, len(found.start)) == 1).all()
    sizes = [len(set(items[f.test].tolist())) for f in folds]
    assert max(sizes) - min(sizes) <= 1
    if of == "recording":
        for fold in folds:
            assert not set(found.recording[fold.train]) & set(found.recording[fold.test])


@given(found=data(), seed=st.integers(0, 1000))
def test_folds_do_not_depend_on_the_order_of_the_files(found: Drawable, seed: int) -> None:
    # the same recordings read in another order are the same experiment
    order = np.random.default_rng(seed).permutation(len(found.start))
    shuffled = Drawable(
        found.recording[order], found.start[order], found.label[order], lambda n: found.column(n)[order]
    )
    for protocol in (
        Protocol(split="random", test=0.3, separates=[]),
        Protocol(split="leave_one_out", by="unit", separates=["unit"]),
    ):
        try:
            first = draw(protocol, found)
        except ProtocolError:
            continue
        for one, two in zip(first, draw(protocol, shuffled), strict=True):
            names = lambda d, ids: {(d.recording[i], int(d.start[i])) for i in ids}  # noqa: E731
            assert names(found, one.test) == names(shuffled, two.test)


def test_the_same_folds_on_every_machine() -> None:
    # pinned: if this moves, every stored number is of another split
    found = drawable([f"r{i}" for i in range(6)] * 4, sorted([0, 10, 20, 30] * 6), ["a", "b"] * 12)
    folds = draw(Protocol(split="random", folds=3, separates=[]), found)
    assert [f.hash(found.recording, found.start) for f in folds] == PINNED


PINNED = [
    "d2399608635eff8b8447db10e94fc516",
    "7707453758eaf84214150f8f727e1de4",
    "62436b3a4027177888877ee2322d1f63",
]


OTHER_SPLITS = {
    "a share": {"split": "random", "test": 0.3, "of": "recording"},
    "k_fold": {"split": "k_fold", "by": "unit", "folds": 3},
    "leave_one_out": {"split": "leave_one_out", "by": "unit"},
    "blocks": {"split": "blocks", "by": "unit", "folds": 2, "gap": 1},
    "transfer": {"split": "transfer", "by": "unit", "train": ["u0", "u1"], "test_on": ["u2"]},
    "list": {"split": "list", "by": "unit", "train": ["u3"], "test_on": ["u4", "u5"]},
}


def pinned_hashes(said: dict[str, object]) -> list[str]:
    names = [f"u{unit}/r{number}" for unit in range(6) for number in range(4) for _ in range(2)]
    units = [name.partition("/")[0] for name in names]
    found = drawable(names, [0, 100] * 24, ["a", "a", "b", "b"] * 12, unit=units)
    return [
        f.hash(found.recording, found.start) for f in draw(Protocol.model_validate(said | {"separates": []}), found)
    ]


@pytest.mark.parametrize("name", OTHER_SPLITS)
def test_every_kind_of_split_is_the_same_on_every_machine(name: str) -> None:
    assert digest(pinned_hashes(OTHER_SPLITS[name])) == PINNED_SPLITS[name]


PINNED_SPLITS = {
    "a share": "e70044ed6957bd71644c60c03cf8909a",
    "k_fold": "39766c9de01e4370ab28a5d2fc41feb1",
    "leave_one_out": "aa2d38da18b1fe465cd6e7f7d588931b",
    "blocks": "85868ce0f9969844d44ee45db9b0c1f3",
    "transfer": "f1bfdcc8db623b4370d409167eb9004c",
    "list": "a6f1aa7b0aded62e90a103ec1ada2dfc",
}


def test_of_every_kind_of_split_the_folds_are_pinned() -> None:
    assert {said["split"] for said in OTHER_SPLITS.values()} == set(SPLITS)


def test_blocks_leave_a_gap_and_keep_time_in_order() -> None:
    names = [f"s{s}/{i}" for s in range(2) for i in range(20)]
    found = drawable(names, [0] * 40, ["a"] * 20 + ["b"] * 20, sequence=["0"] * 20 + ["1"] * 20)
    folds = draw(Protocol(split="blocks", by="sequence", folds=4, gap=2, separates=["recording"]), found)
    for fold in folds:
        for s in range(2):
            test = np.sort(fold.test[(fold.test >= 20 * s) & (fold.test < 20 * s + 20)])
            train = fold.train[(fold.train >= 20 * s) & (fold.train < 20 * s + 20)]
            assert (np.diff(test) == 1).all()
            assert min(abs(int(a) - int(b)) for a in test for b in train) == 3
    assert (times_tested(folds, 40) == 1).all()


def test_a_list_takes_the_sides_that_were_published() -> None:
    found = drawable(["a", "b", "c"], [0, 0, 0], ["x", "y", "x"], folder=["TRAINING", "VALIDATION", "TRAINING"])
    (fold,) = draw(Protocol(split="list", by="folder", train=["TRAINING"], test_on=["VALIDATION"], separates=[]), found)
    assert (fold.train.tolist(), fold.test.tolist()) == ([0, 2], [1])


def test_what_cannot_be_split_says_why() -> None:
    found = drawable(["a", "b"], [0, 0], ["x", "y"], unit=["one", "one"])
    with pytest.raises(ProtocolError, match=r"one unit only \(one\): nothing would be left to train on"):
        draw(Protocol(split="leave_one_out", by="unit", separates=["unit"]), found)
    with pytest.raises(ProtocolError, match="3 folds by unit, but there are 1 values"):
        draw(Protocol(split="k_fold", by="unit", folds=3, separates=["unit"]), found)
    few = drawable(["a", "b", "c"], [0, 0, 0], ["x", "y", "x"], unit=["one", "two", "three"])
    with pytest.raises(ProtocolError, match="3 folds, but no class has more than 2 windows: ask for fewer folds"):
        draw(Protocol(split="k_fold", by="unit", folds=3, separates=["unit"]), few)
    with pytest.raises(ProtocolError, match=r"no window of unit two to test on; there is one"):
        draw(Protocol(split="transfer", by="unit", train=["one"], test_on=["two"], separates=["unit"]), found)


def test_a_hash_order_is_a_shuffle_that_does_not_move() -> None:
    assert by_hash([f"r{i}" for i in range(5)]).tolist() == [1, 4, 2, 0, 3]
    assert sorted(["10.bmp", "9.bmp"], key=natural) == ["9.bmp", "10.bmp"]


@given(found=data(), share=st.floats(0.05, 0.9), of=st.sampled_from(["window", "recording", "unit"]))
def test_validation_is_of_the_training_side_alone_and_whole(found: Drawable, share: float, of: str) -> None:
    protocol = Protocol.model_validate(
        {"split": "random", "test": 0.3, "validation": {"of": of, "share": share}, "separates": []}
    )
    try:
        (fold,) = draw(protocol, found)
    except ProtocolError:
        return
    plain = Protocol.model_validate({"split": "random", "test": 0.3, "separates": []})
    (whole,) = draw(plain, found)
    assert np.array_equal(fold.test, whole.test)
    assert sorted([*fold.train, *fold.validation]) == whole.train.tolist()
    if of != "window":
        source = found.recording if of == "recording" else found.column("unit")
        assert not set(source[fold.train]) & set(source[fold.validation])


def test_a_small_share_keeps_one_source_of_each_class_apart() -> None:
    """A tenth of three sources is none: early stopping would watch nothing of that class."""
    source, label = np.repeat(list("abcdef"), 4), np.repeat(["ok", "bad"], 12)
    fold = apart(Fold("0", np.arange(24), np.arange(0)), source, label, 0.1)
    assert len(fold.validation) == 8
    assert set(label[fold.validation]) == {"ok", "bad"}
    assert not set(source[fold.validation]) & set(source[fold.train])


def test_another_validation_side_is_another_experiment() -> None:
    name, start, ids = np.repeat(["a", "b"], 4), np.tile(np.arange(4), 2), np.arange(2)
    folds = [Fold("0", ids, ids + 2, ids + 4), Fold("0", ids, ids + 2, ids + 5), Fold("0", ids, ids + 2)]
    assert len({fold.hash(name, start) for fold in folds}) == 3
