"""The dataset card: facts on recordings, and where their files come from."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from faultboard.declare.schema import DESCRIBES, LATER, Card, Flag, Strict, Text

Modality = Literal["vibration", "acceleration", "sound", "thermal", "photo"]
# a set that is published in parts has a full edition of each: full_0db
EditionName = Annotated[str, Field(pattern=r"^(full(_[a-z0-9_]+)?|cut|sim)$")]
PICTURES = ("thermal", "photo")
SIGNALS = ("vibration", "acceleration", "sound")


def _text_keys(value: Any) -> Any:
    return {str(k): v for k, v in value.items()} if isinstance(value, dict) else value


Counts = Annotated[dict[str, int], BeforeValidator(_text_keys)]


Addresses = Annotated[list[str], DESCRIBES, BeforeValidator(lambda v: [v] if isinstance(v, str) else v)]


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
    """What the prepared form must hold; a set whose number of recordings nobody states has none."""

    recordings: int | None
    by: dict[str, Counts] = {}
    prepared: str | None = None


class Simulate(Strict):
    """What a generated edition is drawn with."""

    seed: int
    seconds: float | None = None
    recordings: int | None = None
    snr: Annotated[float | None, LATER] = None  # dB, of a simulator that mixes a background in


class Archive(Strict):
    """One zip archive of several: its name, what pins it, and the folder that it is unpacked into.

    Of an archive without a hash `fetch` says the one that came, to be written here.
    """

    name: str
    sha256: str | None = None
    md5: str | None = None
    bytes: int | None = None
    into: str = ""

    @property
    def pin(self) -> str:
        """Hash as `checksum.agrees` takes it; empty where nobody has published one."""
        return self.sha256 or (f"md5:{self.md5}" if self.md5 else "")


class EditionCard(Strict):
    """Which files of a dataset, and how they are had.

    Several ways may be named: the archive from the folder of archives, else from its ``url``, else each of the
    ``files`` from its ``address``. What is had in another way has the same prepared hash.

    Where a set is published as several ``archives``, or its hash, size or unpacked size is not known to the last byte,
    ``url`` names each by ``{name}``, and ``unpacked`` is what all of them may hold at most. Where archives are had from
    the folder of archives alone, each has its ``sha256``, and ``files`` take the place of ``url``.
    """

    archive: str | None = None
    url: Addresses = []
    sha256: str | None = None
    bytes: int | None = None
    unpacked: int | None = None
    archives: Annotated[list[Archive], LATER] = []
    files: Text = ""
    address: Addresses = []
    change: Text = ""
    ask: Text = ""
    simulate: Simulate | None = None
    layout: Annotated[Literal["official", "assumed"], DESCRIBES] = "official"
    note: Text = ""
    expect: Expect

    @model_validator(mode="after")
    def _one_source(self) -> EditionCard:
        if self.archive and not (self.sha256 and self.bytes and self.unpacked):
            raise ValueError("an archive needs sha256, bytes and unpacked")
        if self.archives and not ((self.url or self.files) and self.unpacked and not self.archive):
            raise ValueError("archives need url or files, unpacked (what they may hold at most), and no single archive")
        if self.archives and not self.url and not all(packed.sha256 for packed in self.archives):
            raise ValueError("archives that no url leads to need sha256")
        if self.url and not self.packed:
            raise ValueError("url is that of an archive; single files have files and address")
        if bool(self.files) != bool(self.address):
            raise ValueError("files, a list beside the card, and address, where they are, go together")
        if self.change and not self.files:
            raise ValueError("change is what is made of the files that a list names")
        if not (self.packed or self.files or self.simulate or self.ask):
            raise ValueError("say where the files come from: archive, files, simulate or ask")
        return self

    @property
    def packed(self) -> list[Archive]:
        """The archives that the edition is packed in."""
        if self.archive:
            return [Archive(name=self.archive, sha256=self.sha256, bytes=self.bytes)]
        return self.archives

    @property
    def is_public(self) -> bool:
        """Whether `faultboard fetch` can have the files over the network."""
        return bool(self.url or self.files)

    @property
    def how(self) -> str:
        """How the files are had, in a word or two."""
        if self.simulate:
            return "generated"
        ways = ["archive"] if self.packed else []
        return " or ".join(ways + ["fetch"] * self.is_public) or "on request"


class DatasetCard(Card):
    """One dataset: recordings, their groups, their editions.

    ``also_known_as`` are names under which weights may say that they were trained on it, or on what it is a part of.
    """

    kind: ClassVar[str] = "dataset"

    title: Text
    also_known_as: Annotated[list[str], DESCRIBES] = []
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
    editions: Annotated[dict[EditionName, EditionCard], Field(min_length=1)]
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
