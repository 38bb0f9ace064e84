"""What the four kinds of card share: strict fields, flags, and which fields change numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, PrivateAttr, ValidationError

from faultboard.declare.names import did_you_mean
from faultboard.declare.text import line_of, read_yaml
from faultboard.errors import CardError


class Describes:
    """Marks a field that people read and that changes no number: it stays out of every key."""


class Later:
    """Marks a field that came after results were committed: at its default it stays out of keys, so that they hold."""


@dataclass(frozen=True)
class Formerly:
    """Marks a field of which one word was renamed after results were committed: keys keep the former word."""

    word: str
    former: str


DESCRIBES = Describes()
LATER = Later()
Text = Annotated[str, DESCRIBES]


def _flag(value: object) -> object:
    if value in ("yes", "no"):
        return value == "yes"
    if isinstance(value, bool):
        return value
    raise ValueError("say yes or no")


Flag = Annotated[bool, BeforeValidator(_flag)]


def one_or_many(value: object) -> object:
    """Let a list of one be said without brackets."""
    return value if isinstance(value, list) else [value]


Scalar = str | int | float
Values = Annotated[list[Scalar], BeforeValidator(one_or_many)]
Where = dict[str, Values]


class Strict(BaseModel):
    """A part of a card. An unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Card(Strict):
    """A YAML file whose name is its id."""

    kind: ClassVar[str]
    _path: Path = PrivateAttr()
    _id: str = PrivateAttr()

    @property
    def id(self) -> str:
        """Name of the card: its path below its kind's folder, without the suffix."""
        return self._id

    @property
    def path(self) -> Path:
        """The card's file."""
        return self._path

    def at(self, *place: str | int) -> str:
        """Where a part of the card stands, as messages begin: file, line, keys."""
        return f"{self._path}:{line_of(self._path, place)}: {'.'.join(map(str, place))}"

    @classmethod
    def load(cls, path: Path, name: str) -> Self:
        """Read and check one card.

        Raises
        ------
        CardError
            One line: file, line, what is wrong, the nearest known key.
        """
        content = read_yaml(path)
        try:
            card = cls.model_validate(content)
        except ValidationError as error:
            raise CardError(_explain(path, cls, error)) from None
        card._path, card._id = path, name
        return card


def _explain(path: Path, card: type[BaseModel], error: ValidationError) -> str:
    """One line for the first fault (unknown keys first, they explain the rest); the others are counted."""
    faults = sorted(error.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
    fault = faults[0]
    # pydantic names the branch of a union in the place; the file does not hold it.
    place = tuple(p for p in fault["loc"] if not (isinstance(p, str) and ("[" in p or p in ("str", "int", "float"))))
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    where = f"{path}:{line_of(path, place)}"
    if fault["type"] == "extra_forbidden":
        known = _known_keys(card, place[:-1])
        return f"{where}: unknown key '{place[-1]}'.{did_you_mean(str(place[-1]), known)}{more}"
    name = ".".join(str(p) for p in place) or "the card"
    if fault["type"] == "missing":
        return f"{where}: '{name}' is missing{more}"
    message = fault["msg"].removeprefix("Value error, ").removeprefix("Input ")
    given = fault["input"]
    shown = f" (it says {given!r})" if isinstance(given, str | int | float) else ""
    return f"{where}: {name}: {message}{shown}{more}"


def _known_keys(card: type[BaseModel], place: tuple[str | int, ...]) -> list[str]:
    """Return the keys that the part of the card at ``place`` knows."""
    parts = [card]
    for step in place:
        inner = [m for f in parts if step in f.model_fields for m in _models_in(f.model_fields[str(step)].annotation)]
        parts = inner or parts
    return [key for model in parts for key in model.model_fields]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for a in getattr(annotation, "__args__", ()) for m in _models_in(a)]


def computing(part: BaseModel) -> dict[str, Any]:
    """Fields that change numbers, recursively, with defaults written out: what a key hashes."""
    out: dict[str, Any] = {}
    for name, field in type(part).model_fields.items():
        if any(isinstance(m, Describes) for m in field.metadata):
            continue
        value = getattr(part, name)
        if any(isinstance(m, Later) for m in field.metadata) and value == field.default:
            continue
        former = {m.word: m.former for m in field.metadata if isinstance(m, Formerly)}
        out[name] = former[value] if former and value in former else _plain(value)
    return out


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return computing(value)
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
