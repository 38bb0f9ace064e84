"""Where cards are found: the root's four folders first, the built-in ones after."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from faultboard.declare.code import code_of, load_function
from faultboard.declare.dataset import DatasetCard, Modality
from faultboard.declare.model import ModelCard, ModelTemplate, Preprocessing, Pretraining, Recipe, Setting
from faultboard.declare.names import did_you_mean, matching
from faultboard.declare.schema import Card
from faultboard.declare.suite import SuiteCard
from faultboard.declare.task import TaskCard, level_parts
from faultboard.errors import CardError

_Card = TypeVar("_Card", bound=Card)

_FOLDERS: dict[str, tuple[str, str]] = {
    "dataset": ("datasets", "*.yaml"),
    "model": ("models", "*.yaml"),
    "template": ("models", "*/NAME.yaml"),
    "task": ("tasks", "*/*.yaml"),
    "suite": ("benchmarks", "*.yaml"),
}


@dataclass(frozen=True)
class Model:
    """``backbone.pretraining.recipe``: a row of the tables."""

    card: ModelCard
    source: str
    recipe_name: str

    @property
    def id(self) -> str:
        """Name of the row."""
        return f"{self.card.id}.{self.source}.{self.recipe_name}"

    @property
    def pretraining(self) -> Pretraining:
        """Where the weights come from."""
        return self.card.pretraining[self.source]

    @property
    def counts_as(self) -> str:
        """Source that contrasts take its weights for."""
        return self.pretraining.counts_as or self.source

    def has_seen(self, dataset: DatasetCard) -> bool:
        """Whether its weights were trained on a data set, by its id, its title or another name that its card says."""

        def plain(name: str) -> str:
            return re.sub(r"[\W_]", "", name).casefold()

        names = {plain(name) for name in (dataset.id, dataset.title, *dataset.also_known_as)}
        return not names.isdisjoint(plain(name) for name in self.pretraining.trained_on)

    @property
    def recipe(self) -> Recipe:
        """How it is trained."""
        return self.card.recipes[self.recipe_name]

    @property
    def regime(self) -> str:
        """What of it is trained, as its card says it."""
        return self.card.regime(self.recipe_name)

    @property
    def input(self) -> dict[Modality, str]:
        """Front end of each modality that it takes."""
        return self.recipe.input or self.card.input

    @property
    def input_settings(self) -> dict[str, Setting]:
        """Settings of its front ends."""
        return ({} if self.recipe.input else self.card.input_settings) | self.recipe.input_settings

    @property
    def preprocessing(self) -> Preprocessing:
        """How its pictures are prepared: as the weights', unless the recipe says otherwise."""
        return self.recipe.preprocessing or self.pretraining.preprocessing

    @property
    def arguments(self) -> dict[str, Setting]:
        """What its builder is given."""
        return self.card.arguments | self.recipe.arguments

    @property
    def has_weights(self) -> bool:
        """Whether the weights come from a file."""
        return self.pretraining.comes_from_a_file


