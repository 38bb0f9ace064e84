"""How a user's folder is laid out: which folders are classes, which are the sides of a split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from faultboard.data.user.files import SUFFIXES, UserFile

# names of the folders that are sides of a split, without regard to case
TRAIN = ("train", "training")
TEST = ("test", "testing", "val", "valid", "validation")


@dataclass(frozen=True)
class Layout:
    """How the folder is laid out, and what its reader must know.

    Attributes
    ----------
    has_sides : bool
        Whether the folders at the top are the sides of a split, with the classes in each.
    group : str
        Regular expression that finds the group in a file's path.
    rate : float or None
        Sampling rate in Hz of files that state none.
    """

    has_sides: bool
    group: str
    rate: float | None

    @classmethod
    def told_by(cls, names: list[str], group: str, rate: float | None) -> Layout:
        """Tell the layout by the files' paths."""
        tops = {name.partition("/")[0].casefold() for name in names if "/" in name}
        return cls(bool(tops) and tops <= {*TRAIN, *TEST}, group, rate)

    def takes(self, name: str, path: Path) -> bool:
        """Whether a file is a recording of a class."""
        parts = name.split("/")
        hidden = any(part.startswith(".") for part in parts)
        return len(parts) > 1 + self.has_sides and not hidden and path.suffix.lower() in SUFFIXES

    def side_and_class(self, name: str) -> tuple[str, str]:
        """Side, empty where there is none, and class of a file."""
        parts = name.split("/")
        return (parts[0], parts[1]) if self.has_sides else ("", parts[0])


@dataclass(frozen=True)
class Opened:
    """What is known of one recording once it was opened.

    Attributes
    ----------
    name : str
        Path of the file below the folder, with forward slashes.
    label : str
        Its class.
    groups : dict of str
        What the path says of its unit and side, by column.
    rate : float or None
        Sampling rate in Hz, the file's own or the one that the user gave; None for pictures.
    file : UserFile
        The file.
    """

    name: str
    label: str
    groups: dict[str, str]
    rate: float | None
    file: UserFile
