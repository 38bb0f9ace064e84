"""What a page says, before anything is rendered: sections of paragraphs, lists and tables.

Text may hold the marks that Markdown knows inside a line: ``code``, **bold**, [links](address). A writer renders them
or takes them away; it computes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Grid:
    """A table: a header, and lines of as many cells."""

    header: list[str]
    lines: list[list[str]]


@dataclass(frozen=True)
class Bullets:
    """A list of points."""

    points: list[str]


@dataclass(frozen=True)
class Lines:
    """Text whose lines stay apart."""

    lines: list[str]


@dataclass(frozen=True)
class Notice:
    """What must be read first."""

    text: str


Part = str | Grid | Bullets | Lines | Notice


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it.

    Attributes
    ----------
    depth : int
        1 for the page's own title.
    """

    title: str
    depth: int
    parts: list[Part] = field(default_factory=list)


Document = list[Section]
