"""The model card: one backbone, its pretraining sources and its recipes; and the template for a library's."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from faultboard.declare.dataset import Modality
from faultboard.declare.schema import DESCRIBES, LATER, Card, Flag, Formerly, Strict, Text, one_or_many
from faultboard.declare.task import Validation

Setting = str | int | float | None


def _nothing_said(value: Any) -> Any:
    return {} if value is None else value


class Layers(Strict):
    """Names of the parts that regimes speak of."""

    first: str | None = None
    head: str
    width: int
    pool: Annotated[str | None, LATER] = None


class Preprocessing(Strict):
    """How the pictures were prepared that the weights were trained on.

    Mean and deviation are of pixels in [0, 1], a channel each, in the order of the channels.
    """

    resize: int = 256
    crop: int = 224
    mean: list[float] = [0.485, 0.456, 0.406]
    std: list[float] = [0.229, 0.224, 0.225]
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"
    order: Annotated[Literal["rgb", "bgr"], LATER] = "rgb"


class Pretraining(Strict):
    """Where a backbone's weights come from. Empty for random weights and for hand-made features.

    A ``file`` alone has no public address: it is looked for where weights lie. ``sha256`` may be its first digits
    (at least eight) where the publisher states no more, as in the names of torchvision's and timm's files. A ``url``
    whose hash nobody has published has none: `fetch` prints it, and rows are unavailable until the card says it.
    ``counts_as`` names the source that contrasts take it for (another training on the same data), by default itself.
    """

    url: Annotated[list[str], DESCRIBES, BeforeValidator(one_or_many)] = []
    package: Text = ""
    file: Text = ""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{8,64}$")] | None = None
    bytes: Annotated[int | None, DESCRIBES] = None
    licence: Text = ""
    trained_on: Annotated[list[str], DESCRIBES] = []
    counts_as: Annotated[str, DESCRIBES] = ""
    keys: str = "same"
    preprocessing: Preprocessing = Preprocessing()

    @property
    def comes_from_a_file(self) -> bool:
        """Whether there are weights to load."""
        return bool(self.url or self.package or self.file)

    @model_validator(mode="after")
    def _hash(self) -> Pretraining:
        if (self.package or self.file) and not self.sha256:
            raise ValueError("weights need a sha256: a file that may change cannot be cited")
        return self


class Head(Strict):
    """A head that is trained by gradient; without one, a frozen backbone's features go to logistic regression.

    ``pool: attention`` replaces the mean over a feature map by a weighted one: a 1x1 convolution to ``attention``
    channels, ReLU, a 1x1 convolution to one, softmax over the places. ``attention_over_time`` does so with the
    embeddings of a window's patches, for a network that cuts it into some.
    """

    pool: Literal["mean", "attention", "attention_over_time"] = "mean"
    attention: Annotated[int, Field(ge=1)] = 256
    hidden: int | None = None
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0


class Decay(Strict):
    """Settings of the schedules ``step`` (every so many epochs) and ``plateau`` (patience, in epochs)."""

    every: Annotated[int, Field(ge=1)] = 1
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    patience: Annotated[int, Field(ge=0)] = 5
    least: float = 0.0


class Augmentation(Strict):
    """Changes to training windows, drawn anew each epoch. A 0 changes nothing.

    ``rotation`` in degrees; ``flip`` left to right; ``shift`` and ``zoom`` as shares of the picture; ``crop`` the
    least area of a resized crop; ``colour`` jitter of brightness and contrast; ``time_mask`` and ``frequency_mask``
    the widest stripe in pixels; ``mixup`` the alpha of its beta distribution; ``noise`` a signal-to-noise ratio in
    dB and ``time_shift`` a share of the window, both on the signal before its front end. What comes in from outside
    of a picture is black, and so is a stripe.
    """

    rotation: float = 0.0
    flip: Flag = False
    shift: float = 0.0
    zoom: float = 0.0
    crop: float = 0.0
    colour: float = 0.0
    time_mask: int = 0
    frequency_mask: int = 0
    mixup: float = 0.0
    noise: float | None = None
    time_shift: float = 0.0


class Recipe(Strict):
    """How a model is trained.

    ``regime`` is a word of `faultboard.models.regimes`, by default the recipe's name; ``layers`` are what ``partial``
    trains. Whoever uses a card checks that they fit: this room does not know the words.
    ``early_stopping`` is how many epochs the validation loss may fail to fall; the best epoch's weights are used.
    ``validation`` says what it watches where a source watched something else than `tasks.validation` draws: a share
    of the training side, or ``test``, the mistake of choosing the epoch on what is tested.
    ``as_published`` says which mistake of its source a recipe repeats. Its row is marked, and no rank, gap, contrast or
    claim uses it.
    ``batch_norm`` says which batch norms take their statistics from the batch in training and keep a moving mean of
    them: those among layers that learn (``trained``), every one (``moving``), or none (``fixed``), as where a publisher
    has folded them into the weights. Of a frozen backbone, ``data`` takes them from all windows of the task, without
    their labels, before its features are computed: random weights as initialised may let next to no signal pass.
    ``norm_momentum`` is the share by which a batch moves that mean, where the network's own is meant for more steps
    than a recipe has.
    ``layer_decay`` multiplies the rate from one block to the one before it. ``class_weight: proportional`` weighs a
    class by its frequency, which is a source's mistake for the inverse that ``balanced`` means.

    ``grid`` are settings to choose from for what is fitted on features: by the task's headline on inner folds of the
    training side, which hold out what the protocol holds out. ``components`` among them are those of a principal
    component analysis before it; without a number there is none.

    A recipe of a paper may feed the network as the paper did: ``input`` stands in the place of the card's, so that
    the recipe takes those modalities alone, and its ``input_settings`` then are all there are; ``preprocessing``
    stands in the place of the weights' own; ``arguments`` are added to the builder's.
    """

    regime: str | None = None
    layers: list[str] = []
    optimiser: Literal["adamw", "adam", "sgd"] = "adamw"
    rate: float = 1e-3
    weight_decay: float = 0.01
    layer_decay: Annotated[float, Field(gt=0, le=1), LATER] = 1.0
    schedule: Literal["constant", "cosine", "step", "plateau"] = "cosine"
    decay: Annotated[Decay, LATER] = Decay()
    warm_up: Annotated[int, Field(ge=0), LATER] = 0
    epochs: Annotated[int, Field(ge=1)] = 10
    batch: Annotated[int, Field(ge=1)] = 32
    dtype: Literal["float32", "bfloat16"] = "float32"
    class_weight: Literal["none", "balanced", "proportional"] = "none"
    batch_norm: Annotated[Literal["trained", "moving", "fixed", "data"], Formerly("trained", "frozen")] = "trained"
    norm_momentum: Annotated[Annotated[float, Field(gt=0, le=1)] | None, LATER] = None
    head: Annotated[Head | None, LATER] = None
    augmentation: Annotated[Augmentation, LATER] = Augmentation()
    early_stopping: Annotated[Annotated[int, Field(ge=1)] | None, LATER] = None
    validation: Annotated[Validation | Literal["test"] | None, LATER] = None
    as_published: Text = ""
    input: Annotated[dict[Modality, str], LATER] = {}
    input_settings: Annotated[dict[str, Setting], LATER] = {}
    preprocessing: Annotated[Preprocessing | None, LATER] = None
    arguments: Annotated[dict[str, Setting], LATER] = {}
    settings: dict[str, Setting] = {}
    grid: Annotated[dict[str, Annotated[list[Setting], Field(min_length=2)]], LATER] = {}

    @model_validator(mode="after")
    def _chooses(self) -> Recipe:
        for size in self.grid.get("components", []):
            if size is not None and (not isinstance(size, int) or size < 1):
                raise ValueError(f"grid.components: '{size}': say whole numbers from 1 on, or null for none")
        if again := sorted(self.grid.keys() & self.settings.keys()):
            raise ValueError(f"'{again[0]}' stands in 'settings' and in 'grid': say it once")
        if "random_state" in self.grid:
            raise ValueError("grid.random_state: a lucky seed is no setting")
        return self

    @model_validator(mode="after")
    def _warms_up_in_time(self) -> Recipe:
        if self.warm_up >= self.epochs:
            raise ValueError(f"warm_up of {self.warm_up} in {self.epochs} epochs: the schedule never begins")
        return self

    @property
    def attends(self) -> bool:
        """Whether the feature map is pooled by attention."""
        return self.head is not None and self.head.pool == "attention"

    @property
    def attends_over_time(self) -> bool:
        """Whether the patches of a window are pooled by attention."""
        return self.head is not None and self.head.pool == "attention_over_time"

    @property
    def mark(self) -> str:
        """What the tables say beside its row: that it repeats a mistake of its source, and whether it saw the test."""
        if self.validation == "test":
            return "chosen on test"
        return "as published" if self.as_published else ""

    @model_validator(mode="after")
    def _watches(self) -> Recipe:
        if self.validation and self.early_stopping is None:
            raise ValueError("'validation' is what early_stopping watches: say how many epochs it waits")
        if self.validation == "test" and not self.as_published:
            raise ValueError("only a row that repeats its source may look at the test side: say 'as_published'")
        return self


class ModelCard(Card):
    """One backbone."""

    kind: ClassVar[str] = "model"

    title: Text
    builder: str
    arguments: dict[str, Setting] = {}
    input: Annotated[dict[Modality, str], Field(min_length=1)]
    input_settings: dict[str, Setting] = {}
    layers: Layers | None = None
    parameters: Annotated[int | None, DESCRIBES] = None
    pretraining: Annotated[dict[str, Annotated[Pretraining, BeforeValidator(_nothing_said)]], Field(min_length=1)]
    recipes: Annotated[dict[str, Annotated[Recipe, BeforeValidator(_nothing_said)]], Field(min_length=1)]
    note: Text = ""
    citation: Text = ""
    version: Annotated[int, DESCRIBES] = 1

    @property
    def is_network(self) -> bool:
        """Whether the backbone is a network and not a set of hand-made features."""
        return self.layers is not None

    def regime(self, recipe: str) -> str:
        """Regime of a recipe, as the card says it: checked where the model is used."""
        return self.recipes[recipe].regime or recipe

    @model_validator(mode="after")
    def _pools(self) -> ModelCard:
        for name, recipe in self.recipes.items():
            if recipe.attends and not (self.layers and self.layers.pool):
                raise ValueError(f"recipes.{name}: attention needs layers.pool, the module that pools the feature map")
        return self


class ModelTemplate(Card):
    """A card for every network of a library: ``LIBRARY/NAME.yaml`` serves ``LIBRARY/resnet18`` and all others.

    ``fields`` names the function that says of one network what differs: builder, layers, pretraining, ....
    """

    kind: ClassVar[str] = "template"

    title: Text
    fields: str
    input: Annotated[dict[Modality, str], Field(min_length=1)]
    input_settings: dict[str, Setting] = {}
    recipes: Annotated[dict[str, Annotated[Recipe, BeforeValidator(_nothing_said)]], Field(min_length=1)]
    note: Text = ""
    citation: Text = ""