class Catalogue:
    """Every card that a root sees.

    Parameters
    ----------
    root : Path
        Folder with any of ``datasets/ models/ tasks/ benchmarks/``; ``data/`` and ``results/`` are its.
    builtin : Path
        Folder of the built-in cards. A card of the root hides a built-in one of the same id.
    """

    def __init__(self, root: Path, builtin: Path | None = None) -> None:
        self.root = root.resolve()
        self.builtin = (builtin or builtin_cards()).resolve()
        self._loaded: dict[Path, Card] = {}
        self._filled: dict[str, ModelCard] = {}

    @cached_property
    def paths(self) -> dict[str, dict[str, Path]]:
        """File of each card, by kind and id."""
        by_kind: dict[str, dict[str, Path]] = {}
        for kind in _FOLDERS:
            cards = dict(self._in(self.builtin, kind))
            if self.root != self.builtin:
                cards |= dict(self._in(self.root, kind))
            by_kind[kind] = dict(sorted(cards.items()))
        self._refuse_shared_ids(by_kind)
        return by_kind

    @staticmethod
    def _in(root: Path, kind: str) -> Iterable[tuple[str, Path]]:
        folder, pattern = _FOLDERS[kind]
        for path in sorted((root / folder).glob(pattern)):
            yield path.relative_to(root / folder).with_suffix("").as_posix(), path

    @staticmethod
    def _refuse_shared_ids(paths: dict[str, dict[str, Path]]) -> None:
        """``fetch NAME`` must mean one thing."""
        kinds = ("dataset", "model", "suite")
        for i, first in enumerate(kinds):
            for second in kinds[i + 1 :]:
                for name in paths[first].keys() & paths[second].keys():
                    raise CardError(f"{paths[second][name]}: '{name}' is already the {first} of {paths[first][name]}")

    def hidden(self, kind: str) -> list[str]:
        """Built-in cards that a card of the root replaces."""
        if self.root == self.builtin:
            return []
        return sorted(dict(self._in(self.root, kind)).keys() & dict(self._in(self.builtin, kind)).keys())

    def _card(self, kind: type[_Card], name: str) -> _Card:
        known = self.paths[kind.kind]
        if name not in known:
            raise CardError(f"no {kind.kind} '{name}'.{did_you_mean(name, known)}")
        path = known[name]
        if path not in self._loaded:
            self._loaded[path] = kind.load(path, name)
        card = self._loaded[path]
        assert isinstance(card, kind)
        return card

    def dataset(self, name: str) -> DatasetCard:
        """Dataset card of this id."""
        return self._card(DatasetCard, name)

    def suite(self, name: str) -> SuiteCard:
        """Suite card of this id."""
        return self._card(SuiteCard, name)

    def backbone(self, name: str) -> ModelCard:
        """Model card of this id: its own, or a template's (``timm/resnet18``)."""
        if name in self.paths["model"] or not self.has_backbone(name):
            return self._card(ModelCard, name)
        if name not in self._filled:
            library, _, network = name.partition("/")
            template = self.template(f"{library}/NAME")
            fields = load_function(*code_of(template.path, template.fields, "fields"))
            shared = template.model_dump(exclude={"fields"}, exclude_unset=True)
            card = ModelCard.model_validate(shared | fields(network))
            card._path, card._id = template.path, name
            self._filled[name] = card
        return self._filled[name]

    def template(self, name: str) -> ModelTemplate:
        """Template of this id, such as ``timm/NAME``."""
        return self._card(ModelTemplate, name)

    def has_backbone(self, name: str) -> bool:
        """Whether a card of this id is here, or a template that may know it."""
        library, _, network = name.partition("/")
        return name in self.paths["model"] or bool(network and f"{library}/NAME" in self.paths["template"])

    def task(self, name: str) -> TaskCard:
        """Task card of this id, or of this last part of an id where only one task has it."""
        card = self._card(TaskCard, self.one_of("task", name))
        if card.dataset not in self.paths["dataset"]:
            near = did_you_mean(card.dataset, self.paths["dataset"])
            raise CardError(f"{card.at('dataset')}: no dataset '{card.dataset}'.{near}")
        dataset = self.dataset(card.dataset)
        _check_task(card, dataset)
        return card

    def one_of(self, kind: str, name: str) -> str:
        """Full id that a name or the last part of one means."""
        meant = matching(name, self.paths[kind])
        if len(meant) > 1:
            raise CardError(f"'{name}' may be {' or '.join(meant)}: say which")
        return meant[0] if meant else name

    def card(self, name: str) -> Card:
        """Card of this id, of whatever kind.

        Raises
        ------
        CardError
            There is none.
        """
        loaders = {"dataset": self.dataset, "model": self.backbone, "suite": self.suite, "task": self.task}
        for kind, load in loaders.items():
            full = self.one_of(kind, name)
            if full in self.paths[kind] or (kind == "model" and self.has_backbone(full)):
                return load(full)
        every = [name for kind in self.paths.values() for name in kind]
        raise CardError(f"no card '{name}'.{did_you_mean(name, every)}")

    def model(self, name: str) -> Model:
        """Model of a full name ``backbone.pretraining.recipe``."""
        backbone, _, rest = name.partition(".")
        source, _, recipe = rest.partition(".")
        if not self.has_backbone(backbone) or not source or not recipe:
            raise CardError(f"no model '{name}'.{did_you_mean(name, [m.id for m in self.models()])}")
        card = self.backbone(backbone)
        for part, known in ((source, card.pretraining), (recipe, card.recipes)):
            if part not in known:
                raise CardError(f"no model '{name}': {card.path.name} has no '{part}'.{did_you_mean(part, known)}")
        return Model(card, source, recipe)

    def models(self, also: Iterable[str] = ()) -> list[Model]:
        """Every ``backbone.pretraining.recipe`` that has a card.

        Parameters
        ----------
        also : iterable of str
            Names or globs of models; the backbones among them that a template serves are added.
        """
        backbones = [pattern.partition(".")[0] for pattern in also]
        served = [name for name in backbones if self.has_backbone(name)]
        cards = [self.backbone(name) for name in dict.fromkeys([*self.paths["model"], *served])]
        return [Model(c, source, recipe) for c in cards for source in c.pretraining for recipe in c.recipes]

    def expand(self, patterns: list[str], known: list[str], what: str, place: Path | str) -> list[str]:
        """Names that globs mean, in the order of the globs, each once; a glob without any is an error."""
        out: dict[str, None] = {}
        for pattern in patterns:
            meant = matching(pattern, known)
            if not meant:
                prefix = f"{place}: " if place else ""
                raise CardError(f"{prefix}no {what} '{pattern}'.{did_you_mean(pattern, known)}")
            out |= dict.fromkeys(meant)
        return list(out)


