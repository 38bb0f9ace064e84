"""The repository's own cards on the real archives, prepared once a run; without the archives, skipped."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.data.prepared import Prepared
from faultboard.data.recording import Recording
from faultboard.declare.code import code_of, load_function
from faultboard.errors import Unavailable
from faultboard.tasks.audit import Found, audit
from faultboard.tasks.task import Task
from support import shared
from support.repository import CARDS


def read(dataset: str, folder: Path) -> list[Recording]:
    """Recordings that the reader of a dataset finds in a folder, their samples read."""
    card = CARDS.dataset(dataset)
    found = load_function(*code_of(card.path, card.reader, "read"))(folder)
    return [replace(recording, samples=recording.load()) for recording in found]


def prepared(dataset: str) -> Prepared:
    """Prepared ``cut`` edition, made by the engine from the archive that the card pins."""
    found = _prepared(dataset)
    if isinstance(found, str):
        pytest.skip(found)
    return found


def _edition(dataset: str) -> Edition:
    return Edition(shared.folder(), CARDS.dataset(dataset), "cut")


@cache
def _prepared(dataset: str) -> Prepared | str:
    with shared.lock(f"{dataset}@cut"):
        try:
            return Prepared(prepare(_edition(dataset)))
        except Unavailable as error:
            return str(error)


@cache
def task(name: str) -> Task:
    """Task of the repository on its ``cut`` edition."""
    card = CARDS.task(name)
    return Task(card, _edition(card.dataset), prepared(card.dataset))


@cache
def audited(name: str) -> list[Found]:
    """What the audit finds in such a task, whose recordings it compares all with all: once a run."""
    bound = task(name)
    return shared.once(f"audit {bound.card.id}", lambda: audit(bound))
