from collections.abc import Callable
from pathlib import Path

import pytest

from faultboard.declare.catalogue import Catalogue, find_root
from faultboard.declare.keys import digest
from faultboard.declare.schema import Card, computing
from faultboard.errors import CardError
from faultboard.tasks.card_words import check_words
from support.repository import CARDS
from support.toy import FILES


def write(root: Path, name: str, text: str) -> None:
    (root / name).write_text(text)


def fails(cards: Catalogue, kind: str, name: str) -> str:
    loaders: dict[str, Callable[[str], Card]] = {
        "task": lambda name: check_words(cards.task(name)),
        "dataset": cards.dataset,
        "model": cards.backbone,
        "suite": cards.suite,
    }
    with pytest.raises(CardError) as caught:
        loaders[kind](name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_misspelt_key_names_file_line_and_the_nearest_key(cards: Catalogue, root: Path) -> None:
    write(root, "tasks/shafts/toy.yaml", FILES["tasks/shafts/toy.yaml"].replace("protocols:", "protocls:").lstrip())
    said = fails(cards, "task", "toy")
    assert "toy.yaml:6: unknown key 'protocls'. Did you mean 'protocols'?" in said


def test_a_misspelt_key_deep_in_a_card_is_explained_too(cards: Catalogue, root: Path) -> None:
    text = FILES["tasks/shafts/toy.yaml"].replace("folds: 3, separates: [],", "fold: 3, separates: [],").lstrip()
    write(root, "tasks/shafts/toy.yaml", text)
    assert "toy.yaml:7: unknown key 'fold'. Did you mean 'folds'?" in fails(cards, "task", "toy")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("length: 200", "length: two", "'two' is no length"),
        ("length: 200", "length: [200]", "window.length"),
        ("classes: [ok, bad]", "classes: [ok, bda]", "no class 'bda' (bda). Did you mean 'bad'?"),
        ("label: fault", "label: falt", "no label 'falt' in toy. Did you mean 'fault'?"),
        ("dataset: toy", "dataset: toi", "toy.yaml:2: dataset: no dataset 'toi'. Did you mean 'toy'?"),
        ("gap: [published, grouped]", "gap: [published, gruoped]", "no protocol 'gruoped'. Did you mean 'grouped'?"),
        ("by: shaft", "by: shft", "no column 'shft' in toy. Did you mean 'shaft'?"),
        ("split: leave_one_out, by: load", "split: leave_one_out", "split leave_one_out needs 'by'"),
        ("folds: 3, separates: []", "folds: 3, gap: 2, separates: []", "'gap' means nothing to split random"),
        ("title: Which shaft is bad\n", "", "'title' is missing"),
        (
            "window: {length: 200}",
            "window: {length: 200}\nlevel: [window, sahft by vote]",
            "level.1: no group column 'sahft' in toy",
        ),
        ("window: {length: 200}", "window: {length: 200}\nlevel: fault by mean", "level.0: no group column 'fault'"),
        ("window: {length: 200}", "window: {length: 200}\nlevel: shaft by window", "say window, or a column"),
        ("window: {length: 200}", "window: {length: 200}\nlevel: window by mean", "say window, or a column"),
        (
            "window: {length: 200}",
            "window: {length: 200}\nlevel: [shaft, shaft by mean]",
            "level: 'shaft by mean' is named twice",
        ),
        (
            "window: {length: 200}",
            "window: {length: 200}\nmetrics: [accuracy, mcc, accuracy]",
            "metrics: 'accuracy' is named twice",
        ),
        (
            "window: {length: 200}",
            "window: {length: 200}\nlevel: shaft by votes",
            "level.0: no level 'votes'. Did you mean 'vote'?",
        ),
    ],
)
def test_a_wrong_task_card_is_one_line(cards: Catalogue, root: Path, old: str, new: str, said: str) -> None:
    text = FILES["tasks/shafts/toy.yaml"].lstrip()
    assert old in text
    write(root, "tasks/shafts/toy.yaml", text.replace(old, new, 1))
    assert said in fails(cards, "task", "toy")


def test_a_wrong_type_names_what_it_says(cards: Catalogue, root: Path) -> None:
    write(root, "datasets/toy.yaml", FILES["datasets/toy.yaml"].lstrip().replace("rate: 1000", "rate: fast"))
    assert "toy.yaml:4: rate: " in fails(cards, "dataset", "toy")