def _check_task(card: TaskCard, dataset: DatasetCard) -> None:
    """Names that a task takes from its dataset's card must stand there."""
    groups = [*dataset.groups, "recording"]
    columns = [*groups, *dataset.classes]
    if card.label not in dataset.classes:
        near = did_you_mean(card.label, dataset.classes)
        raise CardError(f"{card.at('label')}: no label '{card.label}' in {dataset.id}.{near}")
    for name, values in card.class_values.items():
        for value in values:
            if value not in dataset.classes[card.label]:
                near = did_you_mean(value, dataset.classes[card.label])
                raise CardError(f"{card.at('classes')}: {dataset.id} has no class '{value}' ({name}).{near}")
    for number, (column, _) in enumerate(map(level_parts, card.level)):
        # stored predictions hold the group columns alone; a class is what is scored, not what windows belong to
        if column not in [*groups, "window"]:
            near = did_you_mean(column, groups)
            raise CardError(f"{card.at('level', number)}: no group column '{column}' in {dataset.id}.{near}")
    for column in card.where:
        if column not in [*columns, "rate"]:
            near = did_you_mean(column, columns)
            raise CardError(f"{card.at('where', column)}: no column '{column}' in {dataset.id}.{near}")
    for name, protocol in card.protocols.items():
        for column in [*protocol.separates, *protocol.leaks, *([protocol.by] if protocol.by else [])]:
            if column not in columns:
                near = did_you_mean(column, columns)
                raise CardError(f"{card.at('protocols', name)}: no column '{column}' in {dataset.id}.{near}")


def builtin_cards() -> Path:
    """Folder of the built-in cards: the repository the engine runs from, else the installed package."""
    package = Path(__file__).parents[1]
    repository = package.parents[1]
    if (repository / "pyproject.toml").is_file() and (repository / "benchmarks").is_dir():
        return repository
    return package / "cards"


def find_root(given: Path | None = None, start: Path | None = None) -> Path:
    """Root to work on: the given one, else the nearest parent with cards, else the current folder.

    Raises
    ------
    CardError
        The given folder is not there.
    """
    if given is not None:
        if not given.is_dir():
            raise CardError(f"--root {given}: there is no such folder")
        return given.resolve()
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if any(folder.glob("tasks/*/*.yaml")) or any(folder.glob("benchmarks/*.yaml")):
            return folder
    return here
