"""Every metric: against scikit-learn where it has one, in small cases by hand where it has none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn

from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError, ProtocolError
from faultboard.tasks.levels import at_level
from faultboard.tasks.metrics import METRICS, Predictions
from faultboard.tasks.scoring import at, scores
from support.toy import FILES, bound

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)
# probabilities with many ties, of three classes
TIED = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40
)


def of(truth: list[int], predicted: list[int], classes: int = 4) -> Predictions:
    return Predictions(np.array(truth), np.eye(classes)[predicted])


@settings(deadline=None)
@given(PAIRS)
def test_scores_of_labels_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = (list(side) for side in zip(*pairs, strict=True))
    found, present = of(truth, predicted), sorted(set(truth))
    told = {"zero_division": 0.0}
    expected = {
        "accuracy": sklearn.accuracy_score(truth, predicted),
        "macro_f1": sklearn.f1_score(truth, predicted, labels=present, average="macro", **told),
        "macro_f1_sklearn": sklearn.f1_score(truth, predicted, average="macro", **told),
        "weighted_f1": sklearn.f1_score(truth, predicted, average="weighted", **told),
        "macro_precision": sklearn.precision_score(truth, predicted, labels=present, average="macro", **told),
        "weighted_precision": sklearn.precision_score(truth, predicted, average="weighted", **told),
        "macro_recall": sklearn.recall_score(truth, predicted, labels=present, average="macro", **told),
        "balanced_accuracy": sklearn.recall_score(truth, predicted, labels=present, average="macro", **told),
        "weighted_recall": sklearn.recall_score(truth, predicted, average="weighted", **told),
        "mcc": sklearn.matthews_corrcoef(truth, predicted),
    }
    assert {name: METRICS[name](found) for name in expected} == pytest.approx(expected)
    by_class = sklearn.precision_recall_fscore_support(truth, predicted, labels=range(4), **told)
    for name, values in zip(("precision", "recall", "f1"), by_class, strict=False):
        assert METRICS[name](found)[present] == pytest.approx(values[present])
        assert np.isnan(np.delete(METRICS[name](found), present)).all()
    assert METRICS["confusion"](found).tolist() == sklearn.confusion_matrix(truth, predicted, labels=range(4)).tolist()


@settings(deadline=None)
@given(TIED)
def test_scores_of_probabilities_are_those_of_scikit_learn(rows: list[tuple[int, ...]]) -> None:
    truth = np.array([row[0] for row in rows])
    chances = np.array([row[1:] for row in rows]) / 4
    found, present = Predictions(truth, chances), sorted(set(truth.tolist()))
    if len(present) < 2:
        assert all(np.isnan(METRICS[name](found)) for name in ("auroc", "pauc_01_mcclish", "average_precision"))
        return
    sides = [(truth == c, chances[:, c]) for c in present]
    expected = {
        "auroc": np.mean([sklearn.roc_auc_score(*side) for side in sides]),
        "pauc_01_mcclish": np.mean([sklearn.roc_auc_score(*side, max_fpr=0.1) for side in sides]),
        "average_precision": np.mean([sklearn.average_precision_score(*side) for side in sides]),
    }
    assert {name: METRICS[name](found) for name in expected} == pytest.approx(expected)


def test_the_rate_of_false_alarms_is_the_one_that_the_card_declares(cards: Catalogue) -> None:
    path = cards.root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text() + "false_alarm_rate: 0.5\n")
    card = Catalogue(cards.root, cards.builtin).task("toy")
    truth, bad = np.array([0, 0, 1, 1]), np.array([0.1, 0.8, 0.9, 0.4])
    seen = at(card, "window", lambda _: np.zeros(4, dtype=str), truth, np.stack([1 - bad, bad], axis=1))
    # one alarm of two is false at the threshold that finds both
    assert scores(seen, ["recall_at_false_alarms"])["recall_at_false_alarms"].tolist() == [1.0, 1.0]
    assert seen.false_alarm_rate == 0.5


def test_macro_f1_is_over_the_classes_of_the_truth() -> None:
    """Two windows of one class, one of them taken for another: scikit-learn also counts that other class."""
    found = of([0, 0], [0, 1])
    assert METRICS["macro_f1"](found) == pytest.approx(2 / 3)
    assert METRICS["macro_f1_sklearn"](found) == pytest.approx(1 / 3)
    # the case of README.md
    found = of([0, 1], [0, 2])
    assert [METRICS[name](found) for name in ("macro_f1", "macro_f1_sklearn")] == pytest.approx([1 / 2, 1 / 3])


def test_recall_at_a_rate_of_false_alarms_is_read_off_the_curve() -> None:
    truth = np.array([1, 1, 1, 0, 0, 0, 0])
    bad = np.array([0.9, 0.6, 0.3, 0.7, 0.5, 0.2, 0.1])
    chances = np.stack([1 - bad, bad], axis=1)
    reached = {
        rate: METRICS["recall_at_false_alarms"](Predictions(truth, chances, rate))[1] for rate in (0.2, 0.25, 0.5)
    }
    # below 0.7 the first false alarm comes, which is a quarter of the good ones
    assert reached == pytest.approx({0.2: 1 / 3, 0.25: 2 / 3, 0.5: 1.0})
    alone = METRICS["recall_at_false_alarms"](Predictions(np.array([1]), np.array([[0.1, 0.9]])))
    assert np.isnan(alone).all()


@pytest.mark.parametrize(("healthy", "found"), [(99, None), (100, 0.5), (250, 0.75)])
def test_one_false_alarm_in_a_hundred_needs_a_hundred_to_test(healthy: int, found: float | None) -> None:
    """Three of the healthy pass at the top: of 100 one of them may, of 250 two."""
    bad = np.concatenate([[0.97, 0.95, 0.93], np.linspace(0.4, 0.1, healthy - 3), [0.98, 0.96, 0.94, 0.2]])
    truth = np.repeat([0, 1], [healthy, 4])
    share = METRICS["recall_at_1_percent"](Predictions(truth, np.stack([1 - bad, bad], axis=1)))[1]
    assert np.isnan(share) if found is None else share == found


def test_calibration_error_is_the_distance_of_probability_and_accuracy() -> None:
    # ten windows said to be 0.9 sure, of which six are right; ten that are 0.6 sure, all right
    chances = np.array([[0.9, 0.1]] * 10 + [[0.6, 0.4]] * 10)
    truth = np.array([0] * 6 + [1] * 4 + [0] * 10)
    assert METRICS["ece"](Predictions(truth, chances)) == pytest.approx(0.5 * 0.3 + 0.5 * 0.4)
    assert METRICS["ece"].quality(0.1) > METRICS["ece"].quality(0.3)
    # bins are closed above: what is quite sure lies in one with what is nearly so
    sure = Predictions(np.array([1, 0]), np.array([[1.0, 0.0], [0.97, 0.03]]))
    assert METRICS["ece"](sure) == pytest.approx((1 - 0.03) / 2)


@settings(deadline=None)
@given(PAIRS)
def test_what_needs_labels_alone_is_told_by_counts(pairs: list[tuple[int, int]]) -> None:
    """Intervals draw counts of groups anew and know no windows."""
    truth, predicted = (list(side) for side in zip(*pairs, strict=True))
    found = of(truth, predicted)
    for name in METRICS:
        if METRICS[name].needs == "labels":
            assert METRICS[name](Predictions.of_counts(found.counts)) == pytest.approx(
                METRICS[name](found), nan_ok=True
            )


@pytest.mark.parametrize("name", list(METRICS))
def test_every_metric_has_its_form_and_words(name: str) -> None:
    found = METRICS[name](of([0, 1, 2, 3, 0], [0, 1, 2, 0, 1]))
    shape = {"scalar": (), "class": (4,), "pair": (4, 4)}[METRICS[name].shape]
    assert np.shape(found) == shape
    assert METRICS[name].words
    perfect = METRICS[name](of([0, 1, 2, 3] * 40, [0, 1, 2, 3] * 40))
    if METRICS[name].shape != "pair":
        assert perfect == pytest.approx(np.full(shape, METRICS[name].best))


def test_an_unknown_metric_names_the_nearest() -> None:
    with pytest.raises(CardError, match=r"no metric 'acuracy'\. Did you mean 'accuracy'?"):
        METRICS["acuracy"]


def together(names: list[str], truth: list[int], chances: np.ndarray, way: str) -> tuple[np.ndarray, np.ndarray]:
    return at_level(f"recording by {way}", lambda _: np.array(names), np.array(truth), chances)


def test_a_recording_is_told_by_the_mean_of_its_windows() -> None:
    chances = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.4, 0.6]])
    truth, mean = together(["b", "a", "b", "b"], [0, 1, 0, 0], chances, "mean")
    assert truth.tolist() == [1, 0]
    assert mean[1] == pytest.approx([1.7 / 3, 1.3 / 3])


def test_a_vote_counts_windows_and_the_mean_breaks_ties() -> None:
    names = ["a"] * 3 + ["b"] * 2
    chances = np.array([[0.9, 0.1], [0.4, 0.6], [0.4, 0.6], [0.9, 0.1], [0.2, 0.8]])
    _, mean = together(names, [0] * 5, chances, "mean")
    _, vote = together(names, [0] * 5, chances, "vote")
    assert mean.argmax(1).tolist() == [0, 0]
    assert vote.argmax(1).tolist() == [1, 0]
    assert vote.sum(1) == pytest.approx([1, 1])


def test_what_holds_two_classes_has_none_of_its_own() -> None:
    with pytest.raises(ProtocolError, match="'a' holds windows of more than one class"):
        together(["a", "a"], [0, 1], np.eye(2), "mean")


def test_a_level_that_tears_its_windows_is_told_when_the_task_is_bound(cards: Catalogue) -> None:
    """Both classes stand under each load."""
    with pytest.raises(CardError, match=r"toy\.yaml:11: level\.0: load '0' of shafts/toy@sim holds windows of more"):
        bound(cards, FILES["tasks/shafts/toy.yaml"] + "level: load by mean\n")
