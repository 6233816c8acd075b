"""What is known of a system, as data: one TOML file per id in `cards/`.

A card holds every fact that is not the network itself: the paper, how the crops of a data set
become its input, what its published files are called and how their tensor names map to ours. A
quirk of a checkpoint is an entry here, never a branch in the code.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bench.core.plugins import plugin_folder, plugins
from bench.errors import DataError, UsageError

__all__ = [
    "PLUGINS",
    "Card",
    "FaceInput",
    "MouthInput",
    "Paper",
    "WeightFile",
    "known_cards",
    "read_card",
    "shipped_cards",
]

Setting = bool | int | float | str

# Entry points of this group name modules with `build(settings)`; their card lies beside them.
PLUGINS = "bench.separators"

_FOLDER = Path(__file__).parent / "cards"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Paper(_Part):
    """Where the system was published."""

    title: str
    authors: str
    venue: str
    year: int
    url: str
    code: str | None = None
    code_licence: str | None = None


class MouthInput(_Part):
    """How the stored crops (uint8, `(frames, 96, 96)`) become the network's mouths.

    The steps are: `crop` to `size`, keep `rows` from the top (all unless told otherwise), divide by
    `divide_by`, subtract `mean`, divide by `std`; computed in float64 and given as float32.

    Attributes:
        stream: "mouth" (grey mouth crops) or "face_track" (whole faces, turned to grey).
        crop: "centre" cuts the middle, "resize" scales bilinearly, "none" keeps the size.
        convention: "published", or "ours" where the authors leave it open; printed with the row.
        note: What to know about it, one sentence.
    """

    stream: Literal["mouth", "face_track"] = "mouth"
    crop: Literal["centre", "resize", "none"] = "centre"
    size: int = 88
    rows: int | None = None
    divide_by: float = 255.0
    mean: float = 0.421
    std: float = 0.165
    convention: Literal["published", "ours"] = "published"
    note: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of a frame as the network receives it."""
        return (min(self.rows or self.size, self.size), self.size)


class FaceInput(_Part):
    """How the stored face image (uint8, `(224, 224, 3)`, red, green, blue) becomes the network's.

    The steps are: divide by `divide_by`, subtract `mean`, divide by `std`, one of each per colour
    (those of ImageNet unless told otherwise); computed in float64 and given as float32.

    Attributes:
        size: Height and width.
        convention: "published", or "ours" where the authors leave it open; printed with the row.
        note: What to know about it, one sentence.
    """

    size: int = 224
    divide_by: float = 255.0
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    convention: Literal["published", "ours"] = "published"
    note: str = ""


class WeightFile(_Part):
    """One published file, and how the tensors in it map to ours.

    Attributes:
        role: The argument of `load_separator` that takes it.
        part: The submodule it fills ("" = the whole separator).
        name: What the authors call the file.
        where: Where the authors publish it, for a person to follow.
        url: A direct address for `--download`, where there is one.
        sha256: Of the published file, where known.
        prefixes: If some names start with one of these, only those are taken, without it
            (Lightning files hold several networks).
        older: Pairs (pattern, replacement) that turn earlier names into the published ones.
        duplicates: Pairs (pattern of a whole name, name that wins) of one parameter stored under
            two names.
        ignore: Patterns of names that published files are known to carry beside the network.
        renames: Pairs (pattern, replacement) from published names to ours, the first match wins.
    """

    role: Literal["checkpoint", "lip_checkpoint", "face_checkpoint"]
    part: str = ""
    name: str
    where: str
    url: str | None = None
    sha256: str | None = None
    prefixes: tuple[str, ...] = ()
    older: tuple[tuple[str, str], ...] = ()
    duplicates: tuple[tuple[str, str], ...] = ()
    ignore: tuple[str, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()


class Parameters(_Part):
    """Counted parameters of the published network; a test holds ours to them."""

    separator: int
    lip_encoder: int = 0
    face_encoder: int = 0

    @property
    def total(self) -> int:
        return self.separator + self.lip_encoder + self.face_encoder


class Card(_Part):
    """Everything that is known of one system beside its network.

    Attributes:
        id: What `load_separator` and the command line call it.
        module: Module of `bench.separators` whose `build(settings)` makes the network; a plug-in
            has its own.
        kind: "published" systems and "re-implementation"s (no public code exists) are networks;
            "own" are a user's; "oracle"s see the references; "baseline"s need no network.
        settings: The published hyper-parameters, every one of which `--set` can change.
        read_from_file: Settings that a weight file may choose without being asked for, because
            the authors published both readings.
        mouth_inputs: Named ways to feed the crops; "default" is used unless told otherwise.
        face_input: How one colour face of each speaker is fed; None = the network needs no face.
        look_ahead_s: Future that an output sample depends on; None = the whole mixture.
        smallest_chunk_s: Least audio that comes out at once; None = the whole mixture.
        notes: Sentences that must appear wherever the system does.
    """

    id: str
    name: str
    module: str = ""
    kind: Literal["published", "re-implementation", "own", "oracle", "baseline"]
    summary: str
    paper: Paper | None = None
    settings: dict[str, Setting] = Field(default_factory=dict)
    read_from_file: tuple[str, ...] = ()
    mouth_inputs: dict[str, MouthInput] = Field(default_factory=dict)
    face_input: FaceInput | None = None
    look_ahead_s: float | None = None
    smallest_chunk_s: float | None = None
    parameters: Parameters | None = None
    files: tuple[WeightFile, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_network(self) -> bool:
        """Whether there are weights to load."""
        return self.kind in ("published", "re-implementation", "own")


def read_card(path: Path) -> Card:
    """Read and check one card.

    Raises:
        DataError: The file is not TOML, or an entry is missing, unknown or of the wrong type.
    """
    try:
        card = Card.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise DataError(f"the card {path} cannot be used: {error}") from error
    if card.id != path.stem:
        raise DataError(f"the card {path} has the id '{card.id}': name the file {card.id}.toml.")
    return card


@cache
def shipped_cards() -> dict[str, Card]:
    """All cards of the project by id."""
    return {path.stem: read_card(path) for path in sorted(_FOLDER.glob("*.toml"))}


def known_cards() -> dict[str, Card]:
    """All cards by id: the project's, and those of installed plug-ins.

    Raises:
        UsageError: A plug-in takes the id of a system of the project.
        DataError: A plug-in's card cannot be used.
    """
    cards = dict(shipped_cards())
    for name, point in plugins(PLUGINS).items():
        if name in cards:
            raise UsageError(
                f"the plug-in {point.value} calls its separator '{name}', which is one of the "
                "project's; it needs another name."
            )
        cards[name] = read_card(plugin_folder(point) / f"{name}.toml")
    return cards
