"""The card of a data set: what it is, how it was made, what it holds, and the hashes that pin it.

A card is `card.toml` in the folder of its set (`datasets/<id>/` for what ships). The adapter it
names is a module of this package; nothing else has to change when a set is added.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bench.errors import DataError

__all__ = ["CARD_NAME", "Card", "CardList", "Fact", "read_card"]

CARD_NAME = "card.toml"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CardList(_Strict):
    """The mixture list of a set.

    Attributes:
        file: Path relative to the card; absent where the list does not ship.
        url: Where its authors publish it.
        format: "gains" or "pairs"; see `lists`.
        sha256: Hash of its bytes.
        names_sha256: Hash of the names of its mixtures, one per line, sorted; where the list does
            not ship, so that results can be held against it all the same.
        mixtures: Number of mixtures.
        targets: Which voices of a line are scored, counted from 1.
    """

    file: str | None = None
    url: str | None = None
    format: Literal["gains", "pairs"] = "gains"
    sha256: Sha256
    names_sha256: Sha256 | None = None
    mixtures: int = Field(gt=0)
    targets: tuple[Literal[1, 2], ...] = (1, 2)


class Fact(_Strict):
    """Something that is known about a set.

    Attributes:
        fact: One sentence.
        source: Who says so, or on what it was counted.
    """

    fact: str
    source: str


class Card(_Strict):
    """Everything a reader or a program must know about a data set before opening it.

    Attributes:
        id: Name on the command line; the name of the folder.
        name: Name in tables and texts.
        version: Changes whenever a score on the set could change.
        adapter: Module of `bench.datasets` that knows the layout of the material.
        purpose: What the set is for; only a test set is ever ranked.
        summary: What it is.
        made: How it was made.
        caution: What must not be concluded from it.
        licence: Of the material.
        language: BCP 47 tag of what is spoken.
        word_references: Where the reference text of a word error rate comes from.
        cluster: What the resampling clusters are: "speaker", "video" or "talk".
        sample_rate: In hertz.
        frame_rate: Video frames per second.
        clip_s: Both voices are cut to their first `clip_s` seconds; absent = whole utterances.
        length: Of a mixture of whole utterances: "target" keeps voice 1 whole and cuts or pads
            voice 2 with silence, "shorter" cuts to the shorter, "longer" pads the shorter with
            silence. Clips are cut to the shorter.
        level: How voices are brought to one level before their gains: "active" by ITU-T P.56,
            "rms" by their plain power inside the mixture.
        material: Folder of the material relative to the card; a root given by the user replaces it.
            Absent when the material may not ship: then a root must be given.
        facts: What must be known about the list.
        counts: Figures by name.
        pins: SHA-256 of files of the material, by path.
        fingerprint: SHA-256 over all finished mixtures and references (see `Dataset.fingerprint`).
        mixture_list: The list.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str
    version: str
    adapter: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    purpose: Literal["test", "training"] = "test"
    summary: str
    made: str
    caution: str
    licence: str
    language: str
    word_references: str
    cluster: Literal["speaker", "video", "talk"]
    sample_rate: int = 16000
    frame_rate: int = 25
    clip_s: float | None = Field(default=None, gt=0)
    length: Literal["target", "shorter", "longer"] = "target"
    level: Literal["active", "rms"] = "active"
    material: str | None = None
    facts: tuple[Fact, ...] = ()
    counts: dict[str, float] = Field(default_factory=dict)
    pins: dict[str, Sha256] = Field(default_factory=dict)
    fingerprint: Sha256 | None = None
    mixture_list: CardList


def read_card(path: Path) -> Card:
    """Read and check a card.

    Raises:
        DataError: The file is missing, is not TOML, or has a field that is wrong or unknown.
    """
    try:
        return Card.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise DataError(f"cannot read the card {path} ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"the card {path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DataError(
            f"the card {path} has a wrong field '{where}': {first['msg']}; correct the card."
        ) from error
