"""One key a card, pinned: a key that moves by accident makes every stored number unfindable.

A card that is meant to change, or a new one: ``python tests/test_golden_keys.py`` writes the table anew.
"""

from __future__ import annotations

import csv
from pathlib import Path

from faultboard.declare.catalogue import Model
from faultboard.declare.keys import digest
from faultboard.declare.schema import computing
from faultboard.models.identity import computing_key
from support.repository import CARDS

GOLDEN = Path(__file__).with_name("golden_keys.csv")


def keys() -> dict[str, str]:
    cards = CARDS
    found = {}
    for name in cards.paths["model"]:
        card = cards.backbone(name)
        for model in (Model(card, source, recipe) for source in card.pretraining for recipe in card.recipes):
            found[f"model {model.id}"] = digest([computing_key(model, modality) for modality in model.input])
    for name in cards.paths["task"]:
        task = cards.task(name)
        protocols = {n: computing(p) for n, p in task.protocols.items()}
        found[f"task {name}"] = digest([task.where, task.label, task.class_values, computing(task.window), protocols])
    return found


def pinned() -> dict[str, str]:
    with GOLDEN.open(encoding="utf-8", newline="") as stream:
        return {row["card"]: row["key"] for row in csv.DictReader(stream)}


def test_keys_have_not_moved() -> None:
    moved = sorted(name for name, key in keys().items() if pinned().get(name) != key)
    gone = sorted(pinned().keys() - keys().keys())
    assert not moved, f"stored cells of these are lost: {moved}; if that is meant, run python {Path(__file__).name}"
    assert not gone


if __name__ == "__main__":
    table = sorted(keys().items())
    with GOLDEN.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([("card", "key"), *table])
