import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from faultboard.errors import ProtocolError
from faultboard.tasks.metrics import score, together


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_scores_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = (np.array(side) for side in zip(*pairs, strict=True))
    found = score(truth, np.eye(4)[predicted])
    present = sorted(set(truth.tolist()))
    assert found["accuracy"] == pytest.approx(accuracy_score(truth, predicted))
    assert found["macro_f1"] == pytest.approx(
        f1_score(truth, predicted, labels=present, average="macro", zero_division=0)
    )
    with np.errstate(all="ignore"):
        assert found["balanced_accuracy"] == pytest.approx(
            np.mean([np.mean(predicted[truth == c] == c) for c in present])
        )
    if len(present) == 4:
        assert found["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth, predicted))


def test_a_recording_is_told_by_the_mean_of_its_windows() -> None:
    recording = np.array(["b", "a", "b", "b"])
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.4, 0.6]])
    truth, mean = together(recording, np.array([0, 1, 0, 0]), probabilities)
    assert truth.tolist() == [1, 0]
    assert mean[1] == pytest.approx([1.7 / 3, 1.3 / 3])


def test_a_vote_counts_windows_and_the_mean_breaks_ties() -> None:
    whole = np.array(["a"] * 3 + ["b"] * 2)
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.4, 0.6], [0.9, 0.1], [0.2, 0.8]])
    truth = np.zeros(5, dtype=np.int64)
    _, mean = together(whole, truth, probabilities)
    _, vote = together(whole, truth, probabilities, "vote")
    assert mean.argmax(1).tolist() == [0, 0]
    assert vote.argmax(1).tolist() == [1, 0]
    assert vote.sum(1) == pytest.approx([1, 1])


def test_what_holds_two_classes_has_none_of_its_own() -> None:
    with pytest.raises(ProtocolError, match="'a' holds windows of more than one class"):
        together(np.array(["a", "a"]), np.array([0, 1]), np.eye(2))
