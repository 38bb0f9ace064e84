"""Vocabularies: words that cards use, each a file of its name in one folder.

A metric, a split, a regime, a level, an executor or a writer is one file. It is found by being there, and it is the one
place that holds what it needs, what it computes and its words; everything else asks the vocabulary. The names are
those of the files, so that cards are checked and lists are printed without importing what computes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Generic, TypeVar

from faultboard.declare.names import did_you_mean
from faultboard.errors import CardError

Entry = TypeVar("Entry")


class Vocabulary(Generic[Entry]):
    """The entries of one package, by name.

    Parameters
    ----------
    package : str
        Package whose modules each hold one entry.
    kind : type
        What an entry is: the one object of it in a module is the module's.
    what : str
        What a word of it is called, in messages: ``metric``.
    """

    def __init__(self, package: str, kind: type[Entry], what: str) -> None:
        self._package, self._kind, self.what = package, kind, what
        self._loaded: dict[str, Entry] = {}

    @cached_property
    def names(self) -> list[str]:
        """Every name, sorted."""
        spec = find_spec(self._package)
        assert spec is not None
        folders = [Path(place) for place in spec.submodule_search_locations or []]
        files = [path for folder in folders for path in folder.glob("*.py")]
        return sorted(path.stem for path in files if not path.stem.startswith("_"))

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> Entry:
        """Entry of this name.

        Raises
        ------
        CardError
            There is none, and the message names the nearest; or its file does not hold one entry.
        """
        if name not in self._loaded:
            self.check(name)
            module = self._import(name)
            entries = [value for value in vars(module).values() if isinstance(value, self._kind)]
            if len(entries) != 1:
                count = f"{len(entries)} objects of {self._kind.__name__}"
                raise CardError(f"{module.__file__}: holds {count}: the file of a {self.what} makes or imports one")
            self._loaded[name] = entries[0]
        return self._loaded[name]

    def _import(self, name: str) -> ModuleType:
        try:
            return import_module(f"{self._package}.{name}")
        except SyntaxError as error:
            raise CardError(f"{error.filename}:{error.lineno}: {error.msg}") from None
        except Exception as error:
            raise CardError(
                f"the file of {self.what} '{name}' does not import: {type(error).__name__}: {error}"
            ) from error

    def check(self, name: str, at: str = "") -> None:
        """Refuse a word that is none.

        Parameters
        ----------
        at : str, optional
            Where it stands, for the message: file and key.

        Raises
        ------
        CardError
            One line with the place, the word and the nearest ones.
        """
        if name not in self.names:
            raise CardError(f"{at and f'{at}: '}no {self.what} '{name}'.{did_you_mean(name, self.names)}")
