"""Reading YAML strictly.

YAML 1.2 with three refusals, because each of them has changed a number in silence elsewhere: a
duplicate key is an error, digits with a leading zero stay text (``007``), and ``yes`` and ``no`` are
text that only a flag turns into truth.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from faultboard.errors import CardError

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Strict(_LOADER):  # type: ignore[misc]
    """libyaml's safe loader with the scalars of YAML 1.2 and without duplicate keys."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key must be plain text", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key!r}", key_node.start_mark)
            seen.add(key)
        return dict(super().construct_mapping(node, deep=deep))


def _resolve(tag: str, pattern: str, first: list[str]) -> None:
    _Strict.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)


_resolve("null", r"^(?:null|~|)$", ["n", "~", ""])
_resolve("bool", r"^(?:true|false)$", ["t", "f"])
_resolve("int", r"^-?(?:0|[1-9][0-9]*)$", list("-0123456789"))
_resolve("float", r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)$", list("-0123456789"))


def _int(loader: Any, node: yaml.ScalarNode) -> int:
    return int(node.value)


def _float(loader: Any, node: yaml.ScalarNode) -> float:
    return float(node.value)


_Strict.add_constructor("tag:yaml.org,2002:int", _int)
_Strict.add_constructor("tag:yaml.org,2002:float", _float)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read one YAML file that must hold a mapping.

    Raises
    ------
    CardError
        With the file and the line: not UTF-8, not YAML, a duplicate key, or not a mapping.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Strict)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CardError(f"{path}:{line}: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CardError(f"{path}: not a YAML file in UTF-8: {' '.join(str(error).split())}") from None
    except OSError as error:
        raise CardError(f"{path}: cannot be read: {error.strerror}") from None
    if not isinstance(content, dict):
        raise CardError(f"{path}:1: a card is a list of 'key: value' lines")
    return content


@lru_cache(maxsize=16)
def _nodes(text: str) -> yaml.Node | None:
    return yaml.compose(text, Loader=_Strict)


def line_of(path: Path, place: tuple[str | int, ...]) -> int:
    """Line (from 1) of the deepest part of ``place`` that stands in the file."""
    node = _nodes(path.read_text(encoding="utf-8"))
    line = 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            entry = next(((k, v) for k, v in node.value if k.value == str(step)), None)
            if entry is None:
                break
            line, node = entry[0].start_mark.line + 1, entry[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line
