"""The task card: dataset + label + window + protocols + metrics."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from faultboard.declare.names import did_you_mean, twice
from faultboard.declare.schema import DESCRIBES, LATER, Card, Flag, Strict, Text, Where, one_or_many

FindingKind = Literal[
    "identical",
    "near_copy",
    "overlap",
    "shared_recording",
    "shared_unit",
    "hidden_unit",
    "fact",
    "confounded",
    "label_conflict",
    "missing_class",
    "dead",
]
_DURATION = re.compile(r"^(\d+(?:\.\d+)?) s$")
_LEVEL = re.compile(r"^(\w+)(?: by (\w+))?$")


class Window(Strict):
    """A fixed-length cut of a recording, in samples (4096) or seconds ("0.5 s"); or the whole.

    ``rate`` is what recordings are resampled to; with ``resample: no`` rows that have a clock of their own are taken
    one by one, as if they came at that rate. ``fill`` adds zeros to a recording's end up to a multiple of so many
    samples, so that no tail is left out.
    """

    length: int | str | None = None
    hop: int | str | None = None
    rate: float | None = None
    resample: Annotated[Flag, LATER] = True
    whole: Flag = False
    fill: Annotated[Annotated[int, Field(ge=2)] | None, LATER] = None

    @model_validator(mode="after")
    def _one_form(self) -> Window:
        if self.whole == (self.length is not None):
            raise ValueError("say either a length (samples, or '0.5 s') or 'whole: yes'")
        if not self.resample and self.rate is None:
            raise ValueError("'resample: no' needs the 'rate' that rows are taken to come at")
        for size in (self.length, self.hop):
            if isinstance(size, str) and not _DURATION.match(size):
                raise ValueError(f"'{size}' is no length: say samples (4096) or seconds ('0.5 s')")
            if isinstance(size, int) and size < 1:
                raise ValueError("a length is at least one sample")
        return self

    def samples(self, rate: float) -> tuple[int, int]:
        """Length and hop in samples at a sampling rate in Hz."""

        def count(size: int | str) -> int:
            match = _DURATION.match(size) if isinstance(size, str) else None
            return round(float(match[1]) * rate) if match else int(size)

        assert self.length is not None
        length = count(self.length)
        return length, count(self.hop) if self.hop is not None else length


class Validation(Strict):
    """Part of the training side that a protocol keeps apart for every model, as its source did."""

    of: str = "recording"
    share: Annotated[float, Field(gt=0, lt=1)]


class Protocol(Strict):
    """How training and test windows are drawn.

    ``separates`` names the columns of which no value stands on two sides; ``leaks`` those that are
    shared although they should not be. Both are checked on the drawn folds before anything trains.
    """

    split: str
    of: Literal["window", "recording"] = "window"
    by: str | None = None
    folds: Annotated[int, Field(ge=2)] | None = None
    test: Annotated[float, Field(gt=0, lt=1)] | None = None
    gap: Annotated[int, Field(ge=0)] | None = None
    train: list[str] | None = None
    test_on: list[str] | None = None
    validation: Annotated[Validation | None, LATER] = None
    separates: Annotated[list[str], DESCRIBES]
    leaks: Annotated[list[str], DESCRIBES] = []
    note: Text = ""

    @property
    def given(self) -> set[str]:
        """Fields of the split that the card says."""
        return self.model_fields_set & {"of", "by", "folds", "test", "gap", "train", "test_on"}


class Reported(Strict):
    """A published figure for this very task; of a metric of a class one a class, by its name.

    ``side`` is what was scored: a source may state the accuracy on its training or validation side.
    """

    system: str
    protocol: str
    metric: str
    value: float | dict[str, float]
    side: Literal["train", "validation", "test"] = "test"
    source: str
    table: str = ""
    training_time: str = ""
    hardware: str = ""
    read: Literal["first-hand", "second-hand"] = "second-hand"
    note: str = ""

    @property
    def place(self) -> str:
        """Where the figure stands, and who has looked."""
        return f"{self.source}{', ' + self.table if self.table else ''}, read {self.read}"


class Finding(Strict):
    """What the audit is allowed to find, and why it is left as it is."""

    kind: FindingKind
    protocols: list[str]
    where: str = ""
    why: str


def _level(value: str) -> str:
    match = _LEVEL.match(value)
    if not match or (value != "window" and "window" in match.groups()):
        raise ValueError("say window, or a column and how: 'recording by mean', 'sequence by vote'")
    return value


def _metrics_once(metrics: list[str]) -> list[str]:
    if again := twice(metrics):
        raise ValueError(f"'{again}' is named twice")
    return metrics


def _levels_once(levels: list[str]) -> list[str]:
    if again := twice(" by ".join(level_parts(level)) for level in levels):
        raise ValueError(f"'{again}' is named twice (a column alone is by mean)")
    return levels


# What is scored: each window, or the windows that share a value of a column, in some way together.
Level = Annotated[str, AfterValidator(_level)]


def level_parts(level: str) -> tuple[str, str]:
    """Column of a level, and how its windows are taken together: ``window`` alone, else by their mean unless said."""
    match = _LEVEL.match(level)
    assert match is not None
    return match[1], "window" if match[1] == "window" else match[2] or "mean"


class TaskCard(Card):
    """One task. The first of its metrics is the headline, and so is the first level.

    ``healthy`` names the class in which nothing is wrong, of two: then the page says what a plant asks, how many of
    the others are found at a rate of false alarms.
    """

    kind: ClassVar[str] = "task"

    title: Text
    dataset: str
    where: Where = {}
    label: str
    classes: list[str] | dict[str, list[str]]
    window: Window
    protocols: Annotated[dict[str, Protocol], Field(min_length=1)]
    gap: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    metrics: Annotated[list[str], Field(min_length=1), AfterValidator(_metrics_once)] = ["macro_f1", "accuracy"]
    healthy: Annotated[str | None, DESCRIBES] = None
    false_alarm_rate: Annotated[float, DESCRIBES, Field(gt=0, lt=1)] = 0.05
    level: Annotated[list[Level], BeforeValidator(one_or_many), Field(min_length=1), AfterValidator(_levels_once)] = [
        "window"
    ]
    shows: Text = ""
    reported: Annotated[list[Reported], DESCRIBES] = []
    findings: Annotated[list[Finding], DESCRIBES] = []
    version: Annotated[int, DESCRIBES] = 1

    @property
    def family(self) -> str:
        """Folder of the card: the family of industrial data it belongs to."""
        return self.id.split("/")[0]

    @property
    def honest(self) -> str:
        """The protocol that says most of an unmet machine: the second of the gap, else the first there is."""
        return self.gap[1] if self.gap else next(iter(self.protocols))

    @property
    def class_names(self) -> list[str]:
        """Classes in the order of the label's numbers."""
        return list(self.classes)

    @property
    def class_values(self) -> dict[str, list[str]]:
        """Values of the label column that make up each class."""
        return self.classes if isinstance(self.classes, dict) else {name: [name] for name in self.classes}

    @property
    def faulty(self) -> str | None:
        """The class beside the healthy one."""
        return next(name for name in self.classes if name != self.healthy) if self.healthy else None

    @model_validator(mode="after")
    def _one_of_two(self) -> TaskCard:
        if self.healthy and self.healthy not in self.classes:
            raise ValueError(f"healthy: no class '{self.healthy}'.{did_you_mean(self.healthy, self.class_names)}")
        if self.healthy and len(self.classes) != 2:
            raise ValueError(f"healthy: this task has {len(self.classes)} classes; false alarms are of two")
        return self

    @model_validator(mode="after")
    def _names(self) -> TaskCard:
        places = [(f"gap: {name}", name) for name in self.gap or []]
        places += [(f"reported: {r.system}", r.protocol) for r in self.reported]
        places += [(f"findings: {f.kind}", p) for f in self.findings for p in f.protocols]
        for place, name in places:
            if name not in self.protocols:
                raise ValueError(f"{place}: no protocol '{name}'.{did_you_mean(name, self.protocols)}")
        for figure in self.reported:
            for name in figure.value if isinstance(figure.value, dict) else ():
                if name not in self.classes:
                    raise ValueError(
                        f"reported: {figure.system}: no class '{name}'.{did_you_mean(name, self.class_names)}"
                    )
        return self
