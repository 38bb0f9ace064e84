"""The dataset card: facts on recordings, and where their files come from."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from faultboard.declare.schema import DESCRIBES, Card, Flag, Strict, Text

Modality = Literal["vibration", "acceleration", "sound", "thermal", "photo"]
EditionName = Literal["full", "cut", "sim"]
PICTURES = ("thermal", "photo")


def _text_keys(value: Any) -> Any:
    return {str(k): v for k, v in value.items()} if isinstance(value, dict) else value


Counts = Annotated[dict[str, int], BeforeValidator(_text_keys)]


class Group(Strict):
    """A group column of the recordings and what it means."""

    meaning: Text
    unit: Flag = False


class Caveat(Strict):
    """A known defect of the data, and what is done about it."""

    what: Text
    done: Text
    found_by: Text = ""


class Expect(Strict):
    """What the prepared form must hold."""

    recordings: int
    by: dict[str, Counts] = {}
    prepared: str | None = None


class Simulate(Strict):
    """What a generated edition is drawn with."""

    seed: int
    seconds: float | None = None
    recordings: int | None = None


class Edition(Strict):
    """Which files of a dataset, and how they are had."""

    archive: str | None = None
    url: Annotated[list[str], DESCRIBES] = []
    sha256: str | None = None
    bytes: int | None = None
    unpacked: int | None = None
    files: str | None = None
    ask: Text = ""
    simulate: Simulate | None = None
    layout: Annotated[Literal["official", "assumed"], DESCRIBES] = "official"
    note: Text = ""
    expect: Expect

    @model_validator(mode="after")
    def _one_source(self) -> Edition:
        if self.archive and not (self.sha256 and self.bytes and self.unpacked):
            raise ValueError("an archive needs sha256, bytes and unpacked")
        if not (self.archive or self.files or self.simulate or self.ask):
            raise ValueError("say where the files come from: archive, files, simulate or ask")
        return self


class DatasetCard(Card):
    """One dataset: recordings, their groups, their editions."""

    kind: ClassVar[str] = "dataset"

    title: Text
    authors: Annotated[list[str], DESCRIBES] = []
    year: Annotated[int | None, DESCRIBES] = None
    doi: Text = ""
    homepage: Text = ""
    licence: Text
    redistribute: Annotated[Flag, DESCRIBES] = False
    citation: Text = ""
    modality: Modality
    rate: float | None = None
    channels: list[str] = []
    classes: dict[str, list[str]]
    groups: dict[str, Group]
    editions: Annotated[dict[EditionName, Edition], Field(min_length=1)]
    caveats: Annotated[list[Caveat], DESCRIBES] = []
    reader: str = ""
    version: Annotated[int, DESCRIBES] = 1

    @property
    def unit(self) -> str | None:
        """Group column that names the physical thing, or None where there is but one."""
        return next((name for name, group in self.groups.items() if group.unit), None)

    @property
    def is_pictures(self) -> bool:
        """Whether a recording is a picture (or a video of pictures) and not a signal."""
        return self.modality in PICTURES

    @model_validator(mode="after")
    def _columns(self) -> DatasetCard:
        if sum(group.unit for group in self.groups.values()) > 1:
            raise ValueError("groups: only one column can be the unit")
        for name, edition in self.editions.items():
            for column in edition.expect.by:
                if column not in self.groups and column not in self.classes:
                    raise ValueError(f"editions.{name}.expect.by: no column '{column}' in classes or groups")
        return self
