"""Whether cards are valid, and results are what they claim to be."""

from __future__ import annotations

from collections.abc import Callable

from faultboard.declare.catalogue import Catalogue
from faultboard.declare.model import ModelCard, ModelTemplate
from faultboard.declare.task import TaskCard
from faultboard.errors import CardError, FaultboardError
from faultboard.models import card_words as model_words
from faultboard.models.regimes import REGIMES
from faultboard.report.claims import named
from faultboard.report.contrasts import check_compared
from faultboard.report.write import differing
from faultboard.report.writers import WRITERS
from faultboard.run.compute import Settings
from faultboard.run.executors import EXECUTORS
from faultboard.run.recompute import Again, recompute
from faultboard.run.suite import Suite
from faultboard.run.suite_run import SuiteRun
from faultboard.tasks import card_words as task_words
from faultboard.tasks.levels import LEVELS
from faultboard.tasks.metrics import METRICS
from faultboard.tasks.splits import SPLITS


def card_faults(cards: Catalogue) -> list[str]:
    """Load every card there is, and say in a line each what is wrong."""
    faults = _broken_words()
    loaders = {
        "dataset": cards.dataset,
        "model": cards.backbone,
        "template": cards.template,
        "suite": cards.suite,
        "task": cards.task,
    }
    for kind, load in loaders.items():
        for name in cards.paths[kind]:
            try:
                card = load(name)
                if isinstance(card, TaskCard):
                    task_words.check_words(card)
                elif isinstance(card, ModelCard | ModelTemplate):
                    model_words.check_words(card)
                elif kind == "suite":
                    suite = Suite.of(cards, name)
                    named(suite)
                    check_compared(suite)
            except CardError as error:
                faults.append(str(error))
    return faults


def _broken_words() -> list[str]:
    """Load every file of the vocabularies, and say in a line each what is wrong."""
    faults = []
    for vocabulary in (METRICS, LEVELS, SPLITS, REGIMES, EXECUTORS, WRITERS):
        for word in vocabulary:
            try:
                vocabulary[word]
            except CardError as error:
                faults.append(str(error))
    return faults


def suite_faults(suite: Suite, sample: int, settings: Settings, say: Callable[[str], None]) -> list[str]:
    """Hold results against what is stored: nothing stale, tables byte for byte, cells of a sample computed again.

    Parameters
    ----------
    sample : int
        Cells that are computed again, with the threads that each was stored with.
    say : callable
        Told of each that comes out the same.
    """
    run = SuiteRun(suite)
    faults = run.stale()
    try:
        faults += differing(suite)
    except FaultboardError as error:
        return [*faults, str(error)]
    for again in recompute(run, sample, settings) if sample else []:
        moved, line = _said(again)
        if moved:
            faults.append(line)
        else:
            say(line)
    return faults


def _said(again: Again) -> tuple[bool, str]:
    """Whether a cell moved when it was computed again, and a line on it."""
    cell = again.cell
    what = f"{cell.model} on {cell.task} {cell.protocol}/{cell.fold} seed {cell.seed}"
    if again.reason:
        return True, f"{what}: {again.reason}"
    if again.moved > 0:
        why = f" (stored by another processor, {again.elsewhere}: floats differ)" if again.elsewhere else ""
        return True, f"{what}: computed again, a probability moved by {again.moved:.2g}{why}"
    return False, f"{what}: the same to the last digit"