def test_an_unknown_name_is_met_with_the_nearest(cards: Catalogue) -> None:
    assert "Did you mean 'shafts/toy'?" in fails(cards, "task", "toyy")
    with pytest.raises(CardError, match=r"no model 'tones\.none\.logre'"):
        cards.model("tones.none.logre")


def test_a_weight_file_without_a_hash_is_refused(cards: Catalogue, root: Path) -> None:
    text = FILES["models/tones.yaml"].lstrip().replace("{none: {}}", "{none: {file: tones.pth}}")
    write(root, "models/tones.yaml", text)
    assert "need a sha256" in fails(cards, "model", "tones")


def test_defaults_written_out_hash_alike_and_words_do_not_count(cards: Catalogue, root: Path) -> None:
    first = digest(computing(cards.backbone("tones").recipes["logreg"]))
    text = FILES["models/tones.yaml"].lstrip()
    write(root, "models/tones.yaml", text.replace("logreg: {}", "logreg: {rate: 0.001, epochs: 10}"))
    again = Catalogue(cards.root, cards.builtin).backbone("tones")
    assert digest(computing(again.recipes["logreg"])) == first
    assert "title" not in computing(again)


def test_code_outside_the_cards_folder_is_refused(cards: Catalogue, root: Path) -> None:
    from faultboard.declare.code import code_of

    card = cards.backbone("tones")
    with pytest.raises(CardError, match="lies in the folder"):
        code_of(card.path, "../datasets/toy.py:read", "build")
    with pytest.raises(CardError, match=r"no tnes\.py beside it\. Did you mean 'tones\.py'"):
        code_of(card.path, "tnes.py:tones", "build")


def test_code_that_does_not_import_leaves_no_trace(cards: Catalogue, root: Path) -> None:
    import sys

    from faultboard.declare.code import load_function

    write(root, "models/tones.py", "import nothing_of_that_name\n")
    before = set(sys.modules)
    with pytest.raises(CardError, match="does not import: ModuleNotFoundError"):
        load_function(root / "models/tones.py", "tones")
    assert set(sys.modules) == before


def test_a_card_of_the_root_hides_the_built_in_one(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "models").mkdir(parents=True)
    write(other, "models/tones.yaml", FILES["models/tones.yaml"].lstrip().replace("Tone heights", "Mine"))
    cards = Catalogue(other, root)
    assert cards.backbone("tones").title == "Mine"
    assert cards.hidden("model") == ["tones"]
    assert cards.task("toy").title == "Which shaft is bad"


def test_one_id_for_two_things_is_refused(root: Path, empty: Path) -> None:
    (root / "benchmarks/tones.yaml").write_text(FILES["benchmarks/toy_suite.yaml"].lstrip())
    with pytest.raises(CardError, match="'tones' is already the model"):
        _ = Catalogue(root, empty).paths


def test_the_root_is_the_nearest_parent_with_cards(root: Path) -> None:
    assert find_root(start=root / "tasks" / "shafts") == root.resolve()
    with pytest.raises(CardError, match="no such folder"):
        find_root(root / "nowhere")


def test_a_task_is_found_by_the_former_name_of_its_family() -> None:
    cards = CARDS
    assert cards.task("thermal_bearings/bearing_irt").id == "thermal_images/bearing_irt"
    assert cards.expand(["thermal_bearings/*"], list(cards.paths["task"]), "task", "") == cards.expand(
        ["thermal_images/*"], list(cards.paths["task"]), "task", ""
    )


def every(kind: str) -> list[str]:
    return list(CARDS.paths[kind])


@pytest.mark.parametrize("kind", ["dataset", "model", "task", "suite"])
def test_every_built_in_card_is_valid(kind: str) -> None:
    load = {"dataset": CARDS.dataset, "model": CARDS.backbone, "task": CARDS.task, "suite": CARDS.suite}[kind]
    assert every(kind)
    for name in every(kind):
        assert load(name).title


@pytest.mark.parametrize("suite", every("suite"))
def test_every_glob_of_a_suite_means_something(suite: str) -> None:
    from faultboard.run.suite import Suite

    card = CARDS.suite(suite)
    models = [m.id for m in Suite.of(CARDS, card.id).models()]
    for pair in card.compare:
        assert len(pair) == 2
        assert set(pair) <= set(models), "a comparison speaks of a model that the suite does not run"
